// SPDX-License-Identifier: Apache-2.0
/** What people do with supply: set the policy, force a mode, look at decisions, and ask who would be cut. */
import type {
  AccountSupply,
  DryRun,
  ProtectionCalendar,
  ReadDaysAnswer,
  ReadDaysBody,
  SupplyDecisionList,
  SupplyMode,
  SupplyPolicy,
} from '@wattledger/contracts/http/billing';
import { divideRounded, newId } from '@wattledger/contracts';
import { RequestError } from '@wattledger/platform';
import type { AccountsService } from '../accounts/accounts-service.ts';
import { daysLeft, daysLeftRange } from '../balance/days-left.ts';
import { loadMeasuredDays } from '../balance/measured-days-store.ts';
import type { Who } from '../ledger/posting.ts';
import { dayInProject, projectOf, type BillingParts } from '../parts.ts';
import {
  deleteCalendar,
  insertCalendar,
  loadAccountCalendars,
  loadCalendars,
  updateCalendar,
  type CalendarContents,
} from './calendars-store.ts';
import { creditExhausted, decideSupply, expectedCut, gatesAgainst, type SupplyEvidence } from './decision.ts';
import { decisionPlaceText, loadDecisions, type DecisionFilter } from './decisions-read.ts';
import { defaultSupplyPolicy } from './default-policy.ts';
import { readDays } from './read-days.ts';
import type { SupplyController } from './supply-controller.ts';
import {
  loadPolicies,
  loadProjectEvidence,
  lookAtProject,
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
  calendars(projectId: string): Promise<readonly ProtectionCalendar[]>;
  /** @throws RequestError 422 calendar-refused */
  addCalendar(projectId: string, contents: CalendarContents, by: Who): Promise<ProtectionCalendar>;
  /** @throws RequestError 404 calendar-unknown, 422 calendar-refused */
  setCalendar(projectId: string, calendar: ProtectionCalendar, by: Who): Promise<ProtectionCalendar>;
  /** @throws RequestError 404 calendar-unknown, 409 calendar-in-force */
  removeCalendar(projectId: string, calendarId: string): Promise<void>;
  readDays(projectId: string, list: ReadDaysBody): ReadDaysAnswer;
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
      const nowMs = clock.nowMs();
      await database.transaction(async (transaction) => {
        requireCalendars(policy, await loadCalendars(transaction, projectId));
        await writePolicy(transaction, projectId, policy, by, nowMs);
      });
      parts.wake.supply();
      return policy;
    },
    ...calendarCommands(parts),
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
      const [policy, calendars, rows, unchargedAgeMs] = await Promise.all([
        policyOf(projectId),
        loadAccountCalendars(database, projectId),
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
          calendars,
          unchargedAgeMs,
        });
        if (evidence === null) continue;
        const average = daysLeft(row.balance_micros, measured.get(row.account_id) ?? []);
        const line = dryRunLine(row, evidence, average?.dailyChargeMicros ?? null, nowMs);
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

/** @param dailyChargeMicros null when unknown */
function dryRunLine(
  row: EvidenceRow,
  evidence: SupplyEvidence,
  dailyChargeMicros: number | null,
  nowMs: number,
): Omit<DryRun['rows'][number], 'tenantName'> {
  // Who is below now has been since the controller saw it, or will be seen at once.
  const exhausted = creditExhausted(evidence);
  const now = { ...evidence, belowSinceMs: exhausted ? (evidence.belowSinceMs ?? nowMs) : null };
  const { action, gates } = decideSupply(now);
  const aheadMs = Math.max(0, evidence.atMs - nowMs);
  const projectedBalanceMicros =
    dailyChargeMicros === null ? null : row.balance_micros - expectedCharge(dailyChargeMicros, aheadMs);
  const exhaustedAtMs = now.belowSinceMs ?? exhaustionOf(evidence, dailyChargeMicros, nowMs);
  const projected =
    projectedBalanceMicros === null
      ? null
      : { ...now, balanceMicros: projectedBalanceMicros, belowSinceMs: exhaustedAtMs };
  return {
    accountId: row.account_id,
    balanceMicros: row.balance_micros,
    projectedBalanceMicros,
    action,
    actionIfProjected: projected === null ? null : decideSupply(projected).action,
    desiredRelay: row.desired,
    emergencyCreditMicros: evidence.emergencyCreditMicros,
    arrearsMicros: evidence.arrearsMicros,
    safeBy: [...gatesAgainst(now)],
    expectedCutMs:
      exhaustedAtMs === null || row.desired === 'open'
        ? null
        : expectedCut({ ...now, atMs: nowMs }, exhaustedAtMs),
    gates: [...gates],
  };
}

/** When the credit runs out at the pace of the last days; null when nothing is spent or known. */
function exhaustionOf(
  evidence: SupplyEvidence,
  dailyChargeMicros: number | null,
  nowMs: number,
): number | null {
  if (dailyChargeMicros === null || dailyChargeMicros <= 0) return null;
  const { balanceMicros, emergencyCreditMicros, policy } = evidence;
  const leftMicros = balanceMicros + emergencyCreditMicros - policy.disconnectThresholdMicros;
  return nowMs + Number(divideRounded(BigInt(leftMicros) * BigInt(dayMs), BigInt(dailyChargeMicros)));
}

function calendarCommands(
  parts: BillingParts,
): Pick<SupplyService, 'calendars' | 'addCalendar' | 'setCalendar' | 'removeCalendar' | 'readDays'> {
  const { database, clock } = parts;
  return {
    async calendars(projectId) {
      projectOf(parts, projectId);
      return await loadCalendars(database, projectId);
    },
    async addCalendar(projectId, contents, by) {
      projectOf(parts, projectId);
      requireSpans(contents);
      const calendar = { ...contents, calendarId: newId('protectionCalendar') };
      await insertCalendar(database, { ...calendar, projectId }, by, clock.nowMs());
      return calendar;
    },
    async setCalendar(projectId, calendar, by) {
      projectOf(parts, projectId);
      requireSpans(calendar);
      const nowMs = clock.nowMs();
      await database.transaction(async (transaction) => {
        const found = await updateCalendar(transaction, { ...calendar, projectId }, by, nowMs);
        if (!found) throw calendarUnknown(calendar.calendarId);
        await lookAtProject(transaction, projectId, nowMs);
      });
      parts.wake.supply();
      return calendar;
    },
    async removeCalendar(projectId, calendarId) {
      projectOf(parts, projectId);
      await database.transaction(async (transaction) => {
        const held = await loadAccountCalendars(transaction, projectId);
        if (held.some((calendar) => calendar.calendarId === calendarId)) throw calendarInForce();
        if (!(await deleteCalendar(transaction, projectId, calendarId))) throw calendarUnknown(calendarId);
      });
    },
    readDays(projectId, list) {
      projectOf(parts, projectId);
      return readDays(list);
    },
  };
}

function requireCalendars(policy: SupplyPolicy, calendars: readonly ProtectionCalendar[]): void {
  const known = new Set(calendars.map((calendar) => calendar.calendarId));
  const faults = policy.calendarIds.flatMap((calendarId, index) =>
    known.has(calendarId) ? [] : [{ path: `calendarIds.${index}`, message: 'no calendar of this project' }],
  );
  if (faults.length === 0) return;
  throw new RequestError({
    status: 422,
    code: 'policy-refused',
    message: 'The policy points to a calendar that is not there.',
    hint: 'List the calendars of the project, or add the one you mean first.',
    faults,
  });
}

function requireSpans(calendar: Pick<CalendarContents, 'spans'>): void {
  const faults = calendar.spans.flatMap((span, index) =>
    span.toMinute > span.fromMinute && span.toMinute <= span.fromMinute + 1440
      ? []
      : [
          {
            path: `spans.${index}.toMinute`,
            message: 'a span ends after it begins and lasts at most a day',
          },
        ],
  );
  if (faults.length === 0) return;
  throw new RequestError({
    status: 422,
    code: 'calendar-refused',
    message: 'The protected hours are not right.',
    hint: 'A span over midnight ends beyond 1440: 22:00 to 06:00 is 1320 to 1800.',
    faults,
  });
}

const calendarUnknown = (calendarId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'calendar-unknown',
    message: `This project has no calendar "${calendarId}".`,
    hint: 'List the calendars of the project.',
  });
const calendarInForce = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'calendar-in-force',
    message: 'The supply policy points to this calendar.',
    hint: 'Take it out of the policy first.',
  });
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
