// SPDX-License-Identifier: Apache-2.0
/** How billing is: what waits to be charged, and what it is at. */
import type { Parts, Service } from '@wattledger/platform';
import { topics } from '@wattledger/contracts';
import { chargingGroup } from './charging/charging-consumer.ts';

/** Energy that has waited longer than this to be charged is worth a look. */
const lagDegradedMs = 5 * 60_000;

export async function billingHealth(parts: Parts): Promise<Awaited<ReturnType<Service['health']>>> {
  const [lag, { rows }] = await Promise.all([
    parts.eventLog.lag(chargingGroup, topics.intervalEnergy),
    parts.database.query<{
      accounts_open: number;
      notices: number;
      newest_charge_ms: number | null;
      relays_differing: number;
    }>(
      `SELECT (SELECT count(*) FROM billing.accounts WHERE state = 'open') AS accounts_open,
              (SELECT count(*) FROM billing.price_notices WHERE state = 'running') AS notices,
              (SELECT max(last_reading_ms) FROM billing.points) AS newest_charge_ms,
              (SELECT count(*) FROM billing.supply_meters WHERE mismatch_since_ms IS NOT NULL) AS relays_differing`,
    ),
  ]);
  const waitedMs = lag.oldestMs === null ? 0 : parts.clock.nowMs() - lag.oldestMs;
  return {
    state: waitedMs > lagDegradedMs ? 'degraded' : 'ok',
    facts: {
      recordsWaiting: lag.records,
      oldestWaitingMs: lag.oldestMs,
      newestReadingChargedMs: rows[0]?.newest_charge_ms ?? null,
      accountsOpen: rows[0]?.accounts_open ?? 0,
      priceNoticesRunning: rows[0]?.notices ?? 0,
      relaysDiffering: rows[0]?.relays_differing ?? 0,
    },
  };
}
