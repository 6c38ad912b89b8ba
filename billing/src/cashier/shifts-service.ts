// SPDX-License-Identifier: Apache-2.0
/** Cashiers' shifts: opened with a float, handed in from, counted and closed for ever. */
import { newId } from '@wattledger/contracts';
import type { CashCount, CounterPolicy, Shift } from '@wattledger/contracts/http/billing';
import { RequestError, type Transaction } from '@wattledger/platform';
import { issueShiftSlip } from '../documents/shift-slip.ts';
import { addEntries, claimPostings, holdLedgerAccounts, requestIdReused } from '../ledger/ledger-store.ts';
import {
  clearingAccount,
  contentHash,
  moveEntries,
  type LedgerAccountKey,
  type NewPosting,
  type Who,
} from '../ledger/posting.ts';
import { dayInProject, projectOf, type BillingParts } from '../parts.ts';
import { loadCounterPolicy, saveCounterPolicy } from './counter-policy.ts';
import {
  closeShiftRow,
  findShiftRequest,
  holdShift,
  holdShiftNumbers,
  insertHandIn,
  insertShift,
  loadShifts,
  takeShiftNumber,
  type ShiftFilter,
} from './shifts-store.ts';

export interface Cash {
  readonly amountMicros: number;
  readonly counts?: readonly CashCount[] | undefined;
}
export interface OpenShift {
  readonly requestId: string;
  readonly float: Cash;
}
export interface HandIn {
  readonly requestId: string;
  readonly shiftId: string;
  readonly amountMicros: number;
  readonly note: string;
}
export interface CloseShift {
  readonly requestId: string;
  readonly shiftId: string;
  readonly cash: Cash;
  readonly slips: readonly {
    readonly means: 'card' | 'transfer' | 'cheque';
    readonly slips: number;
    readonly amountMicros: number;
  }[];
  readonly differenceReason?: string | undefined;
}

export interface ShiftsService {
  /** @throws RequestError 409 shift-open, 409 request-id-reused */
  open(projectId: string, request: OpenShift, cashier: Who): Promise<Shift>;
  /** @throws RequestError 404 shift-unknown, 409 shift-closed, 409 shift-of-another, 409 not-in-drawer */
  handIn(projectId: string, request: HandIn, by: Who, mayForOthers: boolean): Promise<Shift>;
  /**
   * Counts the drawer against what it should hold; the difference is posted, and the shift never opens again.
   * @throws RequestError 404 shift-unknown, 409 shift-closed, 409 shift-of-another, 422 difference-reason-required
   */
  close(projectId: string, request: CloseShift, by: Who, mayForOthers: boolean): Promise<Shift>;
  list(filter: ShiftFilter): Promise<readonly Shift[]>;
  /** The open shift of a cashier. */
  openShiftOf(projectId: string, cashierId: string): Promise<Shift | null>;
  policy(projectId: string): Promise<CounterPolicy>;
  setPolicy(projectId: string, policy: CounterPolicy, by: Who): Promise<void>;
}

export function createShiftsService(parts: BillingParts): ShiftsService {
  const { database, clock } = parts;
  async function shiftOf(projectId: string, shiftId: string): Promise<Shift> {
    const [shift] = await loadShifts(database, { projectId, shiftId, limit: 1 });
    if (shift === undefined) throw shiftUnknown(shiftId);
    return shift;
  }
  return {
    list: async (filter) => await loadShifts(database, filter),
    async openShiftOf(projectId, cashierId) {
      const [shift] = await loadShifts(database, { projectId, cashierId, state: 'open', limit: 1 });
      return shift ?? null;
    },
    policy: async (projectId) => await loadCounterPolicy(database, projectId),
    setPolicy: async (projectId, policy, by) => {
      projectOf(parts, projectId);
      await saveCounterPolicy(database, projectId, policy, { by, atMs: clock.nowMs() });
    },
    async open(projectId, request, cashier) {
      const shiftId = await database.transaction(
        async (transaction) => await openShift(parts, transaction, { projectId, request, cashier }),
      );
      return await shiftOf(projectId, shiftId);
    },
    async handIn(projectId, request, by, mayForOthers) {
      await database.transaction(
        async (transaction) =>
          await handIn(transaction, { projectId, request, by, mayForOthers, nowMs: clock.nowMs() }),
      );
      return await shiftOf(projectId, request.shiftId);
    },
    async close(projectId, request, by, mayForOthers) {
      await database.transaction(async (transaction) => {
        await closeShift(transaction, { projectId, request, by, mayForOthers, nowMs: clock.nowMs() });
        const [shift] = await loadShifts(transaction, { projectId, shiftId: request.shiftId, limit: 1 });
        if (shift !== undefined) await issueShiftSlip(parts, transaction, projectId, shift, by);
      });
      return await shiftOf(projectId, request.shiftId);
    },
  };
}

async function openShift(
  parts: BillingParts,
  transaction: Transaction,
  opening: { readonly projectId: string; readonly request: OpenShift; readonly cashier: Who },
): Promise<string> {
  const { projectId, request, cashier } = opening;
  const nowMs = parts.clock.nowMs();
  const hash = contentHash({ command: 'open-shift', cashierId: cashier.id, float: request.float });
  await holdShiftNumbers(transaction, projectId);
  const before = await findShiftRequest(transaction, projectId, request.requestId);
  if (before !== undefined) {
    if (before.contentHash !== hash) throw requestIdReused(request.requestId);
    return before.shiftId;
  }
  const [open] = await loadShifts(transaction, {
    projectId,
    cashierId: cashier.id,
    state: 'open',
    limit: 1,
  });
  if (open !== undefined) throw shiftOpen(open.shiftNumber);
  const shiftId = newId('shift');
  await insertShift(transaction, {
    shiftId,
    projectId,
    cashier,
    shiftNumber: await takeShiftNumber(transaction, projectId),
    requestId: request.requestId,
    contentHash: hash,
    openedAtMs: nowMs,
    localDay: dayInProject(projectOf(parts, projectId), nowMs),
    floatMicros: request.float.amountMicros,
    floatCounts: request.float.counts ?? null,
  });
  return shiftId;
}

interface ShiftCommand<Request> {
  readonly projectId: string;
  readonly request: Request;
  readonly by: Who;
  readonly mayForOthers: boolean;
  readonly nowMs: number;
}

/** The shift, held; false when the request has been carried out before. */
async function holdForCommand(
  transaction: Transaction,
  command: ShiftCommand<{ readonly requestId: string; readonly shiftId: string }>,
  hash: string,
): Promise<boolean> {
  const { projectId, request, by, mayForOthers } = command;
  const shift = await holdShift(transaction, projectId, request.shiftId);
  if (shift === undefined) throw shiftUnknown(request.shiftId);
  const before = await findShiftRequest(transaction, projectId, request.requestId);
  if (before !== undefined) {
    if (before.contentHash !== hash) throw requestIdReused(request.requestId);
    return false;
  }
  if (shift.cashierId !== by.id && !mayForOthers) throw shiftOfAnother();
  if (shift.state === 'closed') throw shiftClosed();
  return true;
}

async function heldShift(
  transaction: Transaction,
  { projectId, request }: ShiftCommand<{ readonly shiftId: string }>,
): Promise<Shift> {
  const [shift] = await loadShifts(transaction, { projectId, shiftId: request.shiftId, limit: 1 });
  if (shift === undefined) throw new Error('a held shift is there');
  return shift;
}

async function handIn(transaction: Transaction, command: ShiftCommand<HandIn>): Promise<void> {
  const { projectId, request, by, nowMs } = command;
  const { requestId, shiftId, amountMicros, note } = request;
  const hash = contentHash({ command: 'hand-in', shiftId, amountMicros, note });
  if (!(await holdForCommand(transaction, command, hash))) return;
  const shift = await heldShift(transaction, command);
  if (shift.expectedCashMicros < amountMicros) throw notInDrawer(shift.expectedCashMicros);
  await insertHandIn(transaction, {
    handInId: newId('handIn'),
    shiftId,
    projectId,
    requestId,
    contentHash: hash,
    amountMicros,
    note,
    recordedAtMs: nowMs,
    recordedBy: by,
  });
}

async function closeShift(transaction: Transaction, command: ShiftCommand<CloseShift>): Promise<void> {
  const { request, by, nowMs } = command;
  const { requestId, shiftId, cash, slips } = request;
  const differenceReason = request.differenceReason ?? null;
  const hash = contentHash({ command: 'close-shift', shiftId, cash, slips, differenceReason });
  if (!(await holdForCommand(transaction, command, hash))) return;
  // Read after the shift is held: money of the counter that was under way has committed, and no more can join.
  const { expectedCashMicros: expectedMicros } = await heldShift(transaction, command);
  const differenceMicros = cash.amountMicros - expectedMicros;
  if (differenceMicros !== 0 && differenceReason === null) throw differenceReasonRequired(differenceMicros);
  const differencePostingId =
    differenceMicros === 0
      ? null
      : await postDifference(transaction, command, { differenceMicros, differenceReason });
  await closeShiftRow(transaction, {
    shiftId,
    requestId,
    contentHash: hash,
    closedAtMs: nowMs,
    by,
    countedMicros: cash.amountMicros,
    counts: cash.counts ?? null,
    slips,
    expectedMicros,
    differenceReason: differenceMicros === 0 ? null : differenceReason,
    differencePostingId,
  });
}

/** What drawers were short or over: the project's own. */
const cashDifferenceAccount = (projectId: string): LedgerAccountKey => ({
  projectId,
  kind: 'cash-difference',
  ownerId: '',
});

/** Cash that is short is a debit of cash-difference, cash over a credit; cash follows what was counted. */
async function postDifference(
  transaction: Transaction,
  { projectId, request, by, nowMs }: ShiftCommand<CloseShift>,
  difference: { readonly differenceMicros: number; readonly differenceReason: string | null },
): Promise<string> {
  const posting: NewPosting = {
    postingId: newId('posting'),
    projectId,
    kind: 'cash-difference',
    requestId: `shift-difference:${request.shiftId}`,
    contentHash: contentHash({ command: 'cash-difference', shiftId: request.shiftId, ...difference }),
    // It concerns a drawer, no prepaid account.
    accountId: '',
    effectiveAtMs: nowMs,
    recordedAtMs: nowMs,
    recordedBy: by,
    reason: difference.differenceReason,
    charge: null,
  };
  await claimPostings(transaction, [posting]);
  const cash = clearingAccount(projectId, 'cash');
  const differences = cashDifferenceAccount(projectId);
  const held = await holdLedgerAccounts(transaction, [cash, differences]);
  const entries = moveEntries(differences, cash, -difference.differenceMicros);
  await addEntries(transaction, held, [{ postingId: posting.postingId, entries }]);
  return posting.postingId;
}

const shiftUnknown = (shiftId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'shift-unknown',
    message: `This project has no shift "${shiftId}".`,
    hint: 'List the shifts of the project.',
  });
const shiftOpen = (shiftNumber: number): RequestError =>
  new RequestError({
    status: 409,
    code: 'shift-open',
    message: `Your shift ${shiftNumber} is still open.`,
    hint: 'Count and close it before you open another.',
  });
const shiftClosed = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'shift-closed',
    message: 'The shift is closed, for ever.',
    hint: 'What was forgotten belongs to the shift that is open now.',
  });
const shiftOfAnother = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'shift-of-another',
    message: 'The shift belongs to another cashier.',
    hint: 'A person with the right books:write may close a forgotten shift.',
  });
const notInDrawer = (expectedMicros: number): RequestError =>
  new RequestError({
    status: 409,
    code: 'not-in-drawer',
    message: `The drawer holds ${expectedMicros} micros, less than is to be handed in.`,
    hint: 'Hand in at most what the drawer holds.',
  });
const differenceReasonRequired = (differenceMicros: number): RequestError =>
  new RequestError({
    status: 422,
    code: 'difference-reason-required',
    message: `The count differs by ${differenceMicros} micros from what the drawer should hold.`,
    hint: 'Count again; if it stays so, say why in differenceReason.',
    faults: [{ path: 'differenceReason', message: String(differenceMicros) }],
  });
