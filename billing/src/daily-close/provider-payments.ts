// SPDX-License-Identifier: Apache-2.0
/** What providers say they were paid on a day: from a file of theirs, or asked over their interface. */
import { parse } from 'csv-parse/sync';
import type { PaymentMeans } from '@wattledger/contracts/http/billing';
import { RequestError } from '@wattledger/platform';

export interface ProviderPaymentLine {
  readonly paymentRef: string;
  readonly amountMicros: number;
  readonly receivedAtMs: number;
}

/** The port to a provider that can be asked. */
export interface ProviderPaymentsSource {
  readonly name: string;
  readonly means: Exclude<PaymentMeans, 'cash'>;
  /** Everything paid in the span for this project, also what we never asked for. */
  paymentsOf(projectId: string, fromMs: number, toMs: number): Promise<readonly ProviderPaymentLine[]>;
}

const linesMax = 50_000;

/**
 * A file with a header and the columns payment_ref, amount (a plain number with a point) and received_at (ISO 8601 with a zone).
 * @throws RequestError 422 provider-file-refused, with the lines at fault
 */
export function readProviderFile(text: string): readonly ProviderPaymentLine[] {
  const rows = parsed(text);
  const faults: { path: string; message: string }[] = [];
  const seen = new Set<string>();
  const lines = rows.map((row, index): ProviderPaymentLine => {
    const path = `line ${index + 2}`;
    const paymentRef = row['payment_ref']?.trim() ?? '';
    const amountMicros = readAmount(row['amount'] ?? '');
    const receivedAtMs = Date.parse(row['received_at'] ?? '');
    if (paymentRef === '' || paymentRef.length > 200)
      faults.push({ path, message: 'payment_ref is missing or too long' });
    else if (seen.has(paymentRef)) faults.push({ path, message: `payment_ref ${paymentRef} stands twice` });
    if (amountMicros === null) faults.push({ path, message: 'amount is no number with at most six places' });
    if (!/(Z|[+-]\d\d:\d\d)$/.test(row['received_at'] ?? '') || Number.isNaN(receivedAtMs))
      faults.push({ path, message: 'received_at is no instant with a zone' });
    seen.add(paymentRef);
    return { paymentRef, amountMicros: amountMicros ?? 0, receivedAtMs };
  });
  if (lines.length > linesMax) faults.push({ path: 'file', message: `more than ${linesMax} lines` });
  if (faults.length > 0) throw fileRefused(faults.slice(0, 100));
  return lines;
}

function parsed(text: string): readonly Readonly<Record<string, string>>[] {
  try {
    return parse(text, { columns: true, bom: true, trim: true, skip_empty_lines: true }) as Record<
      string,
      string
    >[];
  } catch (error) {
    throw fileRefused([{ path: 'file', message: error instanceof Error ? error.message : String(error) }]);
  }
}

/** Whole micros from a decimal text, without a float in between. */
function readAmount(text: string): number | null {
  const found = /^(-?)(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (found === null) return null;
  const micros = Number(found[2]) * 1_000_000 + Number((found[3] ?? '').padEnd(6, '0'));
  return found[1] === '-' ? -micros : micros;
}

const fileRefused = (faults: { path: string; message: string }[]): RequestError =>
  new RequestError({
    status: 422,
    code: 'provider-file-refused',
    message: "The provider's file could not be read.",
    hint: 'A CSV file with the columns payment_ref, amount and received_at (2026-02-02T09:30:00+01:00).',
    faults,
  });
