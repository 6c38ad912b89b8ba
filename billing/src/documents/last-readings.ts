// SPDX-License-Identifier: Apache-2.0
/** Newest accepted register readings of metering points at an instant, asked of the warehouse. */
import type { DocumentParts } from './issue-documents.ts';

export interface ReadingFacts {
  readonly instantMs: number;
  readonly value: number;
  readonly scaler: number;
}
export const readingKey = ({
  meterId,
  register,
}: {
  readonly meterId: string;
  readonly register: string;
}): string => `${meterId}/${register}`;

/**
 * By meter and register. Money does not wait for the warehouse: when it cannot answer, the paper has no readings and the log
 * says so.
 */
export async function lastReadings(
  { registry, warehouse, logger }: DocumentParts,
  meteringPointIds: readonly string[],
  atMs: number,
): Promise<ReadonlyMap<string, ReadingFacts>> {
  const points = meteringPointIds.flatMap((id) => registry.get('metering-point', id) ?? []);
  const mountings = points.flatMap((point) => point.mountings.map((mounting) => ({ ...mounting, point })));
  if (mountings.length === 0) return new Map();
  try {
    const rows = await warehouse.query<
      ReadingFacts & { readonly meterId: string; readonly register: string }
    >(
      `SELECT r.meter_id AS meterId, r.register AS register, toUnixTimestamp64Milli(max(r.instant)) AS instantMs,
              argMax(r.value, r.instant) AS value, argMax(r.scaler, r.instant) AS scaler
         FROM readings AS r FINAL
        WHERE r.project_id IN {projects:Array(String)} AND r.meter_id IN {meters:Array(String)} AND r.verdict = 'accepted'
          AND r.instant <= fromUnixTimestamp64Milli({at:Int64}, 'UTC')
        GROUP BY r.meter_id, r.register`,
      {
        projects: [...new Set(points.map((point) => point.projectId))],
        meters: [...new Set(mountings.map(({ meterId }) => meterId))],
        at: atMs,
      },
    );
    return new Map(
      rows.map(({ meterId, register, ...reading }) => [readingKey({ meterId, register }), reading]),
    );
  } catch (error) {
    logger.warn({ error }, 'readings for documents could not be asked of the warehouse; they are left out');
    return new Map();
  }
}
