// SPDX-License-Identifier: Apache-2.0
/**
 * A site of any size put straight into the stream's tables, by SQL, for measuring questions. Every point has one
 * meter; ends hang beneath feeders of 30, feeders beneath mains of 8, mains beneath one supply. No DST: Asia/Shanghai.
 */
import { flatCalendar, type MeteringPointSnapshot, type RegistrySnapshot } from '@wattledger/contracts';
import type { Warehouse } from '@wattledger/platform';

export interface SyntheticSite {
  readonly projectId: string;
  /** Metering points in all. */
  readonly points: number;
  /** Half-hours before `endMs`. */
  readonly days: number;
  /** A local midnight. */
  readonly endMs: number;
}

const endsPerFeeder = 30;
const feedersPerMain = 8;
const floors = 24;
const dayMs = 86_400_000;
const zoneOffsetSeconds = 8 * 3_600;
const slotsPerDay = 48;

const idOf = (index: number): string => `pnt_${String(index).padStart(16, '0')}`;

interface Layout {
  readonly mains: number;
  readonly feeders: number;
}

/** Point 0 is the supply, then the mains, then the feeders, then the ends. */
function layoutOf(points: number): Layout {
  const feeders = Math.max(1, Math.round(points / (endsPerFeeder + 1)));
  return { mains: Math.max(1, Math.round(feeders / feedersPerMain)), feeders };
}

function parentOf(index: number, { mains, feeders }: Layout): number | null {
  if (index === 0) return null;
  if (index <= mains) return 0;
  if (index <= mains + feeders) return 1 + ((index - 1 - mains) % mains);
  return 1 + mains + ((index - 1 - mains - feeders) % feeders);
}

function pointSnapshot(site: SyntheticSite, layout: Layout, index: number): MeteringPointSnapshot {
  const isEnd = index > layout.mains + layout.feeders;
  const parent = parentOf(index, layout);
  const fromMs = site.endMs - (site.days + 1) * dayMs;
  return {
    id: idOf(index),
    projectId: site.projectId,
    code: `P${index}`,
    name: `Point ${index}`,
    medium: 'electricity',
    role: index === 0 ? 'supply' : index <= layout.mains ? 'main' : isEnd ? 'sub' : 'feeder',
    subItem: isEnd
      ? index % 10 === 0
        ? 'lighting'
        : index % 11 === 0
          ? 'air-conditioning'
          : 'tenant'
      : 'other',
    placeId: isEnd ? `plc_floor_${index % floors}` : 'plc_building',
    tenantId: isEnd ? `tnt_${index}` : null,
    areaM2: isEnd ? 20 + (index % 180) : null,
    headcount: isEnd ? 1 + (index % 12) : null,
    parentLinks: parent === null ? [] : [{ parentId: idOf(parent), fromMs, toMs: null }],
    mountings: [
      { segmentId: `seg_${idOf(index)}`, meterId: `mtr_${index}`, register: 'import', fromMs, toMs: null },
    ],
  };
}

/** What the registry would tell of it. */
export function syntheticSnapshots(site: SyntheticSite): RegistrySnapshot[] {
  const { projectId } = site;
  const layout = layoutOf(site.points);
  const place = (id: string, kind: 'building' | 'floor', parentId: string | null): RegistrySnapshot => ({
    entity: 'place',
    id,
    projectId,
    snapshot: { id, projectId, parentId, kind, code: id, name: id, use: null, areaM2: 3_000, sortOrder: 0 },
  });
  const points = Array.from({ length: site.points }, (_unused, index) => pointSnapshot(site, layout, index));
  return [
    {
      entity: 'project',
      id: projectId,
      projectId,
      snapshot: {
        id: projectId,
        code: projectId,
        name: 'Bench',
        zone: 'Asia/Shanghai',
        currency: 'CNY',
        slotMinutes: 30,
        pollIntervalSeconds: 1_800,
        calendar: flatCalendar,
        areaM2: 75_000,
        address: null,
        latitude: null,
        longitude: null,
      },
    },
    place('plc_building', 'building', null),
    ...Array.from({ length: floors }, (_unused, floor) =>
      place(`plc_floor_${floor}`, 'floor', 'plc_building'),
    ),
    ...points
      .filter((point) => point.tenantId !== null)
      .map(({ tenantId }): RegistrySnapshot => {
        const id = tenantId ?? '';
        const snapshot = { id, projectId, code: id, name: id, tenantClass: 'shop', phone: null, email: null };
        return { entity: 'tenant', id, projectId, snapshot };
      }),
    ...points.map((snapshot): RegistrySnapshot => ({
      entity: 'metering-point',
      id: snapshot.id,
      projectId,
      snapshot,
    })),
  ];
}

const pointColumn = `concat('pnt_', leftPad(toString(number % {points:UInt32}), 16, '0'))`;
const segmentColumn = `concat('seg_', ${pointColumn})`;
// Mains and feeders carry about as much as is beneath them; ends between 100 and 900 Wh a slot.
const slotConsumption = (seed: string): string =>
  `toInt64(multiIf(number % {points:UInt32} = 0, {points:UInt32} * 520, number % {points:UInt32} <= {mains:UInt32}, intDiv({points:UInt32} * 515, {mains:UInt32}),
     number % {points:UInt32} <= {mains:UInt32} + {feeders:UInt32}, intDiv({points:UInt32} * 510, {feeders:UInt32}), 100 + cityHash64(number, ${seed}) % 800))`;

const slotsSql = `
INSERT INTO slots (project_id, metering_point_id, quantity, segment_id, slot_start, consumption, quality, revision)
SELECT {project:String}, ${pointColumn}, 'active-import', ${segmentColumn},
  toDateTime({begin:UInt32} + intDiv(number, {points:UInt32}) * 1800, 'UTC'), ${slotConsumption('{begin:UInt32}')}, if(cityHash64(number) % 200 = 0, 1, 0), number
FROM numbers({rows:UInt64})
SETTINGS max_partitions_per_insert_block = 1000`;

const periodOfHour = `multiIf(hour < 8, 'valley', hour < 18, 'peak', hour < 22, 'flat', 'valley')`;
const daysSql = `
INSERT INTO days (project_id, metering_point_id, quantity, segment_id, local_day, period, consumption, slots_measured, slots_estimated, slots_edited, slots_missing, peak_consumption, peak_start, revision)
SELECT project_id, metering_point_id, quantity, segment_id, local_day, period, sum(consumption), countIf(quality = 0), countIf(quality = 1), 0, 0, max(consumption), argMax(slot_start, consumption), max(revision)
FROM (
  SELECT project_id, metering_point_id, quantity, segment_id, slot_start, consumption, quality, revision,
    toDate(slot_start + {offset:UInt32}, 'UTC') AS local_day, toHour(slot_start + {offset:UInt32}, 'UTC') AS hour, ${periodOfHour} AS period
  FROM slots WHERE project_id = {project:String} AND slot_start >= toDateTime({begin:UInt32}, 'UTC') AND slot_start < toDateTime({end:UInt32}, 'UTC')
)
GROUP BY project_id, metering_point_id, quantity, segment_id, local_day, period
SETTINGS max_partitions_per_insert_block = 1000`;

const lossSql = `
INSERT INTO loss_days (project_id, metering_point_id, quantity, local_day, input, children, child_count, slots_compared, slots_expected, revision)
SELECT project_id, metering_point_id, 'active-import', local_day, sum(consumption), intDiv(sum(consumption) * 97, 100), 30, 48, 48, 1
FROM days WHERE project_id = {project:String} AND local_day >= toDate({first:UInt32}) AND local_day < toDate({last:UInt32})
  AND metering_point_id <= concat('pnt_', leftPad(toString({mains:UInt32} + {feeders:UInt32}), 16, '0'))
GROUP BY project_id, metering_point_id, local_day`;

const chargesSql = `
INSERT INTO charge_days (project_id, metering_point_id, local_day, account_id, segment_id, \`lines.period\`, \`lines.price_version_id\`, \`lines.consumption\`, \`lines.amount_micros\`, unpriced_consumption, revision)
SELECT project_id, metering_point_id, local_day, concat('acc_', metering_point_id), segment_id, groupArray(period), groupArray('pvr_bench'), groupArray(consumption), groupArray(consumption * 700), 0, 1
FROM days WHERE project_id = {project:String} AND local_day >= toDate({first:UInt32}) AND local_day < toDate({last:UInt32})
  AND metering_point_id > concat('pnt_', leftPad(toString({mains:UInt32} + {feeders:UInt32}), 16, '0'))
GROUP BY project_id, metering_point_id, segment_id, local_day
SETTINGS max_partitions_per_insert_block = 1000`;

/** Days written by one statement: bounds the memory of 10,000 points to some hundred MB. */
const daysPerStatement = 10;

/** Fills slots, days, losses and charges. */
export async function fillSyntheticSite(
  warehouse: Warehouse,
  site: SyntheticSite,
): Promise<{ readonly slots: number }> {
  const { mains, feeders } = layoutOf(site.points);
  const common = { project: site.projectId, points: site.points, mains, feeders, offset: zoneOffsetSeconds };
  const firstMs = site.endMs - site.days * dayMs;
  for (let day = 0; day < site.days; day += daysPerStatement) {
    const count = Math.min(daysPerStatement, site.days - day);
    const begin = (firstMs + day * dayMs) / 1_000;
    const end = begin + count * 86_400;
    const first = Math.round((begin + zoneOffsetSeconds) / 86_400);
    const range = { ...common, begin, end, first, last: first + count };
    await warehouse.command(slotsSql, { ...range, rows: site.points * slotsPerDay * count });
    await warehouse.command(daysSql, range);
    await warehouse.command(lossSql, range);
    await warehouse.command(chargesSql, range);
  }
  return { slots: site.points * slotsPerDay * site.days };
}

/** Merges each partition into one part, as the tables' settings do five minutes after the last change. */
export async function settlePartitions(warehouse: Warehouse): Promise<void> {
  for (const table of ['slots', 'days', 'loss_days', 'charge_days'])
    await warehouse.command(`OPTIMIZE TABLE ${table} FINAL`);
}
