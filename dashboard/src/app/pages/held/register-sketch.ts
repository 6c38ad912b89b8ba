// SPDX-License-Identifier: Apache-2.0
/** A register's course as a small drawing: where it went, and what does not count. Pure. */
export interface SketchReading {
  readonly instantMs: number;
  readonly value: number;
  readonly scaler: number;
  readonly counts: boolean;
}

export interface SketchPoint {
  readonly x: number;
  readonly y: number;
  readonly counts: boolean;
}

export interface Sketch {
  readonly points: readonly SketchPoint[];
  /** Path through the readings that count. */
  readonly path: string;
  /** Path through those that do not, from the last that does. */
  readonly doubtfulPath: string;
  /** Where an instant lies. */
  xOf(atMs: number): number;
}

export const sketchWidth = 320;
export const sketchHeight = 110;
const margin = 8;

export function sketchOf(readings: readonly SketchReading[]): Sketch {
  const shown = readings.map((reading) => ({ ...reading, position: reading.value * 10 ** reading.scaler }));
  const instants = shown.map(({ instantMs }) => instantMs);
  const positions = shown.map(({ position }) => position);
  const [fromMs, toMs] = [Math.min(...instants), Math.max(...instants)];
  const [low, high] = [Math.min(...positions), Math.max(...positions)];
  const xOf = (atMs: number): number =>
    rounded(margin + ((atMs - fromMs) / Math.max(1, toMs - fromMs)) * (sketchWidth - 2 * margin));
  const points = shown.map(({ instantMs, position, counts }) => ({
    x: xOf(instantMs),
    y: rounded(sketchHeight - margin - ((position - low) / (high - low || 1)) * (sketchHeight - 2 * margin)),
    counts,
  }));
  const doubtful = points.findIndex(({ counts }) => !counts);
  return {
    points,
    path: pathOf(points.filter(({ counts }) => counts)),
    doubtfulPath: doubtful < 0 ? '' : pathOf(points.slice(Math.max(0, doubtful - 1))),
    xOf,
  };
}

const rounded = (figure: number): number => Math.round(figure * 10) / 10;
const pathOf = (points: readonly SketchPoint[]): string =>
  points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('');
