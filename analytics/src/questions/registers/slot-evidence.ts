// SPDX-License-Identifier: Apache-2.0
/**
 * The arithmetic behind a slot, worked out again from its readings. Pure. The rules are the stream's, published in
 * stream/warehouse/README.md: register counts become whole base units before subtraction; what has flowed of a span
 * up to an instant is rounded half away from zero, so the parts of a span add up to the whole.
 */
import { divideRounded } from '@wattledger/contracts';
import type { ReadingRow, SlotEvidenceAnswer } from '@wattledger/contracts/http/analytics';

export interface MultiplierFacts {
  readonly multiplierNumerator: number;
  readonly multiplierDenominator: number;
  readonly registerMax: number | null;
}

export type EvidenceSpan = SlotEvidenceAnswer['segments'][number]['spans'][number];

/** Whole base units of a register count. */
function baseUnitsOf(
  value: bigint,
  scaler: number,
  { multiplierNumerator, multiplierDenominator }: MultiplierFacts,
): bigint {
  const up = scaler > 0 ? 10n ** BigInt(scaler) : 1n;
  const down = scaler < 0 ? 10n ** BigInt(-scaler) : 1n;
  return divideRounded(value * BigInt(multiplierNumerator) * up, BigInt(multiplierDenominator) * down);
}

/** What has flowed of a span by an instant. */
function flowedBy(
  consumption: bigint,
  span: { readonly fromMs: number; readonly toMs: number },
  instantMs: number,
): bigint {
  if (instantMs <= span.fromMs) return 0n;
  if (instantMs >= span.toMs) return consumption;
  return divideRounded(consumption * BigInt(instantMs - span.fromMs), BigInt(span.toMs - span.fromMs));
}

/**
 * Spans between neighbouring readings that touch the slot. Readings are accepted ones in order of time, so a fall can
 * only be a rollover: the register's width is added.
 */
export function spansOf(
  readings: readonly ReadingRow[],
  facts: MultiplierFacts,
  slot: { readonly beginMs: number; readonly endMs: number },
): EvidenceSpan[] {
  const spans: EvidenceSpan[] = [];
  for (let index = 1; index < readings.length; index += 1) {
    const from = readings[index - 1];
    const to = readings[index];
    if (
      from === undefined ||
      to === undefined ||
      to.instantMs <= slot.beginMs ||
      from.instantMs >= slot.endMs
    )
      continue;
    let consumption =
      baseUnitsOf(BigInt(to.value), to.scaler, facts) - baseUnitsOf(BigInt(from.value), from.scaler, facts);
    const rollover = consumption < 0n && facts.registerMax !== null;
    if (rollover) consumption += baseUnitsOf(BigInt(facts.registerMax ?? 0) + 1n, from.scaler, facts);
    const span = { fromMs: from.instantMs, toMs: to.instantMs };
    spans.push({
      ...span,
      fromValue: from.value,
      toValue: to.value,
      spanConsumption: Number(consumption),
      slotConsumption: Number(
        flowedBy(consumption, span, slot.endMs) - flowedBy(consumption, span, slot.beginMs),
      ),
      rollover,
    });
  }
  return spans;
}
