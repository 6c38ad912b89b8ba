// SPDX-License-Identifier: Apache-2.0
/** All present readings of a project as one spreadsheet. */
import { z } from 'zod';
import { presentReadingsQueryShape } from '@wattledger/contracts/http/ingest';
import {
  answered,
  defineRoute,
  RequestError,
  type Parts,
  type Route,
  type SnapshotCopy,
} from '@wattledger/platform';
import { meterStateOf } from '../collector/states-routes.ts';
import { readMeterStates } from '../collector/states-store.ts';
import { readingsSheet, type PointReading } from './readings-sheet.ts';
import { writeSheet } from './write-sheet.ts';

type Snapshots = SnapshotCopy<'project' | 'place' | 'tenant' | 'gateway' | 'meter' | 'metering-point'>;
const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export function presentReadingsRoutes(
  parts: Pick<Parts, 'database' | 'clock'>,
  snapshots: Snapshots,
): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/present-readings.xlsx',
      summary: 'All present readings of a project as a spreadsheet',
      tag: 'Meters',
      access: { right: 'meter:read' },
      params: z.object({ projectId: z.string() }),
      query: presentReadingsQueryShape,
      response: null,
      handle: async ({ params, query, response }) => {
        const project = snapshots.get('project', params.projectId);
        if (project === undefined) {
          throw new RequestError({
            status: 404,
            code: 'project-unknown',
            message: `There is no project "${params.projectId}".`,
          });
        }
        const readings = await presentReadings(parts, snapshots, params.projectId);
        const bytes = await writeSheet(
          readingsSheet(readings, { zone: project.zone, language: query.language }),
        );
        const day = new Date(parts.clock.nowMs()).toISOString().slice(0, 10);
        response.writeHead(200, {
          'content-type': xlsxType,
          'content-length': bytes.length,
          'content-disposition': `attachment; filename="readings-${project.code.replace(/[^\w-]/g, '_')}-${day}.xlsx"`,
        });
        response.end(bytes);
        return answered;
      },
    }),
  ];
}

/** Every metering point that has a meter now, in the order of places and codes. */
async function presentReadings(
  parts: Pick<Parts, 'database' | 'clock'>,
  snapshots: Snapshots,
  projectId: string,
): Promise<readonly PointReading[]> {
  const nowMs = parts.clock.nowMs();
  const points = snapshots
    .all('metering-point', projectId)
    .flatMap((point) => {
      const mounting = point.mountings.find(
        ({ fromMs, toMs }) => fromMs <= nowMs && (toMs === null || nowMs < toMs),
      );
      return mounting === undefined ? [] : [{ point, mounting, places: placesOf(snapshots, point.placeId) }];
    })
    .sort((a, b) => (sortText(a) < sortText(b) ? -1 : 1));
  const states = await readMeterStates(parts.database, [
    ...new Set(points.map(({ mounting }) => mounting.meterId)),
  ]);
  return points.map(({ point, mounting, places }) => {
    const meter = snapshots.get('meter', mounting.meterId);
    return {
      point,
      places,
      tenantName:
        (point.tenantId === null ? undefined : snapshots.get('tenant', point.tenantId)?.name) ?? null,
      gatewayCode: snapshots.get('gateway', meter?.gatewayId ?? '')?.code ?? null,
      register: mounting.register,
      state: meter === undefined ? null : meterStateOf(meter, states.get(meter.id), snapshots),
    };
  });
}

const sortText = ({ point, places }: { point: { code: string }; places: PointReading['places'] }): string =>
  [...places.map((place) => place.name), point.code].join('\u0001');

/** From the outermost to the one named. */
function placesOf(snapshots: Snapshots, placeId: string | null): PointReading['places'] {
  const path: { name: string }[] = [];
  const seen = new Set<string>();
  for (let id = placeId; id !== null && !seen.has(id);) {
    seen.add(id);
    const place = snapshots.get('place', id);
    if (place === undefined) break;
    path.unshift(place);
    id = place.parentId;
  }
  return path;
}
