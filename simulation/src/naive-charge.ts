// SPDX-License-Identifier: Apache-2.0
/** What energy costs, worked out the naive way: slot by slot, without anything of the product. Pure. */

/** Energy between two neighbouring readings that count. */
export interface Span {
  /** Spans of one segment share a number: each segment's slots are rounded by themselves. */
  readonly segment: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly energyWh: number;
}

export const rates = { peak: 251_337, valley: 118_449 } as const;
const slotMs = 1_800_000;
const hourMs = 3_600_000;

/** Micros per kWh of a slot: peak from 08:00 to 22:00 UTC. */
function rateAt(atMs: number): number {
  const hour = new Date(atMs).getUTCHours();
  return hour >= 8 && hour < 22 ? rates.peak : rates.valley;
}

/** The share of a span that has flowed by an instant, whole Wh, half away from zero. */
function flowedBy({ fromMs, toMs, energyWh }: Span, atMs: number): number {
  if (atMs <= fromMs) return 0;
  if (atMs >= toMs) return energyWh;
  const share = BigInt(energyWh) * BigInt(atMs - fromMs);
  const length = BigInt(toMs - fromMs);
  return Number((2n * share + length) / (2n * length));
}

/** Charge of all spans: each slot of each segment rounded once. */
export function microsOf(spans: readonly Span[]): number {
  const slots = new Map<string, number>();
  for (const span of spans) {
    for (let slot = Math.floor(span.fromMs / slotMs) * slotMs; slot < span.toMs; slot += slotMs) {
      const key = `${String(span.segment)} ${String(slot)}`;
      slots.set(key, (slots.get(key) ?? 0) + flowedBy(span, slot + slotMs) - flowedBy(span, slot));
    }
  }
  let micros = 0;
  for (const [key, energyWh] of slots) {
    const slot = Number(key.split(' ')[1]);
    micros += Math.floor((2 * energyWh * rateAt(slot) + 1000) / 2000);
  }
  return micros;
}

/** Readings of every half hour and seven minutes, so that none falls on a slot's edge. */
export const readEveryMs = hourMs / 2;
export const readAtMs = 7 * 60_000;
