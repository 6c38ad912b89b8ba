// SPDX-License-Identifier: Apache-2.0
/**
 * A segment: the time a meter's register is mounted at a metering point with one multiplier and one register width.
 * Pure rules; the same hold for a person's change and for an imported file.
 */
import type { Medium, Quantity, Segment } from '@wattledger/contracts';
import type { FieldFault } from '../changes/faults.ts';

/** A value a person read: value × 10^scaler base units, as the register shows it. */
export interface RegisterValue {
  readonly value: number;
  readonly scaler: number;
}

/** A segment as the registry keeps it. A hand reading holds at the segment's own end: opening at fromMs, closing at toMs. */
export interface MountedSegment {
  readonly segmentId: string;
  readonly meterId: string;
  readonly register: string;
  readonly meteringPointId: string;
  readonly quantity: Quantity;
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly multiplierNumerator: number;
  readonly multiplierDenominator: number;
  readonly registerMax: number | null;
  readonly powerMax: number | null;
  readonly openingReading: RegisterValue | null;
  readonly closingReading: RegisterValue | null;
}

/** The segment as the meter log tells it. */
export function segmentOf(mounted: MountedSegment): Segment {
  const { openingReading, closingReading, fromMs, toMs } = mounted;
  return {
    segmentId: mounted.segmentId,
    register: mounted.register,
    meteringPointId: mounted.meteringPointId,
    quantity: mounted.quantity,
    fromMs,
    toMs,
    multiplierNumerator: mounted.multiplierNumerator,
    multiplierDenominator: mounted.multiplierDenominator,
    registerMax: mounted.registerMax,
    powerMax: mounted.powerMax,
    openingReading: openingReading === null ? null : { instantMs: fromMs, ...openingReading },
    closingReading: closingReading === null || toMs === null ? null : { instantMs: toMs, ...closingReading },
  };
}

const quantitiesOf: Readonly<Record<Medium, readonly [Quantity, ...Quantity[]]>> = {
  electricity: ['active-import', 'active-export'],
  water: ['water-volume'],
  gas: ['gas-volume'],
};

/** What a metering point of a medium counts when nobody says otherwise. */
export function usualQuantityOf(medium: Medium): Quantity {
  return quantitiesOf[medium][0];
}

/** Faults of one segment by itself. */
export function faultsOfSegment(segment: MountedSegment, medium: Medium): readonly FieldFault[] {
  const faults: FieldFault[] = [];
  if (segment.toMs !== null && segment.toMs <= segment.fromMs) {
    faults.push({ path: 'toMs', message: 'the mounting must end after it begins' });
  }
  if (!quantitiesOf[medium].includes(segment.quantity)) {
    faults.push({
      path: 'quantity',
      message: `a metering point for ${medium} counts ${quantitiesOf[medium].join(' or ')}, not ${segment.quantity}`,
    });
  }
  if (segment.closingReading !== null && segment.toMs === null) {
    faults.push({
      path: 'closingReading',
      message: 'a closing reading needs the instant at which the mounting ends',
    });
  }
  for (const [path, reading] of [
    ['openingReading', segment.openingReading],
    ['closingReading', segment.closingReading],
  ] as const) {
    if (reading !== null && segment.registerMax !== null && reading.value > segment.registerMax) {
      faults.push({
        path,
        message: `${reading.value} is more than the register can show (${segment.registerMax})`,
      });
    }
  }
  return faults;
}

/** True when two half-open spans share an instant; null is "for ever". */
export function spansOverlap(
  a: { readonly fromMs: number; readonly toMs: number | null },
  b: { readonly fromMs: number; readonly toMs: number | null },
): boolean {
  return (a.toMs === null || b.fromMs < a.toMs) && (b.toMs === null || a.fromMs < b.toMs);
}

export interface SegmentOverlap {
  readonly kind: 'register-mounted-twice' | 'point-occupied' | 'quantity-changed';
  readonly earlier: MountedSegment;
  readonly later: MountedSegment;
}

/**
 * Where segments contradict one another: a register at two points at an instant, a point with two registers at an
 * instant, or a point that counts two quantities (its sums would add unlike things). n·log n.
 */
export function overlapsOf(segments: readonly MountedSegment[]): readonly SegmentOverlap[] {
  const found: SegmentOverlap[] = [];
  const byPoint = Map.groupBy(segments, (segment) => segment.meteringPointId);
  const byRegister = Map.groupBy(segments, (segment) => `${segment.meterId} ${segment.register}`);
  // Two segments of one register at one point are told once, as the point's.
  for (const [earlier, later] of [...byRegister.values()].flatMap(neighboursThatOverlap)) {
    if (earlier.meteringPointId !== later.meteringPointId)
      found.push({ kind: 'register-mounted-twice', earlier, later });
  }
  for (const group of byPoint.values()) {
    for (const [earlier, later] of neighboursThatOverlap(group))
      found.push({ kind: 'point-occupied', earlier, later });
    const [first] = group;
    const other = group.find((segment) => segment.quantity !== first?.quantity);
    if (first !== undefined && other !== undefined)
      found.push({ kind: 'quantity-changed', earlier: first, later: other });
  }
  return found;
}

/** Sorted by start, each against the one before it that reaches furthest: finds a fault whenever there is one. */
function neighboursThatOverlap(
  group: readonly MountedSegment[],
): readonly (readonly [MountedSegment, MountedSegment])[] {
  const pairs: (readonly [MountedSegment, MountedSegment])[] = [];
  let furthest: MountedSegment | undefined;
  for (const segment of [...group].sort((a, b) => a.fromMs - b.fromMs)) {
    if (furthest !== undefined && spansOverlap(furthest, segment)) pairs.push([furthest, segment]);
    if (furthest === undefined || endOf(segment) > endOf(furthest)) furthest = segment;
  }
  return pairs;
}

const endOf = (segment: MountedSegment): number => segment.toMs ?? Number.POSITIVE_INFINITY;
