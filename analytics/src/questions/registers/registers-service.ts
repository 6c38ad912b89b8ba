// SPDX-License-Identifier: Apache-2.0
import { DateTime } from 'luxon';
import {
  localDayOf,
  periodsOfLocalDay,
  slotLengthMs,
  slotsOfLocalDay,
  type MeteringPointSnapshot,
  type TouPeriod,
} from '@wattledger/contracts';
import {
  unitOfMedium,
  type PointSummary,
  type ReadingRow,
  type ReadingsAnswer,
  type SlotEvidenceAnswer,
} from '@wattledger/contracts/http/analytics';
import { RequestError } from '@wattledger/platform';
import { requirePoint, scopeOf, type Asker, type Scope } from '../../asking/asker.ts';
import { askCurrentFigures, coverageOfSpans, currentOf } from '../../asking/current-figures.ts';
import { placeOf, tenantOf } from '../../selection/selection.ts';
import {
  mountingsOf,
  placeChainOf,
  quantityOf,
  treesOver,
  type Mounting,
  type Site,
} from '../../site/site.ts';
import { farFutureMs, readAround, readRecent, readSlot, type SlotRow } from './registers-store.ts';
import { spansOf } from './slot-evidence.ts';

/** @throws RequestError no-such-instant, instant-off-grid */
function slotStartFrom(site: Site, text: string): number {
  const ms = text.includes('T') ? DateTime.fromISO(text, { setZone: true }).toMillis() : Number.NaN;
  const length = slotLengthMs(site.project.slotMinutes);
  if (Number.isFinite(ms) && ms % length === 0) return ms;
  throw new RequestError({
    status: 400,
    code: Number.isFinite(ms) ? 'instant-off-grid' : 'no-such-instant',
    message: `${text} is not the start of a slot of ${site.project.slotMinutes} minutes`,
    hint: 'Write the start of the slot with its offset: 2026-03-01T08:30:00Z.',
    faults: [{ path: 'slotStart', message: 'not the start of a slot' }],
  });
}

function periodOfSlot(site: Site, localDay: string, startMs: number): TouPeriod {
  const { calendar, zone, slotMinutes } = site.project;
  const { firstSlotMs } = slotsOfLocalDay(zone, localDay, slotMinutes);
  const period = periodsOfLocalDay(calendar, zone, localDay, slotMinutes)[
    Math.round((startMs - firstSlotMs) / slotLengthMs(slotMinutes))
  ];
  if (period === undefined) throw new Error(`no period for slot ${startMs} of ${localDay}`);
  return period;
}

type EvidenceSegment = SlotEvidenceAnswer['segments'][number];

async function segmentEvidence(
  asker: Asker,
  site: Site,
  mounting: Mounting,
  slot: { readonly beginMs: number; readonly endMs: number },
  row: SlotRow | undefined,
): Promise<EvidenceSegment> {
  const key = { projectId: site.project.id, meterId: mounting.meterId, register: mounting.register };
  const readings = await readAround(asker.warehouse, key, slot, mounting);
  const { multiplierNumerator, multiplierDenominator, registerMax } = mounting;
  const known = multiplierNumerator !== undefined && multiplierDenominator !== undefined;
  const spans = known
    ? spansOf(
        readings,
        { multiplierNumerator, multiplierDenominator, registerMax: registerMax ?? null },
        slot,
      )
    : [];
  const sum = spans.reduce((total, span) => total + span.slotConsumption, 0);
  return {
    segmentId: mounting.segmentId,
    meterId: mounting.meterId,
    meterSerial: site.meters.get(mounting.meterId)?.serial ?? null,
    register: mounting.register,
    fromMs: mounting.fromMs,
    toMs: mounting.toMs,
    multiplierNumerator: multiplierNumerator ?? null,
    multiplierDenominator: multiplierDenominator ?? null,
    consumption: row?.consumption ?? null,
    quality: row?.quality ?? 'missing',
    revision: row?.revision ?? null,
    readings: [...readings],
    explained: row !== undefined && spans.length > 0 && sum === row.consumption,
    spans,
  };
}

/** What a slot of a metering point is made of. @throws RequestError as requirePoint and for a start off the grid */
export async function askSlotEvidence(
  asker: Asker,
  projectId: string,
  meteringPointId: string,
  query: { readonly slotStart: string; readonly direction: 'import' | 'export' },
): Promise<SlotEvidenceAnswer> {
  const { site, point } = requirePoint(asker, projectId, meteringPointId);
  const beginMs = slotStartFrom(site, query.slotStart);
  const endMs = beginMs + slotLengthMs(site.project.slotMinutes);
  const quantity = quantityOf(point.medium, query.direction);
  const rows = await readSlot(asker.warehouse, { projectId, meteringPointId, quantity }, beginMs);
  const mounted = mountingsOf(point, quantity).filter(
    (mounting) => mounting.fromMs < endMs && (mounting.toMs === null || mounting.toMs > beginMs),
  );
  const segments = await Promise.all(
    mounted.map(
      async (mounting) =>
        await segmentEvidence(
          asker,
          site,
          mounting,
          { beginMs, endMs },
          rows.find((row) => row.segmentId === mounting.segmentId),
        ),
    ),
  );
  const localDay = localDayOf(site.project.zone, beginMs);
  return {
    projectId,
    meteringPointId,
    code: point.code,
    name: point.name,
    unit: unitOfMedium[point.medium],
    slotStartMs: beginMs,
    slotEndMs: endMs,
    localDay,
    period: periodOfSlot(site, localDay, beginMs),
    consumption:
      rows.length === 0 || rows.every((row) => row.quality === 'missing')
        ? null
        : rows.reduce((sum, row) => sum + row.consumption, 0),
    segments,
  };
}

/** Readings of every meter that was mounted at the point, newest first. */
export async function askReadings(
  asker: Asker,
  projectId: string,
  meteringPointId: string,
  query: { readonly beforeMs?: number | undefined; readonly limit: number },
): Promise<ReadingsAnswer> {
  const { point } = requirePoint(asker, projectId, meteringPointId);
  const newestMs = query.beforeMs === undefined ? farFutureMs : query.beforeMs - 1;
  const rows: ReadingRow[] = [];
  const newestFirst = [...point.mountings].sort((a, b) => b.fromMs - a.fromMs);
  for (const mounting of newestFirst) {
    if (rows.length >= query.limit) break;
    const span = { fromMs: mounting.fromMs, toMs: Math.min(newestMs, mounting.toMs ?? farFutureMs) };
    if (span.toMs < span.fromMs) continue;
    rows.push(
      ...(await readRecent(
        asker.warehouse,
        { projectId, meterId: mounting.meterId, register: mounting.register },
        span,
        query.limit - rows.length,
      )),
    );
  }
  rows.sort((a, b) => b.instantMs - a.instantMs);
  return {
    projectId,
    meteringPointId,
    rows,
    nextBeforeMs: rows.length < query.limit ? null : (rows.at(-1)?.instantMs ?? null),
  };
}

/** Who a metering point is, what is mounted, what it measured lately. @throws RequestError as requirePoint */
export async function askPointSummary(
  asker: Asker,
  projectId: string,
  meteringPointId: string,
): Promise<PointSummary> {
  const { site, point } = requirePoint(asker, projectId, meteringPointId);
  const direction =
    mountingsOf(point, quantityOf(point.medium, 'import')).length === 0 &&
    point.medium === 'electricity' &&
    point.mountings.length > 0
      ? 'export'
      : 'import';
  const scope = await scopeOf(asker, projectId, { points: meteringPointId, medium: point.medium, direction });
  // Gross: a feeder shows what it measured, its children included.
  const [{ today, month, year, coverage }, readings] = await Promise.all([
    askCurrentFigures(asker, scope, currentOf(scope, 'single-points')),
    askReadings(asker, projectId, meteringPointId, { limit: 1 }),
  ]);
  return {
    projectId,
    meteringPointId,
    ...identityOf(site, point, scope),
    mountings: point.mountings.map((mounting) => ({
      segmentId: mounting.segmentId,
      meterId: mounting.meterId,
      meterSerial: site.meters.get(mounting.meterId)?.serial ?? null,
      register: mounting.register,
      fromMs: mounting.fromMs,
      toMs: mounting.toMs,
    })),
    today,
    month,
    year,
    coverage: coverageOfSpans(coverage),
    lastReading: readings.rows[0] ?? null,
    asOf: coverage.month.asOf,
  };
}

function identityOf(
  site: Site,
  point: MeteringPointSnapshot,
  scope: Scope,
): Pick<
  PointSummary,
  'code' | 'name' | 'medium' | 'unit' | 'role' | 'subItem' | 'place' | 'tenant' | 'parent' | 'children'
> {
  const tree = treesOver(site, scope.selection.quantity, scope.nowMs, scope.nowMs + 1)[0];
  const placeId = tree === undefined ? null : placeOf(site, tree, point);
  const tenantId = tree === undefined ? null : tenantOf(site, tree, point);
  const place = placeId === null ? undefined : site.places.get(placeId);
  const tenant = tenantId === null ? undefined : site.tenants.get(tenantId);
  const parentId = tree?.linkOf.get(point.id);
  const parent = parentId === undefined ? undefined : site.points.get(parentId);
  return {
    code: point.code,
    name: point.name,
    medium: point.medium,
    unit: unitOfMedium[point.medium],
    role: point.role,
    subItem: point.subItem,
    place:
      place === undefined
        ? null
        : {
            id: place.id,
            name: place.name,
            path: [...placeChainOf(site, place.id)].reverse().map((outer) => outer.name),
          },
    tenant: tenant === undefined ? null : { id: tenant.id, name: tenant.name },
    parent: parent === undefined ? null : { id: parent.id, name: parent.name },
    children: (tree?.linkedChildrenOf.get(point.id) ?? []).flatMap((id) => {
      const child = site.points.get(id);
      return child === undefined ? [] : [{ id: child.id, code: child.code, name: child.name }];
    }),
  };
}
