// SPDX-License-Identifier: Apache-2.0
import {
  billingProjectParamsShape,
  closureQueryShape,
  closureShape,
} from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import { loadAsOf } from '../charging/as-of.ts';
import { projectOf, requireDayRange, type BillingParts } from '../parts.ts';
import { countRunningNotices, loadClosure } from './closure-store.ts';

/** Every slot of the range is looked at: a quarter of 10,000 meters takes seconds. */
const daysMax = 100;

export function closureRoutes(parts: BillingParts): readonly Route[] {
  const { database, clock } = parts;
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/charges-closure',
      summary: 'Whether charged + unpriced = Σ slots for every metering point and day',
      tag: 'Charges',
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      query: closureQueryShape,
      response: closureShape,
      handle: async ({ params, query }) => {
        const { projectId } = params;
        const { fromDay, toDay } = query;
        const project = projectOf(parts, projectId);
        requireDayRange(fromDay, toDay, daysMax);
        const staleAfterMs = 2 * project.pollIntervalSeconds * 1000;
        const [sums, noticesRunning, asOf] = await Promise.all([
          loadClosure(database, projectId, fromDay, toDay),
          countRunningNotices(database, projectId),
          loadAsOf(database, { projectId, fromDay, toDay, nowMs: clock.nowMs(), staleAfterMs }),
        ]);
        return { ...sums, closes: sums.faults.length === 0, noticesRunning, asOf };
      },
    }),
  ];
}
