// SPDX-License-Identifier: Apache-2.0
/** Top-ups through the charged days that leave an account where its habit says. Pure: the same account, the same top-ups. */
import type { PaymentMeans } from '@wattledger/contracts/http/billing';
import { drawBelow } from '@wattledger/ingest';
import type { Habit } from './site-plan.ts';

export interface PlannedTopUp {
  readonly atMs: number;
  readonly amountMicros: number;
  readonly means: PaymentMeans;
}

export interface TopUpWishes {
  readonly habit: Habit;
  readonly seed: number;
  readonly openedAtMs: number;
  /** The plan ends here; no top-up lies later. */
  readonly untilMs: number;
  /** Expected charge of each local day from the opening on; the last one may be a part of a day. */
  readonly dailyCharges: readonly number[];
  readonly alarm1Micros: number;
  readonly alarm2Micros: number;
}

const yuan = 1_000_000;
const fen = 10_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What people pay at a counter: whole notes, larger the more they use. */
export function roundTopUp(amountMicros: number): number {
  const step =
    amountMicros < 20 * yuan
      ? yuan
      : amountMicros < 200 * yuan
        ? 10 * yuan
        : amountMicros < 2_000 * yuan
          ? 50 * yuan
          : amountMicros < 20_000 * yuan
            ? 500 * yuan
            : 5_000 * yuan;
  return Math.max(step, Math.ceil(amountMicros / step) * step);
}

/** Large sums come by transfer, some by cheque, small ones mostly in cash or by card. */
export function meansOf(amountMicros: number, seed: number, index: number): PaymentMeans {
  if (amountMicros >= 2_000 * yuan) return drawBelow(10, seed, index, 12) < 2 ? 'cheque' : 'transfer';
  return drawBelow(10, seed, index, 5) < 4 ? 'cash' : 'card';
}

function averageOf(charges: readonly number[]): number {
  const whole = charges.slice(0, -1);
  return Math.max(
    fen,
    Math.round(whole.reduce((sum, charge) => sum + charge, 0) / Math.max(1, whole.length)),
  );
}

/** Where the balance shall stand at the end; null: wherever round sums leave it, but comfortably. */
function targetOf(
  { habit, alarm1Micros, alarm2Micros, seed }: TopUpWishes,
  averageMicros: number,
): number | null {
  switch (habit) {
    case 'comfortable':
      return null;
    case 'low-1':
      return (
        alarm2Micros + Math.round(((alarm1Micros - alarm2Micros) * (350 + drawBelow(450, seed, 1, 6))) / 1000)
      );
    case 'low-2':
      return Math.round((alarm2Micros * (350 + drawBelow(400, seed, 2, 6))) / 1000);
    case 'nearly-out':
      return Math.round((averageMicros * (10 + drawBelow(100, seed, 3, 6))) / 1440);
    case 'cut-off':
      return -Math.round((averageMicros * (120 + drawBelow(400, seed, 4, 6))) / 1000);
    case 'by-the-hour':
      return -Math.round(averageMicros / 2_000);
  }
}

/** The day is open from half past eight to half past eight in the evening, local; days begin at local midnight. */
function counterTime(dayStartMs: number, seed: number, index: number): number {
  return (
    dayStartMs + 8.5 * hourMs + drawBelow(720, seed, index, 7) * 60_000 + drawBelow(60, seed, index, 8) * 1000
  );
}

/**
 * Pays the first top-up when the account is opened, then whenever the balance would not last some days more. The last
 * payments are then cut to the fen so that the balance ends at the habit's target.
 */
export function planTopUps(wishes: TopUpWishes): readonly PlannedTopUp[] {
  const { dailyCharges, seed, openedAtMs, untilMs } = wishes;
  const average = averageOf(dailyCharges);
  const total = dailyCharges.reduce((sum, charge) => sum + charge, 0);
  const topUps: PlannedTopUp[] = [];
  let balance = 0;
  for (const [day, charge] of dailyCharges.entries()) {
    const spareDays = wishes.habit === 'by-the-hour' ? 0 : 2 + drawBelow(4, seed, day, 9);
    const wanted = day === 0 || balance < average * spareDays + charge;
    const atMs = day === 0 ? openedAtMs + 9 * 60_000 : counterTime(openedAtMs + day * dayMs, seed, day);
    if (wanted && atMs <= untilMs) {
      const days = wishes.habit === 'by-the-hour' ? 2 : 8 + drawBelow(11, seed, day, 10);
      const amountMicros = roundTopUp(average * days);
      topUps.push({ atMs, amountMicros, means: meansOf(amountMicros, seed, day) });
      balance += amountMicros;
    }
    balance -= charge;
  }
  const target = targetOf(wishes, average);
  if (target !== null) return cutTo(topUps, total + target);
  const comfortable = Math.max(wishes.alarm1Micros * 2, average * 4);
  if (balance >= comfortable) return topUps;
  const amountMicros = roundTopUp(comfortable - balance + average * 6);
  return [
    ...topUps,
    {
      atMs: untilMs - hourMs - drawBelow(600, seed, 11, 11) * 1000,
      amountMicros,
      means: meansOf(amountMicros, seed, 99),
    },
  ];
}

/** The same payments, the last ones left out or made smaller or larger, so that they sum to the total in whole fen. */
function cutTo(topUps: readonly PlannedTopUp[], totalMicros: number): readonly PlannedTopUp[] {
  const total = Math.max(fen, Math.round(totalMicros / fen) * fen);
  const kept: PlannedTopUp[] = [];
  let paid = 0;
  for (const [index, topUp] of topUps.entries()) {
    const rest = total - paid;
    if (rest <= 0) break;
    const isLast = index === topUps.length - 1;
    const amountMicros = isLast ? rest : Math.min(topUp.amountMicros, rest);
    kept.push({ ...topUp, amountMicros });
    paid += amountMicros;
  }
  return kept;
}
