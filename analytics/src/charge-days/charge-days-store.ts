// SPDX-License-Identifier: Apache-2.0
import type { ChargeDay } from '@wattledger/contracts';
import type { Warehouse, WarehouseValue } from '@wattledger/platform';

const columns = [
  'project_id',
  'metering_point_id',
  'local_day',
  'account_id',
  'segment_id',
  'lines.component',
  'lines.period',
  'lines.price_version_id',
  'lines.consumption',
  'lines.amount_micros',
  'unpriced_consumption',
  'revision',
] as const;

function rowOf(day: ChargeDay): readonly WarehouseValue[] {
  return [
    day.projectId,
    day.meteringPointId,
    day.localDay,
    day.accountId,
    day.segmentId,
    day.lines.map((line) => line.component ?? 'energy'),
    day.lines.map((line) => line.period ?? ''),
    day.lines.map((line) => line.priceVersionId),
    day.lines.map((line) => line.consumption),
    day.lines.map((line) => line.amountMicros),
    day.unpricedConsumption,
    day.revision,
  ];
}

/** Stores records; the same record again changes nothing. Of several for one key only the newest is sent. */
export async function writeChargeDays(warehouse: Warehouse, days: readonly ChargeDay[]): Promise<void> {
  const newest = new Map<string, ChargeDay>();
  for (const day of days) {
    const key = [day.projectId, day.meteringPointId, day.localDay, day.accountId, day.segmentId].join('/');
    const known = newest.get(key);
    if (known === undefined || known.revision < day.revision) newest.set(key, day);
  }
  await warehouse.insert('charge_days', columns, [...newest.values()].map(rowOf));
}
