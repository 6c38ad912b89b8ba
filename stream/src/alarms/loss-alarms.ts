// SPDX-License-Identifier: Apache-2.0
/** Energy that does not add up: a parent against its children, on the newest day that is whole and compared. */
import type { LocalDay } from '@wattledger/contracts';
import type { Parts, Transaction, Warehouse } from '@wattledger/platform';
import { judged, ruleFor, type AlarmRules } from './alarm-rules.ts';
import { takeFindings } from './alarm-steps.ts';
import { above, figure, good, thresholdOf, worstOf, type Finding, type Thresholds } from './finding.ts';

export interface DayLoss {
  readonly pointId: string;
  readonly localDay: LocalDay;
  readonly input: number;
  readonly children: number;
  readonly childCount: number;
}

/** Less of a day would compare a morning. */
const comparedShareMin = 0.95;
/** Days that are looked back: a parent whose last whole day is older waits for the next. */
const daysBack = 3;
const dayMs = 86_400_000;
/** The lower limit of clearing, as a share of the limit. */
const clearShare = 0.9;

/** More missing between parent and children than their wires can take, or more measured below than above. Pure. */
export function judgeLoss({ input, children, localDay }: DayLoss, thresholds: Thresholds): Finding {
  if (input < thresholdOf(thresholds, 'inputWhMin') && children < thresholdOf(thresholds, 'inputWhMin'))
    return good;
  const lossPercent = (100 * (input - children)) / Math.max(input, 1);
  const facts = {
    localDay,
    inputWh: figure(input),
    childrenWh: figure(children),
    lossPercent: figure(lossPercent),
  };
  const findings = (
    [
      ['lossPercent', lossPercent],
      ['gainPercent', -lossPercent],
    ] as const
  ).flatMap(([name, value]): Finding[] => {
    const limit = thresholdOf(thresholds, name);
    if (limit === 0) return [];
    return [{ verdict: above(value, limit, limit * clearShare), facts: { ...facts, limit: figure(limit) } }];
  });
  return worstOf(findings);
}

/** Judges the parents of the days that were just computed, in the transaction that settles their marks. */
export async function judgeLosses(
  { warehouse, eventLog, clock }: Pick<Parts, 'warehouse' | 'eventLog' | 'clock'>,
  rules: AlarmRules,
  transaction: Transaction,
  projectId: string,
  computed: readonly LocalDay[],
): Promise<void> {
  const nowMs = clock.nowMs();
  const since = new Date(nowMs - daysBack * dayMs).toISOString().slice(0, 10);
  if (!computed.some((day) => day >= since)) return;
  const losses = await readNewestLosses(warehouse, projectId, since);
  const findings = losses.map((loss) => {
    const subject = rules.point(projectId, loss.pointId);
    const rule = ruleFor(subject, 'energy-not-closing');
    return judged(subject, 'energy-not-closing', rule, judgeLoss(loss, rule.thresholds), nowMs);
  });
  await takeFindings(transaction, eventLog, findings);
}

async function readNewestLosses(
  warehouse: Warehouse,
  projectId: string,
  since: LocalDay,
): Promise<readonly DayLoss[]> {
  return await warehouse.query<DayLoss>(
    `SELECT l.metering_point_id AS pointId, toString(max(l.local_day)) AS localDay, argMax(l.input, l.local_day) AS input,
       argMax(l.children, l.local_day) AS children, argMax(l.child_count, l.local_day) AS childCount
     FROM loss_days AS l FINAL
     WHERE l.project_id = {projectId:String} AND l.local_day >= {since:Date} AND l.quantity = 'active-import'
       AND l.slots_compared >= {share:Float64} * l.slots_expected
     GROUP BY l.metering_point_id`,
    { projectId, since, share: comparedShareMin },
  );
}
