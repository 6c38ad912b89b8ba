// SPDX-License-Identifier: Apache-2.0
/** What a change of an open account makes of the times of one point, or every fault of it. Pure. */
import { slotLengthMs, type Medium, type ProjectSnapshot } from '@wattledger/contracts';
import type { accountChangeBodyShape } from '@wattledger/contracts/http/billing';
import type { z } from 'zod';
import type { Fault } from './account.ts';
import type { AccountChangeKind } from './changes-store.ts';
import {
  openTime,
  timeAt,
  withDemandFrom,
  withoutFrom,
  withSchemeFrom,
  withTermsFrom,
  type PointTime,
} from './point-times.ts';

export type AccountChange = z.output<typeof accountChangeBodyShape>;
export type PointChange = Exclude<AccountChange, { change: 'undo' }>;

export interface ChangeFacts {
  readonly project: Pick<ProjectSnapshot, 'slotMinutes'>;
  readonly nowMs: number;
  readonly openedAtMs: number;
  /** Of the point, in the project; undefined when the project has no such point. */
  readonly medium: Medium | undefined;
  /** Of the scheme named; undefined when the project has no such scheme. */
  readonly mediumOfScheme: Medium | undefined;
  readonly times: readonly PointTime[];
  /** Other points that the account has at present. */
  readonly otherPoints: number;
}

export const kindOfChange: Readonly<Record<PointChange['change'], AccountChangeKind>> = {
  'add-point': 'point-added',
  'remove-point': 'point-removed',
  'change-scheme': 'scheme-changed',
  'change-demand': 'demand-changed',
};

/** The times after the change. */
export function timesAfter(change: PointChange, times: readonly PointTime[]): readonly PointTime[] {
  switch (change.change) {
    case 'add-point':
      return withTermsFrom(times, change.fromMs, {
        priceSchemeId: change.priceSchemeId,
        contractedDemandW: change.contractedDemandW ?? null,
      });
    case 'remove-point':
      return withoutFrom(times, change.fromMs);
    case 'change-scheme':
      return withSchemeFrom(times, change.fromMs, change.priceSchemeId);
    case 'change-demand':
      return withDemandFrom(times, change.fromMs, change.contractedDemandW);
  }
}

/** Every fault of a change. */
export function faultsOfChange(change: PointChange, facts: ChangeFacts): readonly Fault[] {
  const faults = [...faultsOfInstant(change.fromMs, facts), ...faultsOfScheme(change, facts)];
  if (facts.medium === undefined)
    return [...faults, { path: 'meteringPointId', message: 'the project has no such metering point' }];
  if (change.change === 'add-point') {
    if (
      openTime(facts.times) !== undefined ||
      facts.times.some((time) => (time.closedAtMs ?? 0) > change.fromMs)
    )
      faults.push({ path: 'meteringPointId', message: 'is on this account at that time already' });
  } else if (openTime(facts.times) === undefined || timeAt(facts.times, change.fromMs) === undefined) {
    faults.push({ path: 'meteringPointId', message: 'is not on this account from that instant until now' });
  }
  if (change.change === 'remove-point' && facts.otherPoints === 0)
    faults.push({ path: 'meteringPointId', message: 'is the last one: close the account instead' });
  return faults;
}

function faultsOfInstant(fromMs: number, { project, nowMs, openedAtMs }: ChangeFacts): Fault[] {
  const path = 'fromMs';
  if (fromMs % slotLengthMs(project.slotMinutes) !== 0)
    return [{ path, message: `must be the start of a slot of ${project.slotMinutes} minutes` }];
  if (fromMs > nowMs) return [{ path, message: 'must not lie in the future' }];
  if (fromMs < openedAtMs) return [{ path, message: 'must not lie before the opening of the account' }];
  return [];
}

function faultsOfScheme(change: PointChange, { medium, mediumOfScheme }: ChangeFacts): Fault[] {
  if (change.change !== 'add-point' && change.change !== 'change-scheme') return [];
  const path = 'priceSchemeId';
  if (mediumOfScheme === undefined) return [{ path, message: 'the project has no such price scheme' }];
  if (medium === undefined || mediumOfScheme === medium) return [];
  return [{ path, message: `is a scheme for ${mediumOfScheme}, the point measures ${medium}` }];
}
