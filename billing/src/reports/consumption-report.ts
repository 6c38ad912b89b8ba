// SPDX-License-Identifier: Apache-2.0
/** Puts the report together from what the books, the registry and the warehouse say. */
import { boundsOfLocalDay, type MeteringPointSnapshot } from '@wattledger/contracts';
import type { ConsumptionReport, ReportMoney, ReportPoint } from '@wattledger/contracts/http/billing';
import { loadAsOf } from '../charging/as-of.ts';
import { projectOf, type BillingParts } from '../parts.ts';
import {
  loadAccountMoney,
  loadChargeSums,
  loadReportPoints,
  type AccountMoney,
  type ChargeLineSum,
  type ReportSpan,
} from './consumption-store.ts';
import { loadRegisterSpans, type RegisterSpan } from './register-readings.ts';

export interface ReportQuestion {
  readonly projectId: string;
  readonly fromDay: string;
  readonly toDay: string;
  readonly q?: string | undefined;
}

export async function consumptionReport(
  parts: BillingParts,
  question: ReportQuestion,
): Promise<ConsumptionReport> {
  const { projectId, fromDay, toDay } = question;
  const project = projectOf(parts, projectId);
  const fromMs = boundsOfLocalDay(project.zone, fromDay).startMs;
  const toMs = boundsOfLocalDay(project.zone, toDay).endMs;
  const span = { projectId, zone: project.zone, fromDay, toDay, fromMs, toMs };
  const nowMs = parts.clock.nowMs();
  const staleAfterMs = 2 * project.pollIntervalSeconds * 1000;
  // One moment for all of it: balances, charges and consumption must tie to the last micro.
  const [money, sums, points, asOf] = await parts.database.transaction(
    async (transaction) => [
      await loadAccountMoney(transaction, span),
      await loadChargeSums(transaction, span),
      await loadReportPoints(transaction, span),
      await loadAsOf(transaction, { projectId, fromDay, toDay, nowMs, staleAfterMs }),
    ],
    { isolation: 'repeatable read' },
  );
  const registers = await loadRegisterSpans(parts, { ...span, toMs: Math.min(toMs, nowMs) });
  const pointsOf = gather(parts, { span, sums, points, registers });
  const wanted = question.q?.toLocaleLowerCase() ?? '';
  const accounts = money
    .filter((account) => account.openedAtMs < toMs)
    .map((account) => toAccount(parts, account, pointsOf.get(account.accountId) ?? []))
    .filter((account) => moves(account) && textOf(account).includes(wanted))
    .sort((a, b) =>
      a.tenantCode < b.tenantCode ? -1 : a.tenantCode > b.tenantCode ? 1 : a.openedAtMs - b.openedAtMs,
    );
  return {
    currency: project.currency,
    fromDay,
    toDay,
    accounts,
    total: sumMoney(accounts.map((account) => account.money)),
    consumption: mediaSums(accounts.flatMap((account) => account.points)),
    asOf,
  };
}

type ReportAccount = ConsumptionReport['accounts'][number];

/** An account that was over before the span, with nothing on it, is no line. */
const moves = ({ money, closedAtMs, points }: ReportAccount): boolean =>
  closedAtMs === null || points.length > 0 || Object.values(money).some((micros) => micros !== 0);

const textOf = (account: ReportAccount): string =>
  [account.tenantCode, account.tenantName, ...account.rooms].join('\n').toLocaleLowerCase();

function toAccount(
  { registry }: BillingParts,
  account: AccountMoney,
  points: readonly ReportPoint[],
): ReportAccount {
  const tenant = registry.get('tenant', account.tenantId);
  const closingMicros = account.balanceMicros - account.laterMicros;
  const { vendedMicros, chargedMicros, refundedMicros, otherMicros } = account;
  return {
    accountId: account.accountId,
    tenantId: account.tenantId,
    tenantCode: tenant?.code ?? '',
    tenantName: tenant?.name ?? account.tenantId,
    openedAtMs: account.openedAtMs,
    closedAtMs: account.closedAtMs,
    rooms: [...new Set(points.map((point) => point.place).filter((place) => place !== ''))],
    money: {
      openingMicros: closingMicros - vendedMicros + chargedMicros + refundedMicros - otherMicros,
      vendedMicros,
      chargedMicros,
      refundedMicros,
      otherMicros,
      closingMicros,
    },
    points: [...points],
  };
}

function gather(
  parts: BillingParts,
  found: {
    readonly span: ReportSpan;
    readonly sums: readonly ChargeLineSum[];
    readonly points: readonly {
      readonly accountId: string;
      readonly meteringPointId: string;
      readonly fromMs: number;
      readonly toMs: number;
    }[];
    readonly registers: ReadonlyMap<string, RegisterSpan>;
  },
): ReadonlyMap<string, ReportPoint[]> {
  const sumsOf = new Map<string, ChargeLineSum[]>();
  for (const sum of found.sums) {
    const key = `${sum.accountId}/${sum.meteringPointId}`;
    sumsOf.set(key, [...(sumsOf.get(key) ?? []), sum]);
  }
  const times = new Map(found.points.map((point) => [`${point.accountId}/${point.meteringPointId}`, point]));
  const answer = new Map<string, ReportPoint[]>();
  // A point that an account no longer has may still have been charged in the span.
  for (const key of new Set([...times.keys(), ...sumsOf.keys()])) {
    const [accountId = '', meteringPointId = ''] = key.split('/');
    const point = parts.registry.get('metering-point', meteringPointId);
    const time = times.get(key) ?? { fromMs: found.span.fromMs, toMs: found.span.fromMs };
    const registers = point === undefined ? [] : registersOf(parts, point, time, found.registers);
    const line = toPoint(parts, { meteringPointId, point }, sumsOf.get(key) ?? [], registers);
    answer.set(accountId, [...(answer.get(accountId) ?? []), line]);
  }
  return answer;
}

function toPoint(
  parts: BillingParts,
  {
    meteringPointId,
    point,
  }: { readonly meteringPointId: string; readonly point: MeteringPointSnapshot | undefined },
  sums: readonly ChargeLineSum[],
  registers: ReportPoint['registers'],
): ReportPoint {
  const priced = sums.filter((sum) => sum.priced);
  const total = (of: readonly ChargeLineSum[], name: 'consumption' | 'amountMicros'): number =>
    of.reduce((sum, line) => sum + line[name], 0);
  const named = <Name extends string>(name: (line: ChargeLineSum) => Name | null): Name[] => [
    ...new Set(sums.map(name).filter((value) => value !== null)),
  ];
  return {
    meteringPointId,
    code: point?.code ?? meteringPointId,
    name: point?.name ?? '',
    medium: point?.medium ?? sums[0]?.medium ?? 'electricity',
    place: point === undefined ? '' : placePath(parts, point.placeId),
    registers,
    consumption: total(priced, 'consumption'),
    unpricedConsumption: total(
      sums.filter((sum) => !sum.priced),
      'consumption',
    ),
    amountMicros: total(sums, 'amountMicros'),
    periods: named((line) => line.period).map((period) => {
      const of = sums.filter((line) => line.period === period);
      return { period, consumption: total(of, 'consumption'), amountMicros: total(of, 'amountMicros') };
    }),
    components: named((line) => line.component).map((component) => ({
      component,
      amountMicros: total(
        sums.filter((line) => line.component === component),
        'amountMicros',
      ),
    })),
  };
}

/** Registers of the meters that were mounted there in the account's time. */
function registersOf(
  { registry }: BillingParts,
  point: MeteringPointSnapshot,
  time: { readonly fromMs: number; readonly toMs: number },
  spans: ReadonlyMap<string, RegisterSpan>,
): ReportPoint['registers'] {
  return point.mountings
    .filter(({ fromMs, toMs }) => fromMs < time.toMs && (toMs === null || toMs > time.fromMs))
    .map((mounting) => {
      const known = spans.get(`${mounting.meterId}/${mounting.register}`);
      return {
        meterId: mounting.meterId,
        serial: registry.get('meter', mounting.meterId)?.serial ?? mounting.meterId,
        register: mounting.register,
        multiplierNumerator: mounting.multiplierNumerator ?? 1,
        multiplierDenominator: mounting.multiplierDenominator ?? 1,
        opening: known?.opening ?? null,
        closing: known?.closing ?? null,
      };
    });
}

function placePath({ registry }: BillingParts, placeId: string | null): string {
  const names: string[] = [];
  const seen = new Set<string>();
  for (let id = placeId; id !== null && !seen.has(id);) {
    seen.add(id);
    const place = registry.get('place', id);
    if (place === undefined) break;
    names.unshift(place.name);
    id = place.parentId;
  }
  return names.join(' / ');
}

export function sumMoney(all: readonly ReportMoney[]): ReportMoney {
  const names = [
    'openingMicros',
    'vendedMicros',
    'chargedMicros',
    'refundedMicros',
    'otherMicros',
    'closingMicros',
  ] as const;
  return Object.fromEntries(
    names.map((name) => [name, all.reduce((sum, money) => sum + money[name], 0)]),
  ) as ReportMoney;
}

const mediaSums = (points: readonly ReportPoint[]): ConsumptionReport['consumption'] =>
  (['electricity', 'water', 'gas'] as const)
    .map((medium) => {
      const of = points.filter((point) => point.medium === medium);
      return {
        medium,
        consumption: of.reduce((sum, point) => sum + point.consumption, 0),
        amountMicros: of.reduce((sum, point) => sum + point.amountMicros, 0),
      };
    })
    .filter(({ consumption, amountMicros }) => consumption !== 0 || amountMicros !== 0);
