// SPDX-License-Identifier: Apache-2.0
/** SQL of charging: writes. One statement per table per batch, rows by unnest; arrays travel as Postgres array text. */
import type { Transaction } from '@wattledger/platform';
import type { ChargeDayWrite, ChargeLineWrite, ProjectDayChange } from './plan-charges.ts';
import type { DayLine } from './rate-slot-day.ts';
import type { SegmentGrid } from './segment-grids.ts';
import type { ChargedSlotDay } from './slot-day.ts';

const arrayText = (values: readonly (number | null)[]): string => {
  let text = '{';
  for (let index = 0; index < values.length; index += 1) {
    if (index > 0) text += ',';
    text += values[index] ?? 'NULL';
  }
  return `${text}}`;
};

const upsertSlotDaysSql = `
  INSERT INTO billing.slot_days AS day (metering_point_id, segment_id, local_day, project_id, meter_id, quantity, zone,
         slot_minutes, first_slot_ms, consumption, revision, quality, account_index, version_index, amount_micros,
         account_ids, price_version_ids, month_positions, year_positions, charge_revision)
  SELECT changed.metering_point_id, changed.segment_id, changed.local_day, changed.project_id, changed.meter_id,
         changed.quantity, changed.zone, changed.slot_minutes, changed.first_slot_ms, changed.consumption::bigint[],
         changed.revision::bigint[], changed.quality::smallint[], changed.account_index::smallint[],
         changed.version_index::smallint[], changed.amount_micros::bigint[],
         string_to_array(changed.account_ids, ' '), string_to_array(changed.price_version_ids, ' '),
         changed.month_positions::bigint[], changed.year_positions::bigint[], changed.charge_revision
    FROM unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[], $8::smallint[],
         $9::bigint[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
         $17::text[], $18::text[], $19::text[], $20::integer[])
      AS changed (metering_point_id, segment_id, local_day, project_id, meter_id, quantity, zone, slot_minutes,
         first_slot_ms, consumption, revision, quality, account_index, version_index, amount_micros, account_ids,
         price_version_ids, month_positions, year_positions, charge_revision)
      ON CONFLICT (metering_point_id, local_day, segment_id) DO UPDATE
     SET meter_id = excluded.meter_id, quantity = excluded.quantity, zone = excluded.zone,
         slot_minutes = excluded.slot_minutes, first_slot_ms = excluded.first_slot_ms,
         consumption = excluded.consumption, revision = excluded.revision, quality = excluded.quality,
         account_index = excluded.account_index, version_index = excluded.version_index,
         amount_micros = excluded.amount_micros, account_ids = excluded.account_ids,
         price_version_ids = excluded.price_version_ids, month_positions = excluded.month_positions,
         year_positions = excluded.year_positions, charge_revision = excluded.charge_revision`;

/** Ids hold no spaces (contracts' idPattern), so a list of them travels as one text. */
export async function writeSlotDays(
  transaction: Transaction,
  days: readonly ChargedSlotDay[],
): Promise<void> {
  if (days.length === 0) return;
  await transaction.query(upsertSlotDaysSql, [
    days.map(({ slots }) => slots.meteringPointId),
    days.map(({ slots }) => slots.segmentId),
    days.map(({ slots }) => slots.localDay),
    days.map(({ slots }) => slots.projectId),
    days.map(({ slots }) => slots.meterId),
    days.map(({ slots }) => slots.quantity),
    days.map(({ slots }) => slots.zone),
    days.map(({ slots }) => slots.slotMinutes),
    days.map(({ slots }) => slots.firstSlotMs),
    days.map(({ slots }) => arrayText(slots.consumption)),
    days.map(({ slots }) => arrayText(slots.revision)),
    days.map(({ slots }) => arrayText(slots.quality)),
    days.map(({ charge }) => arrayText(charge.accountIndex)),
    days.map(({ charge }) => arrayText(charge.versionIndex)),
    days.map(({ charge }) => arrayText(charge.amountMicros)),
    days.map(({ charge }) => charge.accountIds.join(' ')),
    days.map(({ charge }) => charge.priceVersionIds.join(' ')),
    days.map(({ charge }) => arrayText(charge.monthPositions)),
    days.map(({ charge }) => arrayText(charge.yearPositions)),
    days.map(({ chargeRevision }) => chargeRevision),
  ]);
}

const upsertChargeDaysSql = `
  INSERT INTO billing.charge_days (account_id, local_day, metering_point_id, segment_id, project_id, medium,
         charge_revision, lines, consumption, amount_micros, unpriced_consumption, slots_measured, slots_estimated,
         slots_edited, slots_missing)
  SELECT *
    FROM unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::jsonb[],
         $9::bigint[], $10::bigint[], $11::bigint[], $12::smallint[], $13::smallint[], $14::smallint[], $15::smallint[])
      ON CONFLICT (account_id, local_day, metering_point_id, segment_id) DO UPDATE
     SET charge_revision = excluded.charge_revision, lines = excluded.lines, consumption = excluded.consumption,
         amount_micros = excluded.amount_micros, unpriced_consumption = excluded.unpriced_consumption,
         slots_measured = excluded.slots_measured, slots_estimated = excluded.slots_estimated,
         slots_edited = excluded.slots_edited, slots_missing = excluded.slots_missing`;

/** Lines as they are kept: of energy without season and tier, which most are, only what was always there. */
const storedLine = ({ component, item, season, tier, working, ...line }: DayLine): object => ({
  ...line,
  ...(component === 'energy' ? {} : { component, item, working }),
  ...(season === null ? {} : { season }),
  ...(tier === null ? {} : { tier }),
});

export async function writeChargeDays(
  transaction: Transaction,
  days: readonly ChargeDayWrite[],
): Promise<void> {
  if (days.length === 0) return;
  const sum = (write: ChargeDayWrite, of: (line: DayLine) => number): number =>
    write.day.lines.reduce((total, line) => total + of(line), 0);
  await transaction.query(upsertChargeDaysSql, [
    days.map(({ day }) => day.accountId),
    days.map(({ localDay }) => localDay),
    days.map(({ meteringPointId }) => meteringPointId),
    days.map(({ segmentId }) => segmentId),
    days.map(({ projectId }) => projectId),
    days.map(({ medium }) => medium),
    days.map(({ chargeRevision }) => chargeRevision),
    days.map(({ day }) => JSON.stringify(day.lines.map(storedLine))),
    days.map((write) => sum(write, (line) => (line.priceVersionId === null ? 0 : line.consumption))),
    days.map((write) => sum(write, (line) => line.amountMicros)),
    days.map((write) => sum(write, (line) => (line.priceVersionId === null ? line.consumption : 0))),
    ...[0, 1, 2, 3].map((quality) => days.map(({ day }) => day.slotsByQuality[quality] ?? 0)),
  ]);
}

const addProjectDaysSql = `
  INSERT INTO billing.project_charge_days AS day (project_id, local_day, medium, consumption, amount_micros,
         unpriced_consumption, slots_measured, slots_estimated, slots_edited, slots_missing)
  SELECT *
    FROM unnest($1::text[], $2::date[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
         $9::bigint[], $10::bigint[])
      ON CONFLICT (project_id, local_day, medium) DO UPDATE
     SET consumption = day.consumption + excluded.consumption, amount_micros = day.amount_micros + excluded.amount_micros,
         unpriced_consumption = day.unpriced_consumption + excluded.unpriced_consumption,
         slots_measured = day.slots_measured + excluded.slots_measured,
         slots_estimated = day.slots_estimated + excluded.slots_estimated,
         slots_edited = day.slots_edited + excluded.slots_edited, slots_missing = day.slots_missing + excluded.slots_missing`;

/** Adds to the project's days. Shared by all writers of a project: late in the transaction. */
export async function addProjectDays(
  transaction: Transaction,
  days: ReadonlyMap<string, ProjectDayChange>,
): Promise<void> {
  // In key order: rows that all writers share are taken in one order.
  const inOrder = [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, day]) => day);
  const changed = inOrder.filter(
    (day) =>
      day.consumption !== 0 ||
      day.amountMicros !== 0 ||
      day.unpricedConsumption !== 0 ||
      day.slotsByQuality.some((slots) => slots !== 0),
  );
  if (changed.length === 0) return;
  await transaction.query(addProjectDaysSql, [
    changed.map((day) => day.projectId),
    changed.map((day) => day.localDay),
    changed.map((day) => day.medium),
    changed.map((day) => day.consumption),
    changed.map((day) => day.amountMicros),
    changed.map((day) => day.unpricedConsumption),
    ...[0, 1, 2, 3].map((quality) => changed.map((day) => day.slotsByQuality[quality] ?? 0)),
  ]);
}

export interface PostedLine extends ChargeLineWrite {
  readonly postingId: string;
  readonly line: number;
  readonly accountId: string;
}

export async function writeChargeLines(
  transaction: Transaction,
  lines: readonly PostedLine[],
): Promise<void> {
  if (lines.length === 0) return;
  await transaction.query(
    `INSERT INTO billing.charge_lines (posting_id, line, account_id, metering_point_id, segment_id, local_day, medium,
            period, price_version_id, unpriced_reason, consumption, amount_micros, component, item, season, tier)
     SELECT *
       FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::date[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::smallint[])`,
    [
      lines.map((line) => line.postingId),
      lines.map((line) => line.line),
      lines.map((line) => line.accountId),
      lines.map((line) => line.meteringPointId),
      lines.map((line) => line.segmentId),
      lines.map((line) => line.localDay),
      lines.map((line) => line.medium),
      lines.map((line) => line.period),
      lines.map((line) => line.priceVersionId),
      lines.map((line) => line.unpricedReason),
      lines.map((line) => line.consumption),
      lines.map((line) => line.amountMicros),
      lines.map((line) => line.component),
      lines.map((line) => line.item),
      lines.map((line) => line.season),
      lines.map((line) => line.tier),
    ],
  );
}

/** Notes the newest reading of each held point. */
export async function writeLastReadings(
  transaction: Transaction,
  readings: readonly {
    readonly meteringPointId: string;
    readonly lastReadingMs: number;
    readonly quality: number;
  }[],
): Promise<void> {
  if (readings.length === 0) return;
  await transaction.query(
    `UPDATE billing.points AS point
        SET last_reading_ms = changed.last_reading_ms, last_reading_quality = changed.last_reading_quality
       FROM unnest($1::text[], $2::bigint[], $3::smallint[]) AS changed (metering_point_id, last_reading_ms, last_reading_quality)
      WHERE point.metering_point_id = changed.metering_point_id`,
    [
      readings.map((reading) => reading.meteringPointId),
      readings.map((reading) => reading.lastReadingMs),
      readings.map((reading) => reading.quality),
    ],
  );
}

export async function writeSegmentGrids(
  transaction: Transaction,
  grids: readonly SegmentGrid[],
): Promise<void> {
  if (grids.length === 0) return;
  await transaction.query(
    `INSERT INTO billing.segments (metering_point_id, segment_id, zone, slot_minutes, grid_revision)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::bigint[])
     ON CONFLICT (metering_point_id, segment_id) DO UPDATE
        SET zone = excluded.zone, slot_minutes = excluded.slot_minutes, grid_revision = excluded.grid_revision`,
    [
      grids.map((grid) => grid.meteringPointId),
      grids.map((grid) => grid.segmentId),
      grids.map((grid) => grid.zone),
      grids.map((grid) => grid.slotMinutes),
      grids.map((grid) => grid.gridRevision),
    ],
  );
}
