// SPDX-License-Identifier: Apache-2.0
/** Changes of an open account: a point added or taken away, another scheme, another contracted demand, and undoing them. */
import { isDeepStrictEqual } from 'node:util';
import { newId, type Medium } from '@wattledger/contracts';
import type { AccountChangeAnswer } from '@wattledger/contracts/http/billing';
import { RequestError, type Transaction } from '@wattledger/platform';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import { followBalances } from '../balance/follow-balances.ts';
import { chargeAnew } from '../charging/charging-service.ts';
import { holdPoints } from '../charging/charging-store.ts';
import { holdLedgerAccounts } from '../ledger/ledger-store.ts';
import { contentHash, ledgerKeyText, tenantBalance, type Who } from '../ledger/posting.ts';
import { requireMeterSideAlone } from '../meter-prepayment/points-store.ts';
import { projectOf, type BillingParts } from '../parts.ts';
import { loadSchemes } from '../prices/prices-store.ts';
import {
  loadPointsOfAccount,
  loadPointTimes,
  replacePointTimes,
  type AccountHead,
} from './accounts-store.ts';
import { findRepeated, insertChange, loadChange, type AccountChangeKind } from './changes-store.ts';
import {
  faultsOfChange,
  kindOfChange,
  timesAfter,
  type AccountChange,
  type PointChange,
} from './plan-change.ts';
import { openTime, withoutFrom, type PointTime } from './point-times.ts';
import { changeRefused, pointTaken, requireHead, requireOpen } from './refusals.ts';
import { rehearseOrDo } from './rehearsal.ts';

export type ChangeRequest = AccountChange & { readonly requestId: string; readonly accountId: string };

/** Kept with the change: enough to undo it, and the answer for who asks again. */
export interface PointChangeFacts {
  readonly meteringPointId: string;
  readonly before: readonly PointTime[];
  readonly after: readonly PointTime[];
  readonly undoes: string | null;
  readonly chargedMicros: number;
  readonly balanceMicros: number;
}

type PlannedChange = Omit<PointChangeFacts, 'chargedMicros' | 'balanceMicros'> & {
  readonly kind: AccountChangeKind;
  readonly medium: Medium;
  readonly fromMs: number;
};

/**
 * Changes what an account pays for, and charges anew what has flowed since. Idempotent by its request id.
 * @throws RequestError 404 account-unknown, 404 change-unknown, 409 account-closed, 409 point-has-account, 409 meter-side-alone,
 * 409 change-not-latest, 409 request-id-reused, 422 change-refused with every fault
 */
export async function changeAccount(
  parts: BillingParts,
  projectId: string,
  request: ChangeRequest,
  by: Who,
): Promise<AccountChangeAnswer> {
  const answer = await rehearseOrDo(
    parts.database,
    request.dryRun,
    async (transaction) => await changeIn(parts, transaction, projectId, request, by),
  ).catch((error: unknown) => {
    throw pointTaken(error) ?? error;
  });
  if (request.dryRun) return { ...answer, changeId: null };
  parts.wake.supply();
  return answer;
}

async function changeIn(
  parts: BillingParts,
  transaction: Transaction,
  projectId: string,
  request: ChangeRequest,
  by: Who,
): Promise<AccountChangeAnswer> {
  const { accountId, requestId } = request;
  await requireHead(transaction, projectId, accountId);
  const hash = contentHash({ command: 'change-account', ...request });
  const points = new Set(await loadPointsOfAccount(transaction, accountId));
  if (
    request.change !== 'undo' &&
    parts.registry.get('metering-point', request.meteringPointId)?.projectId === projectId
  )
    points.add(request.meteringPointId);
  await holdPoints(transaction, new Map([...points].map((id) => [id, { projectId }])));
  const asked = { projectId, requestId, contentHash: hash };
  const repeated = await findRepeated<PointChangeFacts>(transaction, asked);
  if (repeated !== undefined) {
    const { chargedMicros, balanceMicros } = repeated.facts;
    return { changeId: repeated.changeId, accountId, chargedMicros, balanceMicros };
  }
  const head = await requireOpen(transaction, projectId, accountId);
  const plan =
    request.change === 'undo'
      ? await planUndo(transaction, accountId, request.changeId)
      : await planPointChange(parts, transaction, projectId, head, request);
  const money = await carryOut(parts, transaction, projectId, accountId, plan);
  await requireMeterSideAlone(transaction, projectId, accountId);
  const { kind, fromMs, medium: _, ...kept } = plan;
  const changeId = newId('accountChange');
  await insertChange(transaction, {
    ...asked,
    changeId,
    accountId,
    kind,
    effectiveAtMs: fromMs,
    recordedAtMs: parts.clock.nowMs(),
    recordedBy: by,
    reason: request.reason,
    facts: { ...kept, ...money } satisfies PointChangeFacts,
  });
  return { changeId, accountId, ...money };
}

async function planPointChange(
  parts: BillingParts,
  transaction: Transaction,
  projectId: string,
  { accountId, openedAtMs }: AccountHead,
  change: PointChange,
): Promise<PlannedChange> {
  const { meteringPointId, fromMs } = change;
  const [all, schemes] = [
    await loadPointTimes(transaction, accountId),
    await loadSchemes(transaction, projectId, null),
  ];
  const point = parts.registry.get('metering-point', meteringPointId);
  const medium = point?.projectId === projectId ? point.medium : undefined;
  const schemeId = 'priceSchemeId' in change ? change.priceSchemeId : null;
  const times = all.filter((time) => time.meteringPointId === meteringPointId).map(toTime);
  const faults = faultsOfChange(change, {
    project: projectOf(parts, projectId),
    nowMs: parts.clock.nowMs(),
    openedAtMs,
    medium,
    mediumOfScheme: schemes.find((scheme) => scheme.priceSchemeId === schemeId)?.medium,
    times,
    otherPoints: all.filter((time) => time.meteringPointId !== meteringPointId && time.closedAtMs === null)
      .length,
  });
  if (faults.length > 0 || medium === undefined) throw changeRefused(faults);
  const kind = kindOfChange[change.change];
  const after = timesAfter(change, times);
  return { kind, meteringPointId, medium, fromMs, before: times, after, undoes: null };
}

/** The point as it was before a change, if nothing was changed about it since. */
async function planUndo(
  transaction: Transaction,
  accountId: string,
  changeId: string,
): Promise<PlannedChange> {
  const change = await loadChange<PointChangeFacts>(transaction, accountId, changeId);
  if (change === undefined || !Array.isArray(change.facts.after)) throw changeUnknown(changeId);
  const { meteringPointId, before, after } = change.facts;
  const all = await loadPointTimes(transaction, accountId);
  const own = all.filter((time) => time.meteringPointId === meteringPointId);
  const times = own.map(toTime);
  const medium = own[0]?.medium;
  if (medium === undefined || !isDeepStrictEqual(times, after.map(toTime))) throw changeNotLatest();
  // Charges may name a point that was added and is taken back: it stays, for no time.
  const restored = before.length > 0 ? before.map(toTime) : withoutFrom(times, times[0]?.openedAtMs ?? 0);
  const others = all.some((time) => time.meteringPointId !== meteringPointId && time.closedAtMs === null);
  if (!others && openTime(restored) === undefined) throw changeNotLatest();
  const plan = { kind: 'change-undone' as const, meteringPointId, medium, before: times, undoes: changeId };
  return { ...plan, after: restored, fromMs: change.effectiveAtMs };
}

const toTime = ({ priceSchemeId, contractedDemandW, openedAtMs, closedAtMs }: PointTime): PointTime => ({
  priceSchemeId,
  contractedDemandW,
  openedAtMs,
  closedAtMs,
});

async function carryOut(
  parts: BillingParts,
  transaction: Transaction,
  projectId: string,
  accountId: string,
  { meteringPointId, medium, after, fromMs }: PlannedChange,
): Promise<{ readonly chargedMicros: number; readonly balanceMicros: number }> {
  const nowMs = parts.clock.nowMs();
  const tenant = tenantBalance(projectId, accountId);
  const balance = async (): Promise<number> =>
    (await holdLedgerAccounts(transaction, [tenant])).get(ledgerKeyText(tenant))?.balanceMicros as number;
  const balanceBefore = await balance();
  const ids = { accountId, projectId, meteringPointId, medium };
  await replacePointTimes(
    transaction,
    accountId,
    meteringPointId,
    after.map((time) => ({ ...time, ...ids })),
  );
  const announcements = noAnnouncements();
  await chargeAnew({ transaction, nowMs, announcements }, [meteringPointId], {
    fromMs,
    toMs: Number.MAX_SAFE_INTEGER,
    cause: 'account-changed',
    noticeVersionId: null,
  });
  const balanceMicros = await balance();
  await followBalances(transaction, [{ accountId, balanceMicros }], {
    cause: 'charge',
    supplyCause: 'opened',
    nowMs,
    announcements,
  });
  await announce(parts.eventLog, transaction, announcements);
  return { chargedMicros: balanceBefore - balanceMicros, balanceMicros };
}

const changeUnknown = (changeId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'change-unknown',
    message: `The account has no change "${changeId}" that could be undone.`,
    hint: 'Only changes of points, schemes and contracted demand are undone; look at the record of the account.',
  });
const changeNotLatest = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'change-not-latest',
    message: 'The metering point has been changed again since, or is the last one of the account.',
    hint: 'Undo the later changes first, the latest one at the beginning.',
  });
