// SPDX-License-Identifier: Apache-2.0
/**
 * The way of credits to meters. What there is to do stands in the database, so a crash delays and repeats nothing: a
 * credit is fixed, then issued, then stored as delivered; what is asked for twice is the same both times.
 */
import {
  newId,
  topics,
  type CommandedSetting,
  type CommandOutcome,
  type MeterCommand,
} from '@wattledger/contracts';
import type { MeterPrepaymentProvider, MeterTerms } from '@wattledger/contracts/http/billing';
import type { Transaction } from '@wattledger/platform';
import type { BillingParts } from '../parts.ts';
import {
  holdCreditsOfCommands,
  holdCreditToSend,
  holdDueCredits,
  lastTokenIdentifier,
  writeFix,
  writeSent,
  writeToken,
  writeTurn,
  type CreditRow,
} from './credits-store.ts';
import { judgeOutcome } from './judge-outcome.ts';
import type { CreditToIssue, Issued, MeterPrepayment, MeterSidePoint } from './meter-prepayment.ts';
import { holdPointsToRead, hurryCredits, writeAsked, writeRead } from './points-store.ts';

export type Providers = Readonly<Record<MeterPrepaymentProvider, MeterPrepayment>>;

/** Credits and questions per transaction. */
const atOnceMax = 50;
/** A meter that was not read for so long is read again. */
const readEveryMs = 60 * 60_000;
/** A question without an answer for so long is asked again. */
const askAgainMs = 5 * 60_000;
const commandLifeMs = 10 * 60_000;
/** Pause before a credit that waits for its meter, or for the security module, is looked at again. */
const pauseMs = 15_000;
/** After so many tries that came to nothing a person must look. */
export const triesMax = 8;

export interface CreditDelivery {
  /** True: there may be more to do at once. */
  step(): Promise<boolean>;
  hearOutcomes(transaction: Transaction, outcomes: readonly CommandOutcome[]): Promise<void>;
  pointOf(row: Pick<CreditRow, 'meteringPointId' | 'medium' | 'balance'>, terms: MeterTerms): MeterSidePoint;
}

export function createCreditDelivery(parts: BillingParts, providers: Providers): CreditDelivery {
  const { database, clock, eventLog, registry, logger } = parts;

  const pointOf: CreditDelivery['pointOf'] = (row, terms) => {
    const nowMs = clock.nowMs();
    const mounting = registry
      .get('metering-point', row.meteringPointId)
      ?.mountings.find(({ fromMs, toMs }) => fromMs <= nowMs && (toMs === null || nowMs < toMs));
    const { medium, balance } = row;
    return {
      terms,
      medium,
      balance,
      meterId: mounting?.meterId ?? null,
      register: mounting?.register ?? null,
    };
  };
  const issueOf = (row: CreditRow): CreditToIssue => ({ ...row, point: pointOf(row, row.terms) });

  async function command(
    transaction: Transaction,
    order: {
      readonly projectId: string;
      readonly meterId: string;
      readonly setting: CommandedSetting;
      readonly reason: string;
    },
  ): Promise<string> {
    const nowMs = clock.nowMs();
    const record: MeterCommand = {
      kind: 'write-setting',
      commandId: newId('command'),
      ...order,
      requestedBy: 'meter-prepayment',
      requestedAt: nowMs,
      expiresAt: nowMs + commandLifeMs,
    };
    await eventLog.append(topics.meterCommands, [{ key: record.meterId, value: record }], transaction);
    return record.commandId;
  }

  /** Fixes what is due. @returns the credits that can be issued now */
  async function fixDue(): Promise<readonly string[]> {
    return await database.transaction(async (transaction) => {
      const nowMs = clock.nowMs();
      const ready: string[] = [];
      for (const row of await holdDueCredits(transaction, nowMs, atOnceMax)) {
        if (row.fix === null && !(await fixCredit(transaction, row, nowMs))) continue;
        ready.push(row.meterCreditId);
      }
      return ready;
    });
  }

  async function fixCredit(transaction: Transaction, row: CreditRow, nowMs: number): Promise<boolean> {
    const { terms, meterCreditId } = row;
    const last = terms.provider === 'sts' ? await lastTokenIdentifier(transaction, terms.meterPan) : null;
    const fixing = providers[terms.provider].fix(issueOf(row), last);
    if (fixing.kind === 'fixed') await writeFix(transaction, row, fixing.fix);
    else if (fixing.kind === 'refused')
      await writeTurn(transaction, meterCreditId, { state: 'failed', evidence: fixing.reason, nowMs });
    else
      await writeTurn(transaction, meterCreditId, {
        state: 'made',
        evidence: 'the meter is read before its credit is written',
        nowMs,
        dueAtMs: nowMs + pauseMs,
      });
    return fixing.kind === 'fixed';
  }

  /** Asked outside a transaction: a security module may be slow. */
  async function issue(meterCreditId: string): Promise<void> {
    const row = await database.transaction(
      async (transaction) => await holdCreditToSend(transaction, meterCreditId),
    );
    if (row?.fix === null || row === null) return;
    const credit = issueOf(row);
    let issued: Issued;
    try {
      issued = await providers[row.terms.provider].issue(credit, row.fix);
    } catch (error) {
      logger.warn({ err: error, meterCreditId }, 'a credit could not be issued; trying again');
      await postpone(row, error instanceof Error ? error.message : String(error));
      return;
    }
    await database.transaction(async (transaction) => {
      // Taken back or sent by another process meanwhile: nothing leaves.
      if ((await holdCreditToSend(transaction, meterCreditId)) === null) return;
      await send(transaction, row, credit.point, issued);
    });
  }

  async function send(
    transaction: Transaction,
    row: CreditRow,
    { meterId }: MeterSidePoint,
    issued: Issued,
  ): Promise<void> {
    const { meterCreditId, projectId } = row;
    const nowMs = clock.nowMs();
    if (issued.kind === 'token') return await writeToken(transaction, meterCreditId, issued.digits, nowMs);
    if (issued.kind === 'refused' || meterId === null) {
      const evidence = issued.kind === 'refused' ? issued.reason : 'no meter is mounted';
      return await writeTurn(transaction, meterCreditId, { state: 'failed', evidence, nowMs });
    }
    const reason = `credit ${meterCreditId}`;
    const commandId = await command(transaction, { projectId, meterId, setting: issued.setting, reason });
    await writeSent(transaction, meterCreditId, { commandId, meterId, nowMs });
  }

  async function postpone(row: CreditRow, evidence: string): Promise<void> {
    const nowMs = clock.nowMs();
    const state = row.tries + 1 >= triesMax ? 'failed' : 'made';
    await writeTurn(database, row.meterCreditId, {
      state,
      evidence,
      nowMs,
      dueAtMs: nowMs + pauseMs,
      tried: true,
    });
  }

  async function askMeters(): Promise<boolean> {
    return await database.transaction(async (transaction) => {
      const nowMs = clock.nowMs();
      const points = await holdPointsToRead(transaction, {
        nowMs,
        readBeforeMs: nowMs - readEveryMs,
        askedBeforeMs: nowMs - askAgainMs,
        limit: atOnceMax,
      });
      for (const asked of points) {
        const { terms, medium, metering_point_id: meteringPointId, project_id: projectId } = asked;
        const point = pointOf({ meteringPointId, medium, balance: null }, terms);
        const setting = providers[terms.provider].readRemaining(point);
        const commandId =
          setting === null || point.meterId === null
            ? newId('command')
            : await command(transaction, {
                projectId,
                meterId: point.meterId,
                setting,
                reason: 'what remains',
              });
        await writeAsked(transaction, asked, commandId, nowMs);
      }
      return points.length === atOnceMax;
    });
  }

  return {
    pointOf,
    async step() {
      const asked = await askMeters();
      const ready = await fixDue();
      for (const meterCreditId of ready) await issue(meterCreditId);
      return asked || ready.length > 0;
    },
    async hearOutcomes(transaction, outcomes) {
      const heard = outcomes.filter((outcome) => outcome.kind === 'write-setting');
      if (heard.length === 0) return;
      const credits = await holdCreditsOfCommands(
        transaction,
        heard.map((outcome) => outcome.commandId),
      );
      for (const outcome of heard) {
        const nowMs = clock.nowMs();
        await hurryCredits(transaction, outcome.commandId, nowMs);
        const row = credits.get(outcome.commandId);
        if (row !== undefined && row.fix !== null) {
          const turn = judgeOutcome(providers[row.terms.provider], row, row.fix, outcome);
          const dueAtMs = turn.waits ? nowMs + pauseMs : nowMs;
          await writeTurn(transaction, row.meterCreditId, {
            ...turn,
            evidence: outcome.evidence,
            nowMs,
            dueAtMs,
          });
        }
        await writeRead(transaction, outcome.commandId, outcome.balance ?? null, outcome.at);
      }
    },
  };
}
