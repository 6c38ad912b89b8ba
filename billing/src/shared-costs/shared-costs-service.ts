// SPDX-License-Identifier: Apache-2.0
/** Rules of shared costs, and the runs that post them. */
import { newId } from '@wattledger/contracts';
import type {
  SharedCostKind,
  SharedCostList,
  SharedCostRule,
  SharedCostSheet,
  SharedCostTerms,
} from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import { requestIdReused } from '../ledger/ledger-store.ts';
import { contentHash, type Who } from '../ledger/posting.ts';
import { projectOf, type BillingParts } from '../parts.ts';
import { postRun } from './post-run.ts';
import {
  holdRule,
  insertRule,
  insertVersion,
  loadRules,
  loadVersions,
  moveVersion,
  versionFor,
  type Rule,
} from './rules-store.ts';
import { insertLines, insertRun, loadLines, loadRuns, type StoredRun } from './runs-store.ts';
import {
  monthNotOver,
  monthPosted,
  nameTaken,
  notApproved,
  noVersion,
  pointMissing,
  potChanged,
  ruleUnknown,
  runOver,
  runUnknown,
  samePerson,
  termsRefused,
  versionOver,
} from './shared-costs-errors.ts';
import { makeSheet, monthSpan } from './sheet.ts';

export interface RunRequest {
  readonly requestId: string;
  readonly ruleId: string;
  readonly month: string;
  readonly invoiceMicros: number | undefined;
  readonly expectedTotalMicros: number;
}
export interface RunReversal {
  readonly requestId: string;
  readonly ruleId: string;
  readonly runId: string;
  readonly reason: string;
}
export interface VersionDraft {
  readonly fromMonth: string;
  readonly toMonth: string | null;
  readonly terms: SharedCostTerms;
}

export interface SharedCostsService {
  list(projectId: string): Promise<SharedCostList>;
  /** @throws RequestError 409 name-taken */
  addRule(
    projectId: string,
    rule: { readonly name: string; readonly kind: SharedCostKind },
  ): Promise<SharedCostRule>;
  /** @throws RequestError 404 rule-unknown, 422 terms-refused, point-unknown */
  draft(projectId: string, ruleId: string, draft: VersionDraft, by: Who): Promise<SharedCostRule>;
  /** @throws RequestError 409 version-not-draft, same-person */
  move(
    projectId: string,
    ruleId: string,
    versionId: string,
    state: 'approved' | 'withdrawn',
    by: Who,
  ): Promise<SharedCostRule>;
  /** @throws RequestError 409 no-version, 422 invoice-missing */
  dryRun(projectId: string, ruleId: string, month: string, invoiceMicros?: number): Promise<SharedCostSheet>;
  /** @throws RequestError 409 month-posted, month-not-over, pot-changed, version-not-approved, request-id-reused */
  post(projectId: string, request: RunRequest, by: Who): Promise<SharedCostSheet>;
  /** @throws RequestError 404 run-unknown, 409 run-reversed, request-id-reused */
  reverse(projectId: string, request: RunReversal, by: Who): Promise<SharedCostSheet>;
  /** A run as it was posted. @throws RequestError 404 run-unknown */
  sheet(projectId: string, ruleId: string, runId: string): Promise<SharedCostSheet>;
}

export function createSharedCostsService(parts: BillingParts): SharedCostsService {
  const { database, clock } = parts;

  async function rules(projectId: string, ruleId: string | null): Promise<readonly SharedCostRule[]> {
    projectOf(parts, projectId);
    const found = await loadRules(database, projectId, ruleId);
    const versions = await loadVersions(
      database,
      found.map((rule) => rule.ruleId),
    );
    const runs = await loadRuns(database, { projectId });
    return found.map(({ ruleId: id, name, kind }) => ({
      ruleId: id,
      name,
      kind,
      versions: versions
        .filter((version) => version.ruleId === id)
        .map(({ ruleId: _, ...version }) => version),
      runs: runs.filter((run) => run.ruleId === id).map(publicRun),
    }));
  }
  async function one(projectId: string, ruleId: string): Promise<SharedCostRule> {
    const [rule] = await rules(projectId, ruleId);
    if (rule === undefined) throw ruleUnknown();
    return rule;
  }

  return {
    async list(projectId) {
      return { currency: projectOf(parts, projectId).currency, rules: [...(await rules(projectId, null))] };
    },
    async addRule(projectId, rule) {
      projectOf(parts, projectId);
      const ruleId = newId('sharedCostRule');
      if (!(await insertRule(database, { ...rule, ruleId, projectId }))) throw nameTaken(rule.name);
      return await one(projectId, ruleId);
    },
    async draft(projectId, ruleId, draft, by) {
      await one(projectId, ruleId);
      requireTerms(parts, projectId, draft);
      await database.transaction(async (transaction) => {
        await holdRule(transaction, ruleId);
        const versionId = newId('sharedCostVersion');
        await insertVersion(transaction, { ...draft, versionId, ruleId, by, nowMs: clock.nowMs() });
      });
      return await one(projectId, ruleId);
    },
    async move(projectId, ruleId, versionId, state, by) {
      const { versions } = await one(projectId, ruleId);
      const version = versions.find((candidate) => candidate.versionId === versionId);
      if (version === undefined) throw ruleUnknown();
      if (state === 'approved' && version.draftedBy.id === by.id) throw samePerson();
      if (!(await moveVersion(database, versionId, state, by, clock.nowMs()))) throw versionOver();
      return await one(projectId, ruleId);
    },
    dryRun: async (projectId, ruleId, month, invoiceMicros) =>
      (await sheetOfMonth(parts, database, projectId, { ruleId, month, invoiceMicros })).sheet,
    async post(projectId, request, by) {
      await one(projectId, request.ruleId);
      const runId = await database.transaction(
        async (transaction) => await postMonth(parts, transaction, projectId, request, by),
      );
      parts.wake.supply();
      return await this.sheet(projectId, request.ruleId, runId);
    },
    async reverse(projectId, request, by) {
      await one(projectId, request.ruleId);
      const runId = await database.transaction(
        async (transaction) => await reverseRun(parts, transaction, projectId, request, by),
      );
      parts.wake.supply();
      return await this.sheet(projectId, request.ruleId, runId);
    },
    sheet: async (projectId, ruleId, runId) =>
      await storedSheet(parts, database, { projectId, ruleId, runId }),
  };
}

const publicRun = ({ requestId: _, contentHash: _hash, pot: _pot, weights: _weights, ...run }: StoredRun) =>
  run;

function requireTerms(
  parts: BillingParts,
  projectId: string,
  { fromMonth, toMonth, terms }: VersionDraft,
): void {
  const { registry } = parts;
  if (toMonth !== null && toMonth < fromMonth)
    throw termsRefused('toMonth', 'before the month it begins with');
  terms.placeIds.forEach((placeId, index) => {
    if (registry.get('place', placeId)?.projectId !== projectId)
      throw termsRefused(`terms.placeIds.${index}`, 'no place of this project');
  });
  if (terms.pot.kind !== 'measured') return;
  const { mainPointId } = terms.pot;
  if (registry.get('metering-point', mainPointId)?.projectId !== projectId) throw pointMissing(mainPointId);
}

async function sheetOfMonth(
  parts: BillingParts,
  queryable: Queryable,
  projectId: string,
  question: { readonly ruleId: string; readonly month: string; readonly invoiceMicros: number | undefined },
): Promise<{ readonly rule: Rule; readonly sheet: SharedCostSheet; readonly approved: boolean }> {
  const project = projectOf(parts, projectId);
  const [rule] = await loadRules(queryable, projectId, question.ruleId);
  if (rule === undefined) throw ruleUnknown();
  const versions = await loadVersions(queryable, [question.ruleId]);
  const version = versionFor(versions, question.month);
  if (version === undefined) throw noVersion(question.month);
  const sheet = await makeSheet(parts, queryable, project, { ...question, version, versions });
  return { rule, sheet, approved: version.state === 'approved' };
}

async function postMonth(
  parts: BillingParts,
  transaction: Transaction,
  projectId: string,
  request: RunRequest,
  by: Who,
): Promise<string> {
  const { ruleId, month, requestId, invoiceMicros } = request;
  // One after the other: the second finds what the first has posted.
  await holdRule(transaction, ruleId);
  const hash = contentHash({ command: 'shared-cost-run', ...request });
  const earlier = await replayed(transaction, projectId, requestId, hash);
  if (earlier !== null) return earlier;
  const runs = await loadRuns(transaction, { projectId, ruleId });
  if (runs.some((run) => run.kind === 'run' && run.month === month && run.reversedByRunId === null))
    throw monthPosted(month);
  const nowMs = parts.clock.nowMs();
  if (monthSpan(projectOf(parts, projectId).zone, month).endMs > nowMs) throw monthNotOver(month);
  const question = { ruleId, month, invoiceMicros };
  const { rule, sheet, approved } = await sheetOfMonth(parts, transaction, projectId, question);
  if (!approved) throw notApproved();
  if (sheet.pot.totalMicros !== request.expectedTotalMicros) throw potChanged(sheet.pot.totalMicros);
  const run: StoredRun = {
    runId: newId('sharedCostRun'),
    ruleId,
    versionId: sheet.versionId,
    month,
    kind: 'run',
    reversesRunId: null,
    reversedByRunId: null,
    requestId,
    contentHash: hash,
    pot: sheet.pot,
    weights: sheet.weights,
    potMicros: sheet.pot.totalMicros,
    chargedMicros: sheet.chargedMicros,
    ownerMicros: sheet.ownerMicros,
    taxMicros: sheet.taxMicros,
    postedBy: by,
    postedAtMs: nowMs,
    reason: null,
  };
  await insertRun(transaction, { ...run, projectId });
  await insertLines(transaction, run.runId, await postRun(parts, transaction, rule, run, sheet.lines));
  return run.runId;
}

async function reverseRun(
  parts: BillingParts,
  transaction: Transaction,
  projectId: string,
  request: RunReversal,
  by: Who,
): Promise<string> {
  const { ruleId, runId, requestId, reason } = request;
  await holdRule(transaction, ruleId);
  const hash = contentHash({ command: 'shared-cost-reversal', ...request });
  const earlier = await replayed(transaction, projectId, requestId, hash);
  if (earlier !== null) return earlier;
  const [rule] = await loadRules(transaction, projectId, ruleId);
  const run = (await loadRuns(transaction, { projectId, ruleId })).find((one) => one.runId === runId);
  if (rule === undefined || run === undefined) throw runUnknown();
  if (run.kind === 'reversal' || run.reversedByRunId !== null) throw runOver();
  const reversal: StoredRun = {
    ...run,
    runId: newId('sharedCostRun'),
    kind: 'reversal',
    reversesRunId: runId,
    requestId,
    contentHash: hash,
    potMicros: -run.potMicros,
    chargedMicros: -run.chargedMicros,
    ownerMicros: -run.ownerMicros,
    taxMicros: -run.taxMicros,
    postedBy: by,
    postedAtMs: parts.clock.nowMs(),
    reason,
  };
  await insertRun(transaction, { ...reversal, projectId });
  const lines = (await loadLines(transaction, runId)).map((line) => ({
    ...line,
    amountMicros: -line.amountMicros,
    taxMicros: -line.taxMicros,
  }));
  await insertLines(transaction, reversal.runId, await postRun(parts, transaction, rule, reversal, lines));
  return reversal.runId;
}

async function replayed(
  transaction: Transaction,
  projectId: string,
  requestId: string,
  hash: string,
): Promise<string | null> {
  const [earlier] = await loadRuns(transaction, { projectId, requestId });
  if (earlier === undefined) return null;
  if (earlier.contentHash !== hash) throw requestIdReused(requestId);
  return earlier.runId;
}

async function storedSheet(
  parts: BillingParts,
  queryable: Queryable,
  ids: { readonly projectId: string; readonly ruleId: string; readonly runId: string },
): Promise<SharedCostSheet> {
  const { projectId, ruleId, runId } = ids;
  const project = projectOf(parts, projectId);
  const run = (await loadRuns(queryable, { projectId, ruleId })).find((one) => one.runId === runId);
  if (run === undefined) throw runUnknown();
  const versions = await loadVersions(queryable, [ruleId]);
  const version = versions.find((one) => one.versionId === run.versionId);
  const lines = await loadLines(queryable, runId);
  return {
    ruleId,
    versionId: run.versionId,
    month: run.month,
    key: version?.terms.key.kind ?? 'equal',
    currency: project.currency,
    pot: run.pot,
    weights: run.weights,
    lines: lines.map(({ postingId: _, tenantId, ...line }) => ({
      ...line,
      tenantName: tenantId === null ? null : (parts.registry.get('tenant', tenantId)?.name ?? tenantId),
    })),
    chargedMicros: run.chargedMicros,
    ownerMicros: run.ownerMicros,
    taxMicros: run.taxMicros,
    run: publicRun(run),
  };
}
