// SPDX-License-Identifier: Apache-2.0
/** What only the clock moves: when a local day or month has ended, fixed charges and minimums are posted without any reading. */
import type { Database, EventLog } from '@wattledger/platform';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import { chargeItems } from './charging-service.ts';
import { holdPoints } from './charging-store.ts';
import { loadItemsBehind } from './month-items-store.ts';

/** Accounts at points per transaction: a month of each is some hundred numbers. */
const accountsPerStepMax = 200;

/** Rates the items of some accounts that are behind. False when none is. */
export async function stepMonthItems(
  parts: { readonly database: Database; readonly eventLog: EventLog },
  nowMs: number,
): Promise<boolean> {
  // Asked before anything is held: what another has meanwhile brought up to date is found to be so, and changes nothing.
  const behind = await loadItemsBehind(parts.database, nowMs, accountsPerStepMax);
  if (behind.length === 0) return false;
  await parts.database.transaction(async (transaction) => {
    const points = new Map(behind.map(({ meteringPointId, projectId }) => [meteringPointId, { projectId }]));
    await holdPoints(transaction, points);
    const announcements = noAnnouncements();
    await chargeItems({ transaction, nowMs, announcements }, behind);
    await announce(parts.eventLog, transaction, announcements);
  });
  return true;
}
