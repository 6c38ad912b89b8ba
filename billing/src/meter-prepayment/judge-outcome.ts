// SPDX-License-Identifier: Apache-2.0
/** What the end of a written credit means. Pure: only what the meter shows makes it confirmed, or known to be absent. */
import type { CommandOutcome } from '@wattledger/contracts';
import type { CreditRow } from './credits-store.ts';
import { triesMax } from './deliver-credits.ts';
import type { CreditFix, MeterPrepayment } from './meter-prepayment.ts';
import { nextPurchaseNumber } from './register-prepayment.ts';

export interface OutcomeTurn {
  readonly state: 'made' | 'confirmed' | 'failed';
  /** The meter is known not to hold it. */
  readonly absent: boolean;
  /** Some time is to pass before the next try. */
  readonly waits: boolean;
}

export function judgeOutcome(
  provider: MeterPrepayment,
  credit: Pick<CreditRow, 'amountMicros' | 'tries'>,
  fix: CreditFix,
  outcome: Pick<CommandOutcome, 'outcome' | 'balance' | 'attempts'>,
): OutcomeTurn {
  const { balance, attempts } = outcome;
  if (balance !== undefined && provider.confirmed(credit, fix, balance))
    return { state: 'confirmed', absent: false, waits: false };
  const unchanged =
    balance !== undefined &&
    fix.kind === 'register-write' &&
    nextPurchaseNumber(balance.purchaseCount) === fix.purchaseNumber &&
    balance.purchasedMicros === fix.purchasedBeforeMicros;
  const triesLeft = credit.tries < triesMax;
  if (outcome.outcome === 'expired') {
    // Never sent to the meter at all: no write can be under way.
    const absent = credit.tries === 1 && attempts === 0;
    return { state: triesLeft ? 'made' : 'failed', absent, waits: true };
  }
  // The line looks before it writes: refused in its only attempt, nothing was written.
  const absent = unchanged || (credit.tries === 1 && attempts <= 1);
  const boughtElsewhere = absent && !unchanged && balance !== undefined;
  return { state: boughtElsewhere && triesLeft ? 'made' : 'failed', absent, waits: false };
}
