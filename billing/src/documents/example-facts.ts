// SPDX-License-Identifier: Apache-2.0
/** Facts that show every field, for the preview of a template before there is any document. Pure. */
import { localDayOf, type ProjectSnapshot } from '@wattledger/contracts';
import type { DocumentFacts, DocumentKind } from '@wattledger/contracts/http/billing';

export function exampleFacts(
  project: ProjectSnapshot,
  kind: DocumentKind,
  nowMs: number,
): Omit<DocumentFacts, 'company'> {
  const { id, code, name, address, zone, currency } = project;
  return {
    documentId: 'doc_example',
    kind,
    number: 1234,
    issuedAtMs: nowMs,
    effectiveAtMs: nowMs,
    localDay: localDayOf(zone, nowMs),
    zone,
    currency,
    project: { id, code, name, address },
    tenant: { code: 'S-101', name: '示例商户 Example Shop', phone: '555-0100' },
    accountId: 'acc_example',
    rooms: ['A / 1 / 101', 'A / 1 / 102'],
    points: [
      {
        code: 'E-101',
        name: '照明 Lighting',
        medium: 'electricity',
        meters: ['23081907350001'],
        scheme: 'Shops',
        rates: { peak: 1_200_000, valley: 400_000 },
        reading: {
          instantMs: nowMs,
          register: 'energy.active.total',
          value: 123_456,
          scaler: 1,
          multiplierNumerator: 40,
          multiplierDenominator: 1,
        },
      },
    ],
    amountMicros: 200_000_000,
    means: 'cash',
    reference: 'R-1',
    parts: { arrearsMicros: 20_000_000, emergencyMicros: 10_000_000, balanceMicros: 170_000_000 },
    balanceAfterMicros: 180_120_000,
    reason: kind === 'sale' ? null : 'Example 示例',
    concernsNumber: kind === 'reversal' ? 1233 : null,
    lines: [],
    issuedBy: { id: 'stf_example', name: '王小明 Alex Example' },
  };
}
