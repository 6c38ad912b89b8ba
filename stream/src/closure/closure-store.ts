// SPDX-License-Identifier: Apache-2.0
import type { Mounting } from '@wattledger/contracts';
import type { Queryable, Warehouse } from '@wattledger/platform';

export interface SegmentFacts {
  readonly project_id: string;
  readonly meter_id: string;
  readonly segment_id: string;
  readonly register: string;
  readonly metering_point_id: string;
  readonly quantity: string;
  readonly first_ms: number | null;
  readonly first_value: number;
  readonly first_scaler: number;
  readonly first_units: number;
  readonly last_ms: number | null;
  readonly last_value: number;
  readonly last_scaler: number;
  readonly last_units: number;
  readonly rollovers: number;
  readonly rollover_consumption: number;
  /** The mounting record, whole. */
  readonly mounting: Mounting;
}

/** Segments counted at a metering point, by first reading. */
export async function segmentsOfPoint(
  database: Queryable,
  projectId: string,
  meteringPointId: string,
): Promise<readonly SegmentFacts[]> {
  const found = await database.query<Omit<SegmentFacts, 'mounting'> & { readonly body: string }>(
    `SELECT segment.project_id, segment.meter_id, segment.segment_id, segment.register, segment.metering_point_id, segment.quantity,
       segment.first_ms, segment.first_value, segment.first_scaler, segment.first_units,
       segment.last_ms, segment.last_value, segment.last_scaler, segment.last_units,
       segment.rollovers, segment.rollover_consumption, mounting.body
     FROM stream.segments segment JOIN stream.mountings mounting USING (project_id, meter_id)
     WHERE segment.project_id = $1 AND segment.metering_point_id = $2
     ORDER BY segment.first_ms NULLS LAST, segment.segment_id`,
    [projectId, meteringPointId],
  );
  return found.rows.map(({ body, ...row }) => ({ ...row, mounting: JSON.parse(body) as Mounting }));
}

export interface SlotSum {
  readonly segment_id: string;
  readonly consumption: number;
  readonly slots: number;
  readonly measured: number;
  readonly estimated: number;
  readonly edited: number;
  readonly missing: number;
}

/** Σ slots of a metering point by segment. */
export async function slotSumsOfPoint(
  warehouse: Warehouse,
  projectId: string,
  meteringPointId: string,
): Promise<readonly SlotSum[]> {
  return await warehouse.query<SlotSum>(
    `SELECT segment_id, sum(consumption) AS consumption, count() AS slots,
       countIf(quality = 0) AS measured, countIf(quality = 1) AS estimated, countIf(quality = 2) AS edited, countIf(quality = 3) AS missing
     FROM slots FINAL WHERE project_id = {project:String} AND metering_point_id = {point:String} GROUP BY segment_id`,
    { project: projectId, point: meteringPointId },
  );
}
