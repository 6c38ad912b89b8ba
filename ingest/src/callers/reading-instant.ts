// SPDX-License-Identifier: Apache-2.0
/**
 * When a reading that came by itself was taken. Its own clock is believed within limits, because history that a caller
 * kept during an outage has no other time; beyond them the time of arrival stands for it, and that is told. Pure.
 */
import { nearestInstant } from '../import-readings/zone-clock.ts';
import type { UploadTime } from './meter-upload.ts';

/** Clocks differ; more than this ahead is a wrong clock or a wrong zone. */
export const aheadMsMax = 600_000;
/** What a caller may have kept: the largest memory we know of holds a month of half-hours. */
export const behindMsMax = 62 * 86_400_000;
/** Up to here a reading counts as taken just now, and what its clock differs by is drift. */
const liveMs = 300_000;
/** A reading that comes so long after the one before was not sent in one go with it. */
const apartMsMin = 240_000;
/** Two readings in a row that are late by the same time: the clock is wrong, nothing was kept back. */
const sameLagMs = 60_000;

export interface LagSeen {
  readonly arrivedMs: number;
  readonly lagMs: number;
}

export interface JudgedTime {
  readonly instantMs: number;
  /** Kept back by the caller and sent later. */
  readonly late: boolean;
  /** By how much the meter's clock is ahead (positive) or behind; null: this reading does not tell. */
  readonly driftSeconds: number | null;
  /** The clock shows what cannot be: the time of arrival was taken. */
  readonly doubtful: string | null;
  readonly seen: LagSeen | null;
}

/** @param before what the meter's reading before this one showed of its clock */
export function judgeTime(time: UploadTime, zone: string, nowMs: number, before: LagSeen | null): JudgedTime {
  const arrival = { instantMs: nowMs, late: false, driftSeconds: null, seen: before };
  if (time === null) return { ...arrival, doubtful: null };
  const toldMs = time.kind === 'instant' ? time.instantMs : nearestInstant(time.localMs, zone, nowMs);
  const lagMs = nowMs - toldMs;
  const seen = { arrivedMs: nowMs, lagMs };
  if (lagMs < -aheadMsMax || lagMs > behindMsMax) {
    const shown = new Date(toldMs).toISOString();
    const doubtful = `the meter's clock shows ${shown}; the time of arrival stands for it`;
    return { ...arrival, driftSeconds: steady(before, seen) ? seconds(-lagMs) : null, doubtful, seen };
  }
  const late = lagMs > liveMs && !steady(before, seen);
  return {
    instantMs: toldMs,
    late,
    driftSeconds: late ? null : seconds(-lagMs),
    doubtful: null,
    seen,
  };
}

function steady(before: LagSeen | null, seen: LagSeen): boolean {
  return (
    before !== null &&
    seen.arrivedMs - before.arrivedMs >= apartMsMin &&
    Math.abs(seen.lagMs - before.lagMs) <= sameLagMs
  );
}

function seconds(ms: number): number {
  const whole = Math.round(ms / 1000);
  return whole === 0 ? 0 : whole;
}
