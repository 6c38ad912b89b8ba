// SPDX-License-Identifier: Apache-2.0
/** From a drawn step to a command about the accounts that are there. */
import { slotsOfLocalDay } from '@wattledger/contracts';
import { chargeBatch } from '../charging/charging-consumer.ts';
import { energy } from '../testing/messages.ts';
import { approver, approvePrices, cashier, drafter, finance } from '../testing/test-site.ts';
import { fact, openAccounts, pick, type FactOf } from './fact.ts';
import { ratesOf, termsOf } from './history.ts';
import { dayFacts, moneyFacts } from './money-facts.ts';
import { days, endMs, instant, slotsUntil, zone, type KnownAccount, type Story } from './story.ts';

/** A slot at which an account that is open could change. */
const slotSince = (story: Story, account: KnownAccount, drawn: number): number => {
  const last = slotsUntil(story.nowMs());
  const first = Math.max(0, Math.round((account.openedAtMs - instant(0)) / 1_800_000));
  return first + (drawn % Math.max(1, last - first + 1));
};
const id = (story: Story, index: number): string => (story.accounts[index] as KnownAccount).accountId;

const energyFacts: Readonly<Record<'energy' | 'energy-again', FactOf>> = {
  energy: (story, { kind, a, b, c }, place) => {
    const day = pick(days, a) as string;
    const { slotCount } = slotsOfLocalDay(zone, day, 30);
    const from = b % slotCount;
    const slots = Object.fromEntries(
      Array.from({ length: 1 + (c % 12) }, (_, index) => [
        String((from + index * (1 + (c % 3))) % slotCount),
        ((b + index * 977 + c) % 3_500) - 150,
      ]),
    );
    const point = (a >> 3) % story.points;
    // Not in the order of time: later words are told before earlier ones.
    const revision = 1_000 + ((place * 7919) % 100_003);
    const value = energy({
      projectId: story.project,
      meteringPointId: story.pointId(point),
      day,
      zone,
      slots,
      revision,
    });
    const again = pick(story.energies, c) ?? value;
    const values = [value, again];
    return fact({
      kind,
      values,
      run: async ({ stage }) => await charge(stage.parts, values),
      note: (told) => void told.energies.push(value),
    });
  },
  'energy-again': (story, { kind, a, b }) => {
    const values = [pick(story.energies, a), pick(story.energies, b)].flatMap((value) => value ?? []);
    if (values.length === 0) return null;
    return fact({ kind, values, run: async ({ stage }) => await charge(stage.parts, values) });
  },
};

export async function charge(
  parts: Parameters<typeof chargeBatch>[0],
  values: readonly ReturnType<typeof energy>[],
): Promise<void> {
  const records = values.map((value, offset) => ({
    key: value.meteringPointId,
    value,
    offset,
    recordedAtMs: 0,
  }));
  const commit = async (transaction: { query: (sql: string) => Promise<unknown> }): Promise<void> =>
    void (await transaction.query('SELECT 1'));
  await chargeBatch(parts, { records, commit });
}

/** Now or in the past, one point or two; a taken point is refused. */
const open: FactOf = (story, { kind, a, b, c }) => {
  const taken = new Set(openAccounts(story).flatMap((index) => story.accounts[index]?.points ?? []));
  const free = Array.from({ length: story.points }, (_, point) => point).filter(
    (point) => !taken.has(point) || a % 17 === 0,
  );
  const first = pick(free, a);
  if (first === undefined) return null;
  const second = b % 5 === 0 ? pick(free, a + 1) : undefined;
  const points = [...new Set([first, ...(second === undefined ? [] : [second])])];
  const last = slotsUntil(story.nowMs());
  const openedAtMs = instant(c % 4 === 0 ? last : c % (last + 1));
  const paidMicros = b % 3 === 0 ? 1_000_000 + b * 40 : 0;
  return fact({
    kind,
    run: async (told, requestId) =>
      (
        await told.stage.billing.accounts.open(
          told.project,
          [
            {
              requestId,
              tenantId: told.tenant(a),
              points: points.map((point) => ({
                meteringPointId: told.pointId(point),
                priceSchemeId: told.schemes[b % 2] as string,
              })),
              openedAtMs,
              alarm1Micros: 20_000_000,
              alarm2Micros: 5_000_000,
              protectedSupply: false,
              firstVend: paidMicros === 0 ? undefined : { amountMicros: paidMicros, means: 'cash' },
            },
          ],
          cashier,
        )
      )[0] as string,
    note: (told, accountId) =>
      void told.accounts.push({
        accountId,
        points,
        openedAtMs,
        closed: false,
        paidMicros,
        broughtMicros: 0,
      }),
  });
};

const change =
  (kind: 'change-scheme' | 'change-points'): FactOf =>
  (story, { a, b, c }) => {
    const account = pick(openAccounts(story), a);
    if (account === undefined) return null;
    const known = story.accounts[account] as KnownAccount;
    const fromMs = instant(slotSince(story, known, c));
    const own = pick(known.points, b) as number;
    const other = b % story.points;
    const add = b % 2 === 0;
    return fact({
      kind,
      run: async (told, requestId) => {
        const common = {
          requestId,
          accountId: id(told, account),
          fromMs,
          reason: 'agreed',
          dryRun: false as const,
        };
        const priceSchemeId = told.schemes[(b >> 2) % 2] as string;
        const point = (of: number) => ({ meteringPointId: told.pointId(of) });
        return await told.stage.billing.accounts.change(
          told.project,
          kind === 'change-scheme'
            ? { change: 'change-scheme', ...common, ...point(own), priceSchemeId }
            : add
              ? { change: 'add-point', ...common, ...point(other), priceSchemeId }
              : { change: 'remove-point', ...common, ...point(own) },
          cashier,
        );
      },
      note: (told, { changeId }) => void (changeId !== null && told.changes.push({ changeId, account })),
    });
  };

const changeTenant: FactOf = (story, { kind, a, b, c }) => {
  const account = pick(openAccounts(story), a);
  if (account === undefined) return null;
  const known = story.accounts[account] as KnownAccount;
  const atMs = instant(slotSince(story, known, c));
  return fact({
    kind,
    run: async (told, requestId) =>
      await told.stage.billing.accounts.changeTenant(
        told.project,
        {
          requestId,
          accountId: id(told, account),
          tenantId: told.tenant(b),
          atMs,
          reason: 'moved',
          rest: b % 2 === 0 ? 'refund' : 'carry-over',
          refundMeans: 'cash',
          acceptIncomplete: true,
          acceptObstacles: true,
          readings: [],
        },
        cashier,
      ),
    note: (told, { closed, openedAccountId, carriedMicros }) => {
      const old = told.accounts[account] as KnownAccount;
      old.closed = true;
      old.paidMicros -= closed.refundMicros + carriedMicros;
      const { points } = old;
      told.accounts.push({
        accountId: openedAccountId,
        points,
        openedAtMs: atMs,
        closed: false,
        paidMicros: carriedMicros,
        broughtMicros: 0,
      });
    },
  });
};

const close: FactOf = (story, { kind, a, c }) => {
  const account = pick(openAccounts(story), a);
  if (account === undefined) return null;
  const closedAtMs = instant(slotSince(story, story.accounts[account] as KnownAccount, c));
  return fact({
    kind,
    run: async (told, requestId) =>
      await told.stage.billing.accounts.close(
        told.project,
        {
          requestId,
          accountId: id(told, account),
          closedAtMs,
          reason: 'moved out',
          refundMeans: 'cash',
          acceptIncomplete: true,
          acceptObstacles: true,
        },
        cashier,
      ),
    note: (told, { refundMicros }) => {
      const known = told.accounts[account] as KnownAccount;
      known.closed = true;
      known.paidMicros -= refundMicros;
    },
  });
};

const accountFacts: Readonly<
  Record<
    | 'open'
    | 'change-scheme'
    | 'change-points'
    | 'undo-change'
    | 'change-tenant'
    | 'suspend'
    | 'close'
    | 'settle',
    FactOf
  >
> = {
  open,
  'change-scheme': change('change-scheme'),
  'change-points': change('change-points'),
  'change-tenant': changeTenant,
  close,
  'undo-change': (story, { kind, a }) => {
    const place =
      story.changes.length === 0
        ? undefined
        : story.changes.length - 1 - (a % Math.min(3, story.changes.length));
    if (place === undefined) return null;
    return fact({
      kind,
      run: async (told, requestId) => {
        const { changeId, account } = told.changes[place] as Story['changes'][number];
        const undo = { change: 'undo' as const, changeId, reason: 'mistake', dryRun: false as const };
        const request = { ...undo, requestId, accountId: id(told, account) };
        return await told.stage.billing.accounts.change(told.project, request, cashier);
      },
    });
  },
  suspend: (story, { kind, a, b }) => {
    const account = pick(openAccounts(story), a);
    if (account === undefined) return null;
    return fact({
      kind,
      run: async (told, requestId) => {
        const request = { requestId, accountId: id(told, account), reason: 'building works' };
        await told.stage.billing.accounts.setSuspended(told.project, b % 2 === 0, request, cashier);
      },
    });
  },
  settle: (story, { kind, a }) => {
    const closed = story.accounts.flatMap((known, index) => (known.closed ? [index] : []));
    const account = pick(closed, a);
    if (account === undefined) return null;
    return fact({
      kind,
      run: async (told, requestId) =>
        await told.stage.billing.accounts.settle(
          told.project,
          { requestId, accountId: id(told, account), reason: 'late energy', refundMeans: 'cash' },
          cashier,
        ),
      note: (told, { refundMicros }) =>
        void ((told.accounts[account] as KnownAccount).paidMicros -= refundMicros),
    });
  },
};

const priceFacts: Readonly<Record<'version' | 'approve-list' | 'withdraw', FactOf>> = {
  version: (story, { kind, a, b, c }, place) => {
    const scheme = a % 2;
    // The first of a scheme holds for all of it; later ones begin in the past, now, or some day.
    const first = !story.versions.some((version) => version.scheme === scheme);
    const effectiveFromMs = first ? 0 : instant(c % 600);
    const priceVersionId = `prv_${story.project}_${place}`;
    return fact({
      kind,
      run: async (told) => {
        const { site, billing } = told.stage;
        const priceSchemeId = told.schemes[scheme] as string;
        const { versions } = await site.billing.prices.get(told.project, priceSchemeId);
        if (!versions.some((version) => version.priceVersionId === priceVersionId)) {
          const rates = ratesOf(a, b);
          const draft = { effectiveFromMs, rates, terms: termsOf(c, rates), priceVersionId };
          await site.billing.prices.draftVersion(told.project, priceSchemeId, draft, drafter);
          await site.billing.prices.submit(told.project, priceSchemeId, priceVersionId, drafter);
        }
        if ((await stateOf(told, priceSchemeId, priceVersionId)) === 'submitted')
          await billing.prices.approve(told.project, priceSchemeId, priceVersionId, approver);
      },
      note: (told) => void told.versions.push({ scheme, priceVersionId }),
    });
  },
  'approve-list': (story, { kind, a }) => {
    const version = pick(story.versions, a);
    if (version === undefined) return null;
    return fact({
      kind,
      run: async (told) => {
        const ids = {
          ...version,
          projectId: told.project,
          priceSchemeId: told.schemes[version.scheme] as string,
        };
        await approvePrices(told.stage.billing, ids);
      },
    });
  },
  withdraw: (story, { kind, a, b }) => {
    const version = pick(story.versions.slice(2), a);
    if (version === undefined || b % 2 === 0) return null;
    return fact({ kind, run: async (told) => await withdraw(told, version) });
  },
};

const stateOf = async (story: Story, priceSchemeId: string, priceVersionId: string) =>
  (await story.stage.site.billing.prices.get(story.project, priceSchemeId)).versions.find(
    (version) => version.priceVersionId === priceVersionId,
  )?.state;

/** Whatever its state, and once. */
export async function withdraw(story: Story, version: Story['versions'][number]): Promise<void> {
  const priceSchemeId = story.schemes[version.scheme] as string;
  if ((await stateOf(story, priceSchemeId, version.priceVersionId)) === 'withdrawn') return;
  await story.stage.billing.prices.withdraw(story.project, priceSchemeId, version.priceVersionId, finance);
}

const clock: FactOf = (_story, { kind, a }) =>
  fact({
    kind,
    run: async ({ stage }) => {
      const { clock: time } = stage.site.parts;
      time.advance(Math.max(0, Math.min((1 + (a % 40)) * 1_800_000 + (a % 1000), endMs - time.nowMs())));
      await stage.billing.settle();
    },
  });

export const factOf: FactOf = (story, step, place) =>
  ({ ...energyFacts, ...accountFacts, ...priceFacts, ...moneyFacts, ...dayFacts, clock })[step.kind](
    story,
    step,
    place,
  );
