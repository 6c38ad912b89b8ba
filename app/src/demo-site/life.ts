// SPDX-License-Identifier: Apache-2.0
/**
 * Life in the demo: every few seconds the tenants are asked whether they go to the counter now. Money comes in by billing's
 * own vend, paid to a cashier whose name says that it is simulated; everything else (charging, disconnection, reconnection)
 * is what the product does by itself.
 */
import { DateTime } from 'luxon';
import type { BillingService } from '@wattledger/billing';
import { seedOf } from '@wattledger/ingest';
import type { Parts } from '@wattledger/platform';
import type { SeededProject } from './seeded-project.ts';
import { topUpNow } from './tenant-behaviour.ts';
import { meansOf } from './top-up-plan.ts';

/** Who stands at the counter in the demo. */
export const demoCashier = { id: 'demo-cashier', name: 'Demo cashier (simulated) 演示收银员' } as const;
/** Whose cheques come in the demo. */
export const demoBank = 'Suzhou Bank (simulated) 苏州银行';
export const demoReference = 'Demo: simulated top-up 演示充值';

export interface LifeParts {
  readonly parts: Pick<Parts, 'clock' | 'logger'>;
  readonly projects: readonly SeededProject[];
  readonly billing: Pick<BillingService, 'accounts' | 'vends'>;
}

export interface Life {
  start(): void;
  /** After the round in hand. */
  stop(): Promise<void>;
  /** One round, for tests: how many paid. */
  round(): Promise<number>;
}

export const lifeTickMs = 15_000;
/** More accounts than a demo project has. */
const accountsMax = 5_000;

export function createLife({ parts, projects, billing }: LifeParts): Life {
  const { clock, logger } = parts;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<unknown> = Promise.resolve();

  const roundOf = async (project: SeededProject): Promise<number> => {
    const nowMs = clock.nowMs();
    const localHour = DateTime.fromMillis(nowMs, { zone: project.plan.project.zone }).hour;
    let paid = 0;
    const { accounts } = await billing.accounts.list({
      projectId: project.projectId,
      state: 'open',
      limit: accountsMax,
    });
    for (const account of accounts) {
      const planned = project.accounts.get(account.accountId);
      if (planned === undefined) continue;
      const amountMicros = topUpNow(
        {
          accountId: account.accountId,
          habit: planned.habit,
          balanceMicros: account.balanceMicros,
          stage: account.stage,
          dailyChargeMicros: account.dailyChargeMicros,
          reportedRelay: account.supply.reportedRelay,
          belowSinceMs: account.supply.belowSinceMs,
        },
        { nowMs, localHour, tickMs: lifeTickMs },
      );
      if (amountMicros === null) continue;
      // The id names the tick: a round that is repeated after a crash pays once.
      const requestId = `demo-life-${account.accountId}-${Math.floor(nowMs / lifeTickMs)}`;
      const means = meansOf(amountMicros, seedOf(0, requestId), 1);
      const bank = means === 'cheque' ? { drawerBank: demoBank } : {};
      try {
        await billing.vends.vend(
          project.projectId,
          { requestId, accountId: account.accountId, amountMicros, means, reference: demoReference, ...bank },
          demoCashier,
        );
        paid += 1;
      } catch (error) {
        // Somebody else may just have closed the account or paid with this id; the others still get their turn.
        logger.warn({ err: error, accountId: account.accountId }, 'a simulated top-up was refused');
      }
    }
    return paid;
  };
  const round = async (): Promise<number> => {
    let paid = 0;
    for (const project of projects) paid += await roundOf(project);
    return paid;
  };

  return {
    round,
    start() {
      const next = (): void => {
        running = round()
          .catch((error: unknown) =>
            logger.warn({ err: error }, 'a round of the demo tenants failed; the next one tries again'),
          )
          .finally(() => {
            if (timer !== null) timer = setTimeout(next, lifeTickMs);
          });
      };
      timer ??= setTimeout(next, lifeTickMs);
    },
    async stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await running;
    },
  };
}
