// SPDX-License-Identifier: Apache-2.0
/** The figures of a closed day as lines of its paper. Pure. */
import type { CloseFigures, DocumentFacts } from '@wattledger/contracts/http/billing';
import { meansNames } from '../documents/document-words.ts';

type Line = DocumentFacts['lines'][number];
const line = (en: string, zh: string, amountMicros: number): Line => ({ label: { en, zh }, amountMicros });

export function closeLines(figures: CloseFigures): Line[] {
  const lines = figures.means.flatMap((row): Line[] => {
    const [en, zh] = [meansNames.en[row.means] ?? row.means, meansNames.zh[row.means] ?? row.means];
    return [
      line(`${en}: ${row.vends} top-ups`, `${zh}：充值 ${row.vends} 笔`, row.vendedMicros),
      line(`${en}: ${row.reversals} reversals`, `${zh}：冲正 ${row.reversals} 笔`, -row.reversedMicros),
      line(`${en}: ${row.refunds} refunds`, `${zh}：退款 ${row.refunds} 笔`, -row.refundedMicros),
      line(`${en}: provider`, `${zh}：支付方对账`, row.providerMicros),
    ];
  });
  const shifts = figures.shifts.map((shift) =>
    line(
      `Shift ${shift.shiftNumber} ${shift.cashierName}: difference`,
      `班次 ${shift.shiftNumber} ${shift.cashierName}：差额`,
      shift.differenceMicros ?? 0,
    ),
  );
  const charged = figures.energy.reduce((sum, row) => sum + row.amountMicros, 0);
  const earlier = figures.earlier.reduce((sum, row) => sum + row.amountMicros, 0);
  return [
    ...lines.filter(({ amountMicros }) => amountMicros !== 0),
    ...shifts,
    line('Charged for the day', '当日扣费', charged),
    line('Concerning earlier days', '涉及以前日期', earlier),
  ];
}
