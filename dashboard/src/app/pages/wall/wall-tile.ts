// SPDX-License-Identifier: Apache-2.0
import type { AccountRow } from '@wattledger/contracts/http/billing';
import type { MeterState } from '@wattledger/contracts/http/ingest';
import type { TreePoint } from '@wattledger/contracts/http/registry';
import type { WallState } from './wall-state.ts';

/** A metering point with its meter, its account and how it stands. */
export interface WallTile {
  readonly point: TreePoint;
  readonly state: WallState;
  /** Room, or the point's own name where it stands in no room. */
  readonly name: string;
  readonly tenantName: string | null;
  readonly tenantCode: string | null;
  readonly areaId: string | null;
  readonly floorId: string | null;
  readonly account: AccountRow | null;
  readonly balanceMicros: number | null;
  readonly meter: MeterState | null;
  readonly lastReadingMs: number | null;
}

/** A line of the wall: cells side by side; the first cell of a floor is its name. */
export type WallCell =
  | { readonly kind: 'floor'; readonly id: string; readonly name: string; readonly count: number }
  | { readonly kind: 'tile'; readonly tile: WallTile };
export interface WallLine {
  readonly id: string;
  readonly cells: readonly WallCell[];
}

/** Tiles floor by floor, laid into lines of `columns` cells; each floor begins a line. Pure. */
export function wallLines(
  floors: readonly { readonly id: string; readonly name: string; readonly tiles: readonly WallTile[] }[],
  columns: number,
): readonly WallLine[] {
  const lines: WallLine[] = [];
  for (const floor of floors) {
    const cells: WallCell[] = [
      { kind: 'floor', id: floor.id, name: floor.name, count: floor.tiles.length },
      ...floor.tiles.map((tile) => ({ kind: 'tile' as const, tile })),
    ];
    for (let start = 0; start < cells.length; start += columns) {
      lines.push({ id: `${floor.id}-${start}`, cells: cells.slice(start, start + columns) });
    }
  }
  return lines;
}
