// SPDX-License-Identifier: Apache-2.0
/**
 * How the tenants of the demo behave from now on: when somebody goes to the counter, and with how much. Pure and without
 * memory: what an account shows and the time decide, with seeded draws, so a restart changes nobody's mind.
 */
import type { RelayState } from '@wattledger/contracts';
import { drawBelow, seedOf } from '@wattledger/ingest';
import type { Habit } from './site-plan.ts';
import { roundTopUp } from './top-up-plan.ts';

export interface TenantSituation {
  readonly accountId: string;
  readonly habit: Habit;
  readonly balanceMicros: number;
  readonly stage: 'normal' | 'alarm-1' | 'alarm-2' | 'arrears';
  /** Average of the last days; null where fewer are known. */
  readonly dailyChargeMicros: number | null;
  readonly reportedRelay: RelayState;
  /** Since when nothing is left; null while something is. */
  readonly belowSinceMs: number | null;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const yuan = 1_000_000;
/** The counter is open from seven in the morning until eleven at night; stalls pay at the machine, day and night. */
const counterFromHour = 7;
const counterToHour = 23;
/** Mean time until somebody acts on a low balance, and the longest until somebody without supply does. */
const meanDelayMs: Readonly<Record<'alarm-1' | 'alarm-2' | 'arrears', number>> = {
  'alarm-1': 40 * hourMs,
  'alarm-2': 9 * hourMs,
  arrears: 3 * hourMs,
};

/**
 * What the tenant pays now, micros, or null.
 * @param localHour hour of the day at the project, 0 … 23
 * @param tickMs how often this is asked
 */
export function topUpNow(
  tenant: TenantSituation,
  now: { readonly nowMs: number; readonly localHour: number; readonly tickMs: number },
): number | null {
  const { habit, stage } = tenant;
  if (stage === 'normal' || habit === 'cut-off') return null;
  const seed = seedOf(0, tenant.accountId);
  if (habit === 'by-the-hour') return stallTopUp(tenant, seed, now.nowMs);
  if (now.localHour < counterFromHour || now.localHour >= counterToHour) return null;
  if (!goesNow(tenant, seed, now)) return null;
  const daily = tenant.dailyChargeMicros ?? 20 * yuan;
  const days = 8 + drawBelow(11, seed, Math.floor(now.nowMs / hourMs), 1);
  return roundTopUp(Math.max(0, -tenant.balanceMicros) + daily * days);
}

function goesNow(
  tenant: TenantSituation,
  seed: number,
  { nowMs, tickMs }: { readonly nowMs: number; readonly tickMs: number },
): boolean {
  if (tenant.stage === 'normal') return false;
  if (tenant.reportedRelay === 'open' && tenant.belowSinceMs !== null) {
    const patienceMs = (12 + drawBelow(30, seed, Math.floor(tenant.belowSinceMs / hourMs), 2)) * minuteMs;
    return nowMs - tenant.belowSinceMs >= patienceMs;
  }
  const chance = Math.round((65_536 * tickMs) / meanDelayMs[tenant.stage]);
  return drawBelow(65_536, seed, Math.floor(nowMs / tickMs), 3) < chance;
}

/** A stall pays for a quarter of an hour or so, a minute or two after its light went out. */
function stallTopUp(tenant: TenantSituation, seed: number, nowMs: number): number | null {
  if (tenant.reportedRelay !== 'open' || tenant.belowSinceMs === null) return null;
  const round = Math.floor(tenant.belowSinceMs / minuteMs);
  const patienceMs = minuteMs * 2 + drawBelow(120, seed, round, 4) * 1000;
  if (nowMs - tenant.belowSinceMs < patienceMs) return null;
  const perMinute = Math.max(40_000, Math.round((tenant.dailyChargeMicros ?? 150 * yuan) / 1440));
  const amount = Math.max(0, -tenant.balanceMicros) + perMinute * (12 + drawBelow(16, seed, round, 5));
  return Math.ceil(amount / 100_000) * 100_000;
}
