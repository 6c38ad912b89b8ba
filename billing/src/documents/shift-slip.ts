// SPDX-License-Identifier: Apache-2.0
/** The slip of a counted shift, made when it closes: what the drawer began with, should hold, held, and the difference. */
import type { Shift } from '@wattledger/contracts/http/billing';
import type { Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';
import { meansNames } from './document-words.ts';
import { issueDocument, type DocumentParts } from './issue-documents.ts';

export async function issueShiftSlip(
  parts: DocumentParts,
  transaction: Transaction,
  projectId: string,
  shift: Shift,
  by: Who,
): Promise<void> {
  const { closing } = shift;
  if (closing === null) return;
  const line = (en: string, zh: string, amountMicros: number) => ({ label: { en, zh }, amountMicros });
  const { shiftNumber, cashier } = shift;
  await issueDocument(parts, transaction, {
    projectId,
    kind: 'cash-shift',
    subjectId: shift.shiftId,
    postingId: closing.differencePostingId,
    amountMicros: closing.countedMicros,
    effectiveAtMs: closing.closedAtMs,
    reason: closing.differenceReason,
    lines: [
      line(
        `Shift ${shiftNumber}, ${cashier.name}: float`,
        `班次 ${shiftNumber}，${cashier.name}：备用金`,
        shift.float.amountMicros,
      ),
      ...shift.means.map(({ means, receivedMicros, reversedMicros, refundedMicros }) =>
        line(
          meansNames.en[means] ?? means,
          meansNames.zh[means] ?? means,
          receivedMicros - reversedMicros - refundedMicros,
        ),
      ),
      ...shift.handIns.map(({ note, amountMicros }) =>
        line(`Handed in: ${note}`, `上缴：${note}`, -amountMicros),
      ),
      line('Cash expected', '应有现金', shift.expectedCashMicros),
      line('Cash counted', '实点现金', closing.countedMicros),
      line('Difference', '差额', closing.differenceMicros),
    ],
    issuedBy: by,
  });
}
