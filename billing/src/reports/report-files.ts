// SPDX-License-Identifier: Apache-2.0
/** The consumption-and-charge report as rows of a file and as sheets with real numbers and totals. Pure. */
import type { ConsumptionReport, ReportMoney, ReportPoint } from '@wattledger/contracts/http/billing';
import { microsText } from '../documents/money-text.ts';
import type { CsvCell } from '../files/csv-stream.ts';
import type { Sheet } from '../files/write-sheet.ts';

type Language = 'en' | 'zh';
const titles = {
  en: {
    accounts: 'Accounts', points: 'Metering points', total: 'Total', code: 'Code', tenant: 'Tenant', rooms: 'Rooms', opening: 'Opening balance',
    vended: 'Top-ups', charged: 'Charges', refunded: 'Refunds', other: 'Other', closing: 'Closing balance', point: 'Metering point', name: 'Name',
    medium: 'Medium', meter: 'Meter', register: 'Register', multiplier: 'Multiplier', openingReading: 'Opening reading', closingReading: 'Closing reading',
    consumption: 'Consumption (kWh, m³)', amount: 'Amount', energy: 'Energy', demand: 'Demand', fixed: 'Fixed', minimum: 'Minimum', surcharge: 'Surcharge',
    tax: 'Tax', rebate: 'Rebate', tip: 'Tip', peak: 'Peak', flat: 'Flat', valley: 'Valley', 'deep-valley': 'Deep valley',
    electricity: 'electricity', water: 'water', gas: 'gas',
  },
  zh: {
    accounts: '账户', points: '计量点', total: '合计', code: '编号', tenant: '客户', rooms: '房间', opening: '期初余额',
    vended: '充值', charged: '扣费', refunded: '退款', other: '其他', closing: '期末余额', point: '计量点', name: '名称',
    medium: '介质', meter: '表号', register: '寄存器', multiplier: '倍率', openingReading: '期初读数', closingReading: '期末读数',
    consumption: '用量 (kWh, m³)', amount: '金额', energy: '电量费', demand: '需量费', fixed: '固定费', minimum: '最低消费', surcharge: '附加费',
    tax: '税', rebate: '返还', tip: '尖', peak: '峰', flat: '平', valley: '谷', 'deep-valley': '深谷',
    electricity: '电', water: '水', gas: '气',
  },
} as const; // prettier-ignore

const moneyNames = ['opening', 'vended', 'charged', 'refunded', 'other', 'closing'] as const;
const moneyOf = (money: ReportMoney): readonly number[] => [
  money.openingMicros,
  money.vendedMicros,
  money.chargedMicros,
  money.refundedMicros,
  money.otherMicros,
  money.closingMicros,
];
const components = ['energy', 'demand', 'fixed', 'minimum', 'surcharge', 'tax', 'rebate'] as const;
const periods = ['tip', 'peak', 'flat', 'valley', 'deep-valley'] as const;

/** As a register shows it: counts × 10^scaler thousandths. */
const readingOf = (at: ReportPoint['registers'][number]['opening']): number | null =>
  at === null ? null : Number((at.value * 10 ** (at.scaler - 3)).toFixed(6));

const pointHeader = (language: Language): readonly string[] => {
  const t = titles[language];
  return [
    t.code, t.tenant, t.rooms, t.point, t.name, t.medium, t.meter, t.register, t.multiplier, t.openingReading, t.closingReading, t.consumption,
    ...periods.map((period) => t[period]), t.amount, ...components.map((component) => t[component]),
  ]; // prettier-ignore
};

/** One line per point and meter; a second meter of a point repeats no amounts. */
function* pointLines(
  report: ConsumptionReport,
  language: Language,
): Generator<readonly (string | number | null)[]> {
  for (const account of report.accounts) {
    for (const point of account.points) {
      const head = [
        account.tenantCode,
        account.tenantName,
        account.rooms.join(', '),
        point.code,
        point.name,
        titles[language][point.medium],
      ];
      const registers = point.registers.length === 0 ? [null] : point.registers;
      for (const [index, register] of registers.entries()) {
        const first = index === 0;
        yield [
          ...head,
          register?.serial ?? null,
          register?.register ?? null,
          register === null ? null : register.multiplierNumerator / register.multiplierDenominator,
          register === null ? null : readingOf(register.opening),
          register === null ? null : readingOf(register.closing),
          first ? point.consumption / 1000 : null,
          ...periods.map((name) => {
            const period = point.periods.find((one) => one.period === name);
            return first && period !== undefined ? period.consumption / 1000 : null;
          }),
          first ? point.amountMicros : null,
          ...components.map((name) => {
            const component = point.components.find((one) => one.component === name);
            return first && component !== undefined ? component.amountMicros : null;
          }),
        ];
      }
    }
  }
}
const firstAmount = 12 + periods.length;

/** Accounts first, then points, in one file; every amount with six places. */
export async function* reportCsv(
  report: ConsumptionReport,
  language: Language,
): AsyncGenerator<readonly CsvCell[]> {
  for (const { tenantCode, tenantName, rooms, money } of report.accounts)
    yield [tenantCode, tenantName, rooms.join(', '), ...moneyOf(money).map(microsText)];
  yield [titles[language].total, '', '', ...moneyOf(report.total).map(microsText)];
  yield [];
  yield pointHeader(language);
  for (const line of pointLines(report, language))
    yield line.map((cell, at) => (at >= firstAmount && typeof cell === 'number' ? microsText(cell) : cell));
}
export const reportCsvHeader = (language: Language): readonly string[] => [
  titles[language].code,
  titles[language].tenant,
  titles[language].rooms,
  ...moneyNames.map((name) => titles[language][name]),
];

const moneyFormat = '#,##0.00####';
export function reportSheets(report: ConsumptionReport, language: Language): readonly Sheet[] {
  const t = titles[language];
  const units = (micros: number): number => micros / 1e6;
  return [
    {
      name: t.accounts,
      columns: reportCsvHeader(language).map((title, at) =>
        at < 3 ? { title, width: at === 0 ? 14 : 28 } : { title, width: 18, format: moneyFormat },
      ),
      rows: [
        ...report.accounts.map(({ tenantCode, tenantName, rooms, money }) => [
          tenantCode,
          tenantName,
          rooms.join(', '),
          ...moneyOf(money).map(units),
        ]),
        [t.total, null, null, ...moneyOf(report.total).map(units)],
      ],
    },
    {
      name: t.points,
      columns: pointHeader(language).map((title, at) => ({
        title,
        width: at < 8 ? 18 : 14,
        ...(at >= firstAmount ? { format: moneyFormat } : at >= 9 ? { format: '#,##0.000' } : {}),
      })),
      rows: [...pointLines(report, language)].map((line) =>
        line.map((cell, at) => (at >= firstAmount && typeof cell === 'number' ? units(cell) : cell)),
      ),
    },
  ];
}
