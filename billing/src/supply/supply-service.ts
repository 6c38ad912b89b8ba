// SPDX-License-Identifier: Apache-2.0
/** What people do with supply: set the policy, force a mode, look at decisions, and ask who would be cut. */
import type {
  AccountSupply,
  DryRun,
  SupplyDecisionList,
  SupplyMode,
  SupplyPolicy,
} from '@wattledger/contracts/http/billing';
import { divideRounded } from '@wattledger/contracts';
import { RequestError } from '@wattledger/platform';
import type { AccountsService } from '../accounts/accounts-service.ts';
import { daysLeft, daysLeftRange } from '../balance/days-left.ts';
import { loadMeasuredDays } from '../balance/measured-days-store.ts';
import type { Who } from '../ledger/posting.ts';
import { dayInProject, projectOf, type BillingParts } from '../parts.ts';
import { creditExhausted, decideSupply, type SupplyEvidence } from './decision.ts';
import { decisionPlaceText, loadDecisions, type DecisionFilter } from './decisions-read.ts';
import { defaultSupplyPolicy } from './default-policy.ts';
import type { SupplyController } from './supply-controller.ts';
import {
  loadPolicies,
  loadProjectEvidence,
  writeMode,
  writePolicy,
  type EvidenceRow,
} from './supply-store.ts';

export interface SupplyService {
  policy(projectId: string): Promise<SupplyPolicy>;
  /** @throws RequestError 422 policy-refused */
  setPolicy(projectId: string, policy: SupplyPolicy, by: Who): Promise<SupplyPolicy>;
  /** @throws RequestError 404 account-unknown or closed, 409 supply-protected */
  setMode(
    projectId: string,
    accountId: string,
    mode: SupplyMode,
    reason: string,
    by: Who,
  ): Promise<AccountSupply>;
  decisions(filter: DecisionFilter): Promise<SupplyDecisionList>;
  /** What would be decided at an instant, for every open account; changes nothing. */
  dryRun(projectId: string, atMs: number | null, all: boolean): Promise<DryRun>;
}

const dayMs = 24 * 3_600_000;

export function createSupplyService(
  parts: BillingParts,
  controller: SupplyController,
  accounts: AccountsService,
): SupplyService {
  const { database, clock, registry } = parts;

  async function policyOf(projectId: string): Promise<SupplyPolicy> {
    return (await loadPolicies(database, [projectId])).get(projectId) ?? defaultSupplyPolicy;
  }

  return {
    async policy(projectId) {
      projectOf(parts, projectId);
      return await policyOf(projectId);
    },
    async setPolicy(projectId, policy, by) {
      projectOf(parts, projectId);
      requireSpans(policy);
      const nowMs = clock.nowMs();
      await database.transaction(async (transaction) => {
        await writePolicy(transaction, projectId, policy, by, nowMs);
      });
      parts.wake.supply();
      return policy;
    },
    async setMode(projectId, accountId, mode, reason, by) {
      const account = await accounts.row(projectId, accountId);
      if (mode === 'forced-off' && account.supply.protectedSupply) throw supplyProtected();
      const written = await database.transaction(
        async (transaction) =>
          await writeMode(transaction, { projectId, accountId }, mode, reason, by, clock.nowMs()),
      );
      if (!written) throw accountNotOpen(accountId);
      // At once, so that the answer already shows what is wanted now.
      await controller.lookAtDue();
      parts.wake.supply();
      return (await accounts.row(projectId, accountId)).supply;
    },
    async decisions(filter) {
      projectOf(parts, filter.projectId);
      const decisions = await loadDecisions(database, filter);
      const named = decisions.map(({ tenantId, ...decision }) => ({
        ...decision,
        tenantName: registry.get('tenant', tenantId)?.name ?? tenantId,
      }));
      const last = decisions.length === filter.limit ? decisions.at(-1) : undefined;
      return { decisions: named, next: last === undefined ? null : decisionPlaceText(last) };
    },
    async dryRun(projectId, atMs, all) {
      const project = projectOf(parts, projectId);
      const nowMs = clock.nowMs();
      const at = atMs ?? nowMs;
      const [policy, rows, unchargedAgeMs] = await Promise.all([
        policyOf(projectId),
        loadProjectEvidence(database, projectId, nowMs),
        controller.unchargedAgeMs(),
      ]);
      const measured = await loadMeasuredDays(
        database,
        rows.map((row) => row.account_id),
        daysLeftRange(dayInProject(project, nowMs)),
      );
      const answer: DryRun = { atMs: at, currency: project.currency, rows: [] };
      for (const row of rows) {
        const evidence = controller.evidenceOf(row, {
          atMs: at,
          readingsAtMs: Math.min(at, nowMs),
          policy,
          unchargedAgeMs,
        });
        if (evidence === null) continue;
        const average = daysLeft(row.balance_micros, measured.get(row.account_id) ?? []);
        const spent =
          average === null ? null : expectedCharge(average.dailyChargeMicros, Math.max(0, at - nowMs));
        const line = dryRunLine(row, evidence, spent, nowMs);
        if (!all && line.action === 'leave' && (line.actionIfProjected ?? 'leave') === 'leave') continue;
        answer.rows.push({
          ...line,
          tenantName: registry.get('tenant', row.tenant_id)?.name ?? row.tenant_id,
        });
      }
      return answer;
    },
  };
}

const expectedCharge = (dailyChargeMicros: number, spanMs: number): number =>
  Number(divideRounded(BigInt(dailyChargeMicros) * BigInt(spanMs), BigInt(dayMs)));

/** @param spentMicros expected to be charged until the instant; null when unknown */
function dryRunLine(
  row: EvidenceRow,
  evidence: SupplyEvidence,
  spentMicros: number | null,
  nowMs: number,
): Omit<DryRun['rows'][number], 'tenantName'> {
  // Who is below now has been since the controller saw it, or will be seen at once.
  const now = {
    ...evidence,
    belowSinceMs: creditExhausted(evidence) ? (evidence.belowSinceMs ?? nowMs) : null,
  };
  const { action, gates } = decideSupply(now);
  const projectedBalanceMicros = spentMicros === null ? null : row.balance_micros - spentMicros;
  const projected =
    projectedBalanceMicros === null ? null : { ...now, balanceMicros: projectedBalanceMicros };
  return {
    accountId: row.account_id,
    balanceMicros: row.balance_micros,
    projectedBalanceMicros,
    action,
    actionIfProjected: projected === null ? null : decideSupply(projected).action,
    desiredRelay: row.desired,
    gates: [...gates],
  };
}

function requireSpans(policy: SupplyPolicy): void {
  const faults = policy.protectedHours.flatMap((span, index) =>
    span.toMinute > span.fromMinute && span.toMinute <= span.fromMinute + 1440
      ? []
      : [
          {
            path: `protectedHours.${index}.toMinute`,
            message: 'a span ends after it begins and lasts at most a day',
          },
        ],
  );
  if (faults.length === 0) return;
  throw new RequestError({
    status: 422,
    code: 'policy-refused',
    message: 'The protected hours are not right.',
    hint: 'A span over midnight ends beyond 1440: 22:00 to 06:00 is 1320 to 1800.',
    faults,
  });
}

const supplyProtected = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'supply-protected',
    message: 'This supply is protected: it is never disconnected.',
    hint: 'Take the protection off the account first, if it is wrong.',
  });
const accountNotOpen = (accountId: string): RequestError =>
  new RequestError({
    status: 409,
    code: 'account-closed',
    message: `Account "${accountId}" is closed.`,
    hint: 'Only open accounts have a supply mode.',
  });
