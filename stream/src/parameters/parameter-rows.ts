// SPDX-License-Identifier: Apache-2.0
/** Telemetry as rows of the warehouse table `parameters`. Pure. */
import type { Telemetry } from '@wattledger/contracts';
import type { LogRecord, WarehouseValue } from '@wattledger/platform';

export const parameterColumns = [
  'project_id',
  'meter_id',
  'parameter',
  'instant',
  'value_thousandths',
] as const;
export type ParameterRow = readonly WarehouseValue[];

const dayMs = 86_400_000;
/**
 * A poll is told when it is done; what a line held back comes later. An instant beyond these has a wrong clock behind it, and
 * rows all over the calendar would need more partitions than one insert may have.
 */
const aheadMsMax = dayMs;
const behindMsMax = 366 * dayMs;

/** Rows in the order of the records; of the same parameter at the same instant the last one told. */
export function parameterRows(records: readonly LogRecord<Telemetry>[]): readonly ParameterRow[] {
  const rows = new Map<string, ParameterRow>();
  for (const { value: telemetry, recordedAtMs } of records) {
    const { projectId, meterId, at, online, parameters } = telemetry;
    if (!online || at > recordedAtMs + aheadMsMax || at < recordedAtMs - behindMsMax) continue;
    for (const [parameter, value] of Object.entries(parameters)) {
      const thousandths = thousandthsOf(value);
      if (thousandths !== null)
        rows.set(`${projectId} ${meterId} ${at} ${parameter}`, [
          projectId,
          meterId,
          parameter,
          at,
          thousandths,
        ]);
    }
  }
  return [...rows.values()];
}

/** Whole thousandths, rounded half away from zero; null for what no meter measures. */
export function thousandthsOf(value: number): number | null {
  const size = Math.round(Math.abs(value) * 1000);
  if (!Number.isSafeInteger(size)) return null;
  return value < 0 && size > 0 ? -size : size;
}
