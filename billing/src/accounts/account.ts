// SPDX-License-Identifier: Apache-2.0
/** Opening and closing an account: what may be asked. Pure. */
import {
  slotLengthMs,
  type Medium,
  type MeteringPointSnapshot,
  type ProjectSnapshot,
  type TenantSnapshot,
} from '@wattledger/contracts';
import type { OpeningFaultCode, PaymentMeans, RegisterEvidence } from '@wattledger/contracts/http/billing';

export interface NewAccount {
  readonly requestId: string;
  /** Importers may give a stable id. */
  readonly accountId?: string | undefined;
  readonly tenantId: string;
  readonly points: readonly {
    readonly meteringPointId: string;
    readonly priceSchemeId: string;
    readonly contractedDemandW?: number | null | undefined;
  }[];
  readonly openedAtMs: number;
  readonly alarm1Micros: number;
  readonly alarm2Micros: number;
  readonly hysteresisMicros?: number | undefined;
  readonly protectedSupply: boolean;
  readonly firstVend?:
    | { readonly amountMicros: number; readonly means: PaymentMeans; readonly reference?: string | undefined }
    | undefined;
  /** Registers at the opening instant, as evidence. */
  readonly readings?: readonly RegisterEvidence[] | undefined;
}

export interface Fault {
  readonly path: string;
  readonly message: string;
}
export interface OpeningFault extends Fault {
  readonly code: OpeningFaultCode;
}

export interface OpeningFacts {
  readonly project: ProjectSnapshot;
  readonly tenant: TenantSnapshot | undefined;
  readonly points: ReadonlyMap<string, MeteringPointSnapshot>;
  /** Of the project's price schemes. */
  readonly mediumOfScheme: ReadonlyMap<string, Medium>;
  readonly nowMs: number;
}

/** Every fault of an opening, so that a form or a list can be put right at once. */
export function faultsOfOpening(account: NewAccount, facts: OpeningFacts): readonly OpeningFault[] {
  const faults: OpeningFault[] = [];
  const length = slotLengthMs(facts.project.slotMinutes);
  if (facts.tenant?.projectId !== facts.project.id) {
    faults.push({ path: 'tenantId', code: 'unknown', message: 'the project has no such tenant' });
  }
  if (account.openedAtMs % length !== 0) {
    faults.push({
      path: 'openedAtMs',
      code: 'off-slot-grid',
      message: `must be the start of a slot of ${facts.project.slotMinutes} minutes`,
    });
  }
  if (account.openedAtMs > facts.nowMs + length) {
    faults.push({ path: 'openedAtMs', code: 'in-the-future', message: 'must not lie beyond the next slot' });
  }
  if (account.alarm2Micros > account.alarm1Micros) {
    faults.push({
      path: 'alarm2Micros',
      code: 'thresholds-crossed',
      message: 'must be at most alarm1Micros: the second alarm is the deeper one',
    });
  }
  const seen = new Set<string>();
  account.points.forEach((point, index) => {
    const path = `points.${index}`;
    if (seen.has(point.meteringPointId))
      faults.push({ path: `${path}.meteringPointId`, code: 'twice', message: 'named twice' });
    seen.add(point.meteringPointId);
    faults.push(...faultsOfPoint(point, path, facts));
  });
  return faults;
}

function faultsOfPoint(
  point: { readonly meteringPointId: string; readonly priceSchemeId: string },
  path: string,
  facts: OpeningFacts,
): readonly OpeningFault[] {
  const snapshot = facts.points.get(point.meteringPointId);
  const medium = facts.mediumOfScheme.get(point.priceSchemeId);
  if (snapshot?.projectId !== facts.project.id) {
    return [
      { path: `${path}.meteringPointId`, code: 'unknown', message: 'the project has no such metering point' },
    ];
  }
  if (medium === undefined)
    return [
      { path: `${path}.priceSchemeId`, code: 'unknown', message: 'the project has no such price scheme' },
    ];
  if (medium !== snapshot.medium) {
    return [
      {
        path: `${path}.priceSchemeId`,
        code: 'other-medium',
        message: `is a scheme for ${medium}, the point measures ${snapshot.medium}`,
      },
    ];
  }
  return [];
}

/** An alarm stage is left a twentieth above the first threshold when nothing else was said. */
export const hysteresisOf = (account: Pick<NewAccount, 'alarm1Micros' | 'hysteresisMicros'>): number =>
  account.hysteresisMicros ?? Math.max(0, Math.trunc(account.alarm1Micros / 20));

/** Faults of a closing instant. */
export function faultsOfClosing(
  closing: { readonly closedAtMs: number; readonly openedAtMs: number },
  project: Pick<ProjectSnapshot, 'slotMinutes'>,
  nowMs: number,
): readonly Fault[] {
  const path = 'closedAtMs';
  if (closing.closedAtMs % slotLengthMs(project.slotMinutes) !== 0) {
    return [{ path, message: `must be the start of a slot of ${project.slotMinutes} minutes` }];
  }
  if (closing.closedAtMs > nowMs) return [{ path, message: 'must not lie in the future' }];
  // At the very instant: an opening that was a mistake, cancelled.
  if (closing.closedAtMs < closing.openedAtMs)
    return [{ path, message: 'must not lie before the opening instant' }];
  return [];
}
