// SPDX-License-Identifier: Apache-2.0
/** What every slice of billing is made of, and the questions it asks about projects. */
import { RequestError, type Parts, type SnapshotCopy } from '@wattledger/platform';
import { localDayOf, slotLengthMs, type Principal, type ProjectSnapshot } from '@wattledger/contracts';
import type { Who } from './ledger/posting.ts';

export type RegistryCopy = SnapshotCopy<'project' | 'place' | 'meter' | 'metering-point' | 'tenant'>;

export interface BillingParts extends Parts {
  readonly registry: RegistryCopy;
  /** Wakes the workers of this process; what they find to do stands in the database. */
  readonly wake: { supply(): void; notices(): void };
}

/** @throws RequestError 404 project-unknown */
export function projectOf(parts: Pick<BillingParts, 'registry'>, projectId: string): ProjectSnapshot {
  const project = parts.registry.get('project', projectId);
  if (project === undefined) {
    throw new RequestError({
      status: 404,
      code: 'project-unknown',
      message: `There is no project "${projectId}".`,
      hint: 'If it was created a moment ago, try again in a second.',
    });
  }
  return project;
}

/** The local day of an instant in the project's zone. */
export const dayInProject = (project: ProjectSnapshot, instantMs: number): string =>
  localDayOf(project.zone, instantMs);

/** @throws RequestError 422 off-slot-grid */
export function requireOnGrid(project: ProjectSnapshot, instantMs: number, path: string): void {
  if (instantMs % slotLengthMs(project.slotMinutes) === 0) return;
  throw new RequestError({
    status: 422,
    code: 'off-slot-grid',
    message: `The instant must be the start of a slot of ${project.slotMinutes} minutes.`,
    hint: 'Energy is counted per slot, so accounts and prices change between two slots.',
    faults: [{ path, message: `not a multiple of ${project.slotMinutes} minutes` }],
  });
}

export const whoOf = (principal: Principal | null): Who => {
  if (principal === null) throw new Error('a route with a right always has a principal');
  return { id: principal.id, name: principal.name };
};

/**
 * The caller's own id: the Idempotency-Key header, or `requestId` in the body.
 * @throws RequestError 400 request-id-required when neither is given, or both and they differ
 */
export function requestIdOf(header: string | null, inBody: string | undefined): string {
  const requestId = header ?? inBody;
  if (requestId === undefined || (header !== null && inBody !== undefined && header !== inBody)) {
    throw new RequestError({
      status: 400,
      code: 'request-id-required',
      message:
        requestId === undefined
          ? 'This request needs its own id, so that sent twice it takes effect once.'
          : 'The Idempotency-Key header and requestId in the body differ.',
      hint: 'Send a new random Idempotency-Key header for each new request, and the same one when repeating it.',
    });
  }
  if (!/^[\x21-\x7e]{8,200}$/.test(requestId)) {
    throw new RequestError({
      status: 400,
      code: 'request-id-invalid',
      message: 'A request id has 8 to 200 visible ASCII characters.',
      hint: 'A random UUID serves well.',
    });
  }
  return requestId;
}

/** @throws RequestError 422 day-range-refused when a day does not exist, the range is turned round or too long */
export function requireDayRange(fromDay: string, toDay: string, daysMax: number): void {
  const exists = (day: string): boolean => new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) === day;
  const days = (Date.parse(toDay) - Date.parse(fromDay)) / 86_400_000 + 1;
  if (exists(fromDay) && exists(toDay) && days >= 1 && days <= daysMax) return;
  throw new RequestError({
    status: 422,
    code: 'day-range-refused',
    message: `The days from ${fromDay} to ${toDay} cannot be asked for.`,
    hint: `Give two days of the calendar, the earlier first, at most ${daysMax} days.`,
  });
}
