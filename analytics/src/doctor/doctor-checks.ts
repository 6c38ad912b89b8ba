// SPDX-License-Identifier: Apache-2.0
/** What must hold between the warehouse's tables, asked while everything runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@wattledger/contracts';
import type { DoctorCheck, Parts } from '@wattledger/platform';
import { chargeDaysGroup } from '../charge-days/charge-days.ts';
import type { Sites } from '../site/sites.ts';
import { chargedUnlikeDays, daysUnlikeSlots, type Disagreement } from './doctor-store.ts';

/** Rollups and charges follow the slots within seconds: what disagrees is looked at again before it is told. */
const looks = 4;
const pauseMs = 1_500;

async function settled(look: () => Promise<readonly Disagreement[]>): Promise<readonly Disagreement[]> {
  for (let round = 1; ; round += 1) {
    const found = await look();
    if (found.length === 0 || round === looks) return found;
    await sleep(pauseMs);
  }
}

function tell(found: readonly Disagreement[], here: string, there: string): string {
  return found.map((one) => `${one.place}: ${here} ${one.here}, ${there} ${one.there}`).join('; ');
}

/** Asks a check of every project and names the project that fails. */
function ofEveryProject(
  sites: Sites,
  ask: (projectId: string) => Promise<string | null>,
): DoctorCheck['check'] {
  return async () => {
    await sites.load();
    const faults: string[] = [];
    const projectIds = sites.projectIds();
    for (const projectId of projectIds) {
      const fault = await ask(projectId);
      if (fault !== null) faults.push(`${sites.get(projectId).project.code}: ${fault}`);
    }
    return {
      ok: faults.length === 0,
      detail: faults.length === 0 ? `holds in ${projectIds.length} projects` : faults.join(' | '),
    };
  };
}

export function doctorChecks(parts: Parts, sites: Sites): readonly DoctorCheck[] {
  const { warehouse, eventLog } = parts;
  return [
    {
      name: 'analytics: the daily sums are the sums of the slots',
      acrossSteps: true,
      check: ofEveryProject(sites, async (projectId) => {
        const found = await settled(
          async () => await daysUnlikeSlots(warehouse, projectId, sites.get(projectId).project.zone),
        );
        return found.length === 0 ? null : tell(found, 'slots', 'days');
      }),
    },
    {
      name: 'analytics: charged + unpriced is the energy of the day, as billing told it and as the stream counted it',
      acrossSteps: true,
      check: ofEveryProject(sites, async (projectId) => {
        const found = await settled(async () => await chargedUnlikeDays(warehouse, projectId));
        return found.length === 0 ? null : tell(found, 'charged + unpriced', 'measured');
      }),
    },
    {
      name: 'analytics: what billing told has been taken in',
      check: async () => {
        const lag = await eventLog.lag(chargeDaysGroup, topics.chargeDays);
        // A record a minute old that is still waiting is no longer on its way.
        const late = lag.oldestMs !== null && parts.clock.nowMs() - lag.oldestMs > 60_000;
        return {
          ok: !late,
          detail:
            lag.records === 0
              ? 'nothing waits'
              : `${lag.records} records wait, the oldest since ${new Date(lag.oldestMs ?? 0).toISOString()}`,
        };
      },
    },
  ];
}
