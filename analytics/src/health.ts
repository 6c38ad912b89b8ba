// SPDX-License-Identifier: Apache-2.0
import { topics } from '@wattledger/contracts';
import type { Parts, Service } from '@wattledger/platform';
import { chargeDaysGroup } from './charge-days/charge-days.ts';
import { freshnessGroup } from './freshness/freshness.ts';
import type { Sites } from './site/sites.ts';

/** Facts for /api/health. */
export async function healthOf(
  parts: Pick<Parts, 'eventLog'>,
  sites: Sites,
  liveStreams: number,
): ReturnType<Service['health']> {
  const [charges, freshness] = await Promise.all([
    parts.eventLog.lag(chargeDaysGroup, topics.chargeDays),
    parts.eventLog.lag(freshnessGroup, topics.intervalEnergy),
  ]);
  return {
    state: 'ok',
    facts: {
      projects: sites.projectIds().length,
      liveStreams,
      chargeDaysWaiting: charges.records,
      freshnessWaiting: freshness.records,
    },
  };
}
