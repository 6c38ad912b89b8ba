// SPDX-License-Identifier: Apache-2.0
/** Which meters hang at an account's metering points now, and which of them the account alone may switch. */
import type { MeteringPointSnapshot } from '@wattledger/contracts';
import type { RegistryCopy } from '../parts.ts';

export interface MountedMeter {
  readonly meterId: string;
  readonly meteringPointId: string;
  readonly serial: string;
  readonly switchable: boolean;
}

const mountedAt = (
  mounting: { readonly fromMs: number; readonly toMs: number | null },
  atMs: number,
): boolean => mounting.fromMs <= atMs && (mounting.toMs === null || atMs < mounting.toMs);

/** Metering points by meter, kept until the registry changes. */
export class MountedMeters {
  readonly #registry: RegistryCopy;
  #pointsOfMeter: Map<string, MeteringPointSnapshot[]> | null = null;

  constructor(registry: RegistryCopy) {
    this.#registry = registry;
  }

  forget(): void {
    this.#pointsOfMeter = null;
  }

  #points(meterId: string): readonly MeteringPointSnapshot[] {
    if (this.#pointsOfMeter === null) {
      this.#pointsOfMeter = new Map();
      for (const point of this.#registry.all('metering-point')) {
        for (const meter of new Set(point.mountings.map((mounting) => mounting.meterId))) {
          const list = this.#pointsOfMeter.get(meter);
          if (list === undefined) this.#pointsOfMeter.set(meter, [point]);
          else list.push(point);
        }
      }
    }
    return this.#pointsOfMeter.get(meterId) ?? [];
  }

  /** Electricity points that a meter serves at an instant. */
  pointsNow(meterId: string, atMs: number): readonly string[] {
    return this.#points(meterId)
      .filter(
        (point) =>
          point.medium === 'electricity' &&
          point.mountings.some((mounting) => mounting.meterId === meterId && mountedAt(mounting, atMs)),
      )
      .map((point) => point.id);
  }

  /**
   * Meters mounted at an account's metering points at an instant, each once. Switchable: has a switch, is polled, measures
   * electricity, and serves no metering point outside these: a relay shared with others is nobody's to cut.
   */
  at(meteringPointIds: readonly string[], atMs: number): readonly MountedMeter[] {
    const found = new Map<string, MountedMeter>();
    for (const meteringPointId of meteringPointIds) {
      for (const meter of this.atPoint(meteringPointId, meteringPointIds, atMs)) {
        if (!found.has(meter.meterId)) found.set(meter.meterId, meter);
      }
    }
    return [...found.values()];
  }

  /** Meters mounted at one of an account's metering points. */
  atPoint(meteringPointId: string, ownPointIds: readonly string[], atMs: number): readonly MountedMeter[] {
    const point = this.#registry.get('metering-point', meteringPointId);
    const mounted = (point?.mountings ?? []).filter((mounting) => mountedAt(mounting, atMs));
    return [...new Set(mounted.map((mounting) => mounting.meterId))].map((meterId) => {
      const meter = this.#registry.get('meter', meterId);
      const shared = this.#points(meterId).some(
        (other) =>
          !ownPointIds.includes(other.id) &&
          other.mountings.some((theirs) => theirs.meterId === meterId && mountedAt(theirs, atMs)),
      );
      const able = meter?.switchable === true && meter.enabled && point?.medium === 'electricity';
      return { meterId, meteringPointId, serial: meter?.serial ?? meterId, switchable: able && !shared };
    });
  }
}
