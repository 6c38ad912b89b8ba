// SPDX-License-Identifier: Apache-2.0
/** What differs between provider, ledger, shifts, meters and relays of a day. Pure. */
import type { CloseItem, CloseItemKind, PaymentMeans } from '@wattledger/contracts/http/billing';

export interface LedgerMovement {
  readonly postingId: string;
  readonly receiptNumber: number;
  readonly means: PaymentMeans;
  /** Vends positive, reversals negative. */
  readonly amountMicros: number;
  /** Reference typed at the counter, or the provider's own name of an online payment. */
  readonly reference: string | null;
  readonly inClosedShift: boolean;
}
export interface ProviderLine {
  readonly provider: string;
  readonly paymentRef: string;
  readonly means: PaymentMeans;
  readonly amountMicros: number;
}
export interface DayFacts {
  readonly movements: readonly LedgerMovement[];
  readonly provider: readonly ProviderLine[];
  readonly shifts: readonly {
    readonly shiftNumber: number;
    readonly state: 'open' | 'closed';
    readonly differenceMicros: number | null;
  }[];
  /** Point days that do not close: Σ slots against charged + unpriced. */
  readonly energyFaults: readonly {
    readonly meteringPointId: string;
    readonly slots: number;
    readonly told: number;
  }[];
  readonly unpriced: readonly { readonly meteringPointId: string; readonly consumption: number }[];
  readonly relays: readonly {
    readonly meterId: string;
    readonly desired: string;
    readonly reported: string;
  }[];
}

type NewItem = Omit<CloseItem, 'answer'>;
const item = (
  kind: CloseItemKind,
  subject: string,
  more: Partial<Pick<NewItem, 'amountMicros' | 'otherMicros' | 'consumption'>> = {},
): NewItem => ({
  key: `${kind}/${subject}`,
  kind,
  subject,
  amountMicros: null,
  otherMicros: null,
  consumption: null,
  ...more,
});

export const itemsOf = (facts: DayFacts): readonly NewItem[] => [
  ...providerItems(facts),
  ...shiftItems(facts),
  ...facts.energyFaults.map((fault) =>
    item('energy-differs', fault.meteringPointId, { consumption: fault.slots - fault.told }),
  ),
  ...facts.unpriced.map((point) =>
    item('energy-unpriced', point.meteringPointId, { consumption: point.consumption }),
  ),
  ...facts.relays.map((relay) =>
    item('relay-differs', `${relay.meterId}: ${relay.desired}/${relay.reported}`),
  ),
];

/** Money that a bank or provider also knows of. Cheques and cash are counted by hand, in shifts. */
const provided: readonly PaymentMeans[] = ['card', 'transfer', 'online'];

function providerItems({ movements, provider }: DayFacts): readonly NewItem[] {
  return provided.flatMap((means) => {
    const ours = movements.filter((movement) => movement.means === means);
    const theirs = provider.filter((line) => line.means === means);
    const sum = ours.reduce((total, movement) => total + movement.amountMicros, 0);
    if (ours.length > 0 && theirs.length === 0)
      return [item('provider-statement-missing', means, { amountMicros: sum })];
    return compared(ours, theirs);
  });
}

/** By reference first, then what has none by amount; what is left over differs. */
function compared(ours: readonly LedgerMovement[], theirs: readonly ProviderLine[]): readonly NewItem[] {
  const items: NewItem[] = [];
  const left = new Map(theirs.map((line) => [`${line.provider}/${line.paymentRef}`, line]));
  const take = (found: ProviderLine): void => void left.delete(`${found.provider}/${found.paymentRef}`);
  const unmatched: LedgerMovement[] = [];
  for (const movement of ours) {
    const found =
      movement.reference === null
        ? undefined
        : [...left.values()].find((line) => line.paymentRef === movement.reference);
    if (found === undefined) unmatched.push(movement);
    else {
      take(found);
      if (found.amountMicros !== movement.amountMicros)
        items.push(
          item('amount-differs', found.paymentRef, {
            amountMicros: movement.amountMicros,
            otherMicros: found.amountMicros,
          }),
        );
    }
  }
  const ofAmount = new Map<number, ProviderLine[]>();
  for (const line of left.values())
    ofAmount.set(line.amountMicros, [...(ofAmount.get(line.amountMicros) ?? []), line]);
  for (const movement of withoutTakenBack(unmatched)) {
    const found = ofAmount.get(movement.amountMicros)?.pop();
    if (found === undefined)
      items.push(item('provider-lacks', receiptOf(movement), { amountMicros: movement.amountMicros }));
    else take(found);
  }
  for (const line of left.values())
    items.push(
      item('ledger-lacks', `${line.provider} ${line.paymentRef}`, { otherMicros: line.amountMicros }),
    );
  return items;
}

/** A sale that was taken back the same day and that the provider never saw is nothing between us. */
function withoutTakenBack(movements: readonly LedgerMovement[]): readonly LedgerMovement[] {
  const sums = new Map<number, number>();
  for (const { receiptNumber, amountMicros } of movements)
    sums.set(receiptNumber, (sums.get(receiptNumber) ?? 0) + amountMicros);
  return movements.filter(({ receiptNumber }) => sums.get(receiptNumber) !== 0);
}

const receiptOf = ({ receiptNumber, amountMicros }: LedgerMovement): string =>
  `${receiptNumber}${amountMicros < 0 ? ' reversal' : ''}`;

function shiftItems({ shifts, movements }: DayFacts): readonly NewItem[] {
  const uncounted = movements.filter((movement) => movement.means === 'cash' && !movement.inClosedShift);
  const sum = uncounted.reduce((total, movement) => total + movement.amountMicros, 0);
  return [
    ...shifts
      .filter(({ state }) => state === 'open')
      .map((shift) => item('shift-open', String(shift.shiftNumber))),
    ...shifts
      .filter(({ differenceMicros }) => differenceMicros !== null && differenceMicros !== 0)
      .map((shift) =>
        item('shift-difference', String(shift.shiftNumber), { amountMicros: shift.differenceMicros }),
      ),
    ...(uncounted.length > 0 ? [item('cash-uncounted', `${uncounted.length}`, { amountMicros: sum })] : []),
  ];
}
