// SPDX-License-Identifier: Apache-2.0
import type { Quantity } from '@wattledger/contracts';
import {
  heldReadingsQueryShape,
  heldReadingsShape,
  heldRegistersShape,
  type HeldReadings,
  type HeldRegisters,
} from '@wattledger/contracts/http/stream';
import { defineRoute, RequestError, type Parts, type Route } from '@wattledger/platform';
import { z } from 'zod';
import {
  countHeldReadings,
  listHeldOnTimeLines,
  listHeldRegisters,
  listSetAside,
  type HeldFilter,
  type ListedReading,
  type PageStart,
} from './held-readings-store.ts';

const params = z.object({ projectId: z.string() });

export function createHeldReadingsRoutes(parts: Pick<Parts, 'database' | 'warehouse'>): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/held-readings',
      summary: 'Readings that do not count, with the reason: counts and a list, newest first',
      tag: 'readings',
      access: { right: 'meter:read' },
      params,
      query: heldReadingsQueryShape,
      response: heldReadingsShape,
      handle: async ({ params: { projectId }, query }) =>
        await heldReadings(parts, {
          projectId,
          reason: query.reason ?? null,
          meterId: query.meterId ?? null,
          after: query.cursor === undefined ? null : pageStartOf(query.cursor),
          limit: query.limit,
        }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/held-registers',
      summary: 'Registers whose readings are held until somebody decides',
      tag: 'readings',
      access: { right: 'meter:read' },
      params,
      response: heldRegistersShape,
      handle: async ({ params: { projectId } }) => await heldRegisters(parts, projectId),
    }),
  ];
}

async function heldReadings(
  { database, warehouse }: Pick<Parts, 'database' | 'warehouse'>,
  filter: HeldFilter,
): Promise<HeldReadings> {
  const [counts, onTimeLines, aside] = await Promise.all([
    countHeldReadings(database, filter.projectId),
    listHeldOnTimeLines(warehouse, filter),
    listSetAside(database, filter),
  ]);
  const page = [...onTimeLines, ...aside].sort(byPage).slice(0, filter.limit);
  const last = page.at(-1);
  return {
    projectId: filter.projectId,
    counts: [...counts],
    total: counts.reduce((sum, { readings }) => sum + readings, 0),
    items: page.map(({ key: _key, ...reading }) => reading),
    next: last === undefined || page.length < filter.limit ? null : textOfPageStart(last),
  };
}

function byPage(a: ListedReading, b: ListedReading): number {
  return b.instantMs - a.instantMs || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

const textOfPageStart = ({ instantMs, key }: PageStart): string =>
  Buffer.from(`${instantMs} ${key}`).toString('base64url');

function pageStartOf(cursor: string): PageStart {
  const match = /^(\d{1,16}) (.+)$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) {
    throw new RequestError({
      status: 400,
      code: 'cursor-invalid',
      message: 'This page marker is not one of ours.',
      hint: 'Begin again without a cursor.',
    });
  }
  return { instantMs: Number(match[1]), key: match[2] ?? '' };
}

async function heldRegisters(
  { database }: Pick<Parts, 'database'>,
  projectId: string,
): Promise<HeldRegisters> {
  const rows = await listHeldRegisters(database, projectId);
  return {
    projectId,
    registers: rows.map((row) => ({
      meterId: row.meter_id,
      register: row.register,
      segmentId: row.segment_id,
      meteringPointId: row.metering_point_id,
      quantity: row.quantity as Quantity,
      reason: row.held_reason === 'impossible-value' ? 'impossible-value' : 'register-fell',
      lastAccepted: {
        instantMs: row.last_ms,
        value: row.last_value,
        scaler: row.last_scaler,
        baseUnits: row.last_units,
      },
      heldFromMs: row.held_from_ms,
      heldToMs: row.held_to_ms,
    })),
  };
}
