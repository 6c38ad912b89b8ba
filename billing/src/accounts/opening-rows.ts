// SPDX-License-Identifier: Apache-2.0
/** Rows of a list of openings into accounts, with every fault at its cell in words. Pure. */
import { createHash } from 'node:crypto';
import { DateTime } from 'luxon';
import type { MeteringPointSnapshot, TenantSnapshot } from '@wattledger/contracts';
import {
  paymentMeans,
  type OpeningColumn,
  type OpeningFaultCode,
  type OpeningListAnswer,
  type OpeningRow,
  type PaymentMeans,
} from '@wattledger/contracts/http/billing';
import { faultsOfOpening, type NewAccount, type OpeningFacts, type OpeningFault } from './account.ts';

export type RowFault = OpeningListAnswer['faults'][number];

export interface ListFacts extends Omit<OpeningFacts, 'tenant'> {
  readonly tenantByCode: ReadonlyMap<string, TenantSnapshot>;
  readonly pointByCode: ReadonlyMap<string, MeteringPointSnapshot>;
  readonly schemeByName: ReadonlyMap<string, string>;
  readonly requestId: string;
}

/** The rows of one account, and the account when they are without fault. */
export interface ListedAccount {
  readonly rows: readonly OpeningRow[];
  readonly requestId: string;
  readonly tenant: TenantSnapshot | undefined;
  readonly openedAtMs: number | null;
  readonly account: NewAccount | null;
  readonly faults: readonly RowFault[];
}

/** Accounts of a list, in order of their first rows. */
export function readOpeningRows(rows: readonly OpeningRow[], facts: ListFacts): readonly ListedAccount[] {
  const groups = Map.groupBy(rows, (row) => row.account.trim() || row.tenant.trim());
  const firstRowOf = new Map<string, number>();
  return [...groups].map(([name, own]) => {
    const twice = own.flatMap((row): RowFault[] => {
      const first = firstRowOf.get(row.point.trim());
      firstRowOf.set(row.point.trim(), first ?? row.row);
      if (first === undefined || row.point.trim() === '') return [];
      return [faultAt(row.row, 'point', 'twice', String(first))];
    });
    return readAccount(name, own, twice, facts);
  });
}

function readAccount(
  name: string,
  rows: readonly OpeningRow[],
  before: readonly RowFault[],
  facts: ListFacts,
): ListedAccount {
  const reader = new RowsReader(rows, before);
  const tenant = reader.common('tenant', (text) => facts.tenantByCode.get(text), 'unknown');
  const openedAtMs = reader.common(
    'openedAt',
    (text) => instantOf(text, facts.project.zone),
    'no-local-time',
  );
  const alarm1Micros = reader.common('alarm1', microsOf, 'no-amount');
  const alarm2Micros = reader.common('alarm2', microsOf, 'no-amount');
  const firstVend = readFirstVend(reader);
  const points = rows.map((row) => readPoint(reader, row, facts));
  const requestId = `${facts.requestId}/${createHash('sha256').update(name).digest('hex').slice(0, 24)}`;
  const head = { rows, requestId, tenant, openedAtMs: openedAtMs ?? null };
  if (
    reader.faults.length > 0 ||
    tenant === undefined ||
    openedAtMs === undefined ||
    alarm1Micros === undefined ||
    alarm2Micros === undefined
  )
    return { ...head, account: null, faults: reader.faults };
  const account: NewAccount = {
    requestId,
    tenantId: tenant.id,
    points: points.filter((point) => point !== null),
    openedAtMs,
    alarm1Micros,
    alarm2Micros,
    protectedSupply: false,
    firstVend,
  };
  const faults = faultsOfOpening(account, { ...facts, tenant }).map((fault) => atCell(rows, fault));
  return { ...head, account: faults.length > 0 ? null : account, faults };
}

const messages: Readonly<Record<OpeningFaultCode, (about: string) => string>> = {
  missing: () => 'must be given',
  unknown: (about) => `the project has no "${about}"`,
  twice: (about) => `stands in row ${about} already`,
  differs: (about) => `differs from row ${about} of the same account`,
  'no-amount': (about) => `"${about}" is no amount: write 1234.50, without thousands separators`,
  negative: () => 'must not be negative',
  'no-whole-watts': () => 'must be whole W, not negative',
  'no-local-time': (about) => `"${about}" is no local time of the project: write 2026-03-01 00:00`,
  'off-slot-grid': () => 'must be the start of a slot',
  'in-the-future': () => 'must not lie beyond the next slot',
  'thresholds-crossed': () => 'must be at most the first warning: the second is the deeper one',
  'other-medium': () => 'is a scheme for another medium than the point measures',
  taken: () => 'is on another account at that time',
};

/** What is wrong with a cell: a code for screens, words for everybody else. */
export const faultAt = (
  row: number,
  column: OpeningColumn | null,
  code: OpeningFaultCode,
  about = '',
): RowFault => ({ row, column, code, about, message: messages[code](about) });

/** Reads cells of one account and keeps what is wrong with them. */
class RowsReader {
  readonly rows: readonly OpeningRow[];
  readonly faults: RowFault[];
  constructor(rows: readonly OpeningRow[], faults: readonly RowFault[]) {
    this.rows = rows;
    this.faults = [...faults];
  }

  /** What all rows of the account say, or some say and the others leave out. Undefined is a fault, once. */
  common<T>(
    column: OpeningColumn,
    read: (text: string) => T | undefined,
    wrong: OpeningFaultCode,
  ): T | undefined {
    const said = this.rows.filter((row) => row[column].trim() !== '');
    const [first] = said;
    if (first === undefined) {
      this.faults.push(faultAt(this.rows[0]?.row ?? 0, column, 'missing'));
      return undefined;
    }
    const other = said.find((row) => row[column].trim() !== first[column].trim());
    if (other !== undefined) {
      this.faults.push(faultAt(other.row, column, 'differs', String(first.row)));
      return undefined;
    }
    return this.cell(first, column, read, wrong);
  }

  cell<T>(
    row: OpeningRow,
    column: OpeningColumn,
    read: (text: string) => T | undefined,
    wrong: OpeningFaultCode,
  ): T | undefined {
    const text = row[column].trim();
    const value = text === '' ? undefined : read(text);
    if (value === undefined)
      this.faults.push(faultAt(row.row, column, text === '' ? 'missing' : wrong, text));
    return value;
  }

  says(column: OpeningColumn): boolean {
    return this.rows.some((row) => row[column].trim() !== '');
  }
}

function readFirstVend(reader: RowsReader): NewAccount['firstVend'] {
  if (!reader.says('firstVend')) return undefined;
  const amountMicros = reader.common('firstVend', microsOf, 'no-amount');
  const means = reader.says('means') ? reader.common('means', meansOf, 'unknown') : 'cash';
  const reference = reader.says('reference')
    ? reader.common('reference', (text) => text, 'unknown')
    : undefined;
  if (amountMicros === undefined || means === undefined || amountMicros === 0) return undefined;
  if (amountMicros < 0) {
    reader.faults.push(faultAt(reader.rows[0]?.row ?? 0, 'firstVend', 'negative'));
    return undefined;
  }
  return { amountMicros, means, reference };
}

function readPoint(
  reader: RowsReader,
  row: OpeningRow,
  facts: ListFacts,
): NewAccount['points'][number] | null {
  const point = reader.cell(row, 'point', (text) => facts.pointByCode.get(text), 'unknown');
  const schemeId = reader.cell(row, 'scheme', (text) => facts.schemeByName.get(text), 'unknown');
  const demandText = row.contractedDemandKw.trim();
  // Micros of kW are thousandths of W.
  const demand = demandText === '' ? null : reader.cell(row, 'contractedDemandKw', microsOf, 'no-amount');
  if (typeof demand === 'number' && (demand < 0 || demand % 1000 !== 0))
    reader.faults.push(faultAt(row.row, 'contractedDemandKw', 'no-whole-watts'));
  if (point === undefined || schemeId === undefined || demand === undefined) return null;
  const contractedDemandW = demand === null ? null : Math.trunc(demand / 1000);
  return { meteringPointId: point.id, priceSchemeId: schemeId, contractedDemandW };
}

const meansOf = (text: string): PaymentMeans | undefined => paymentMeans.find((means) => means === text);

/** Whole micros of a decimal number; undefined when it is none. */
export function microsOf(text: string): number | undefined {
  const match = /^(-?)(\d{1,9})(?:[.,](\d{1,6}))?$/.exec(text);
  if (match === null) return undefined;
  const micros = Number(match[2]) * 1_000_000 + Number((match[3] ?? '').padEnd(6, '0'));
  return match[1] === '-' ? 0 - micros : micros;
}

/** The instant of a local time; undefined when the clock never shows it. */
function instantOf(text: string, zone: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(?::00)?)?$/.exec(text);
  if (match?.[1] === undefined) return undefined;
  const wanted = `${match[1]}T${match[2] ?? '00:00'}`;
  const time = DateTime.fromISO(wanted, { zone });
  return time.isValid && time.toFormat("yyyy-MM-dd'T'HH:mm") === wanted ? time.toMillis() : undefined;
}

const columnOfField: Readonly<Record<string, OpeningColumn>> = {
  tenantId: 'tenant',
  openedAtMs: 'openedAt',
  alarm2Micros: 'alarm2',
  meteringPointId: 'point',
  priceSchemeId: 'scheme',
};

/** A fault of an opening, at the cell it comes from. */
function atCell(rows: readonly OpeningRow[], { path, code }: OpeningFault): RowFault {
  const [, index, field = path] = /^points\.(\d+)\.(.+)$/.exec(path) ?? [];
  const row = rows[index === undefined ? 0 : Number(index)]?.row ?? rows[0]?.row ?? 0;
  return faultAt(row, columnOfField[field] ?? null, code);
}
