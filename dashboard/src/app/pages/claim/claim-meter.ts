// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, model, output } from '@angular/core';
import type { RegisterMapSummary } from '@wattledger/contracts/http/ingest';
import { subItems } from '../../energy/sub-items.ts';
import { Icon } from '../../look/icon.ts';
import { SearchPicker, type PickerItem } from '../../look/search-picker.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { anotherCircuit, pointOf, pointRoles, type MeterDraft, type PointDraft } from './claim-draft.ts';

export interface ClaimChoices {
  readonly maps: readonly RegisterMapSummary[];
  readonly places: readonly PickerItem[];
  readonly tenants: readonly PickerItem[];
  /** Points that may be parents. */
  readonly parents: readonly PickerItem[];
  /** Points at which nothing is mounted now. */
  readonly free: readonly PickerItem[];
}

/** One meter of a claim: what it is, and where it counts. */
@Component({
  selector: 'wl-claim-meter',
  imports: [Icon, SearchPicker],
  templateUrl: './claim-meter.html',
  styleUrl: './claim-meter.css',
})
export class ClaimMeter {
  readonly meter = model.required<MeterDraft>();
  readonly number = input.required<number>();
  readonly choices = input.required<ClaimChoices>();
  readonly faults = input.required<readonly { readonly path: string; readonly message: string }[]>();
  readonly removed = output();
  protected readonly site = inject(Site);
  protected readonly t = inject(Words).t;
  protected readonly roles = pointRoles;
  protected readonly subItems = subItems;
  protected readonly modes = ['new', 'existing', 'none'] as const;
  protected readonly map = computed(
    () => this.choices().maps.find((map) => map.modelId === this.meter().modelId) ?? null,
  );
  /** Registers that may be mounted; of a cabinet those of its circuits. */
  protected readonly registers = computed(() => {
    const map = this.map();
    if (map === null) return [];
    if (map.circuits !== null) {
      const { namedAs, max } = map.circuits;
      return Array.from({ length: max }, (_, index) =>
        namedAs.replace('circuit1', `circuit${String(index + 1)}`),
      );
    }
    return map.registers
      .filter((register) => register.kind === 'counted' && register.quantity !== null)
      .sort((a, b) => Number(b.primary) - Number(a.primary))
      .map((register) => register.name);
  });
  protected readonly mayAddCircuit = computed(() => {
    const circuits = this.map()?.circuits ?? null;
    return circuits !== null && this.meter().points.length < circuits.max;
  });
  /** The meter is in the project already, with its points. */
  protected readonly known = computed(() => this.meter().points.length === 0);

  protected set(change: Partial<MeterDraft>): void {
    this.meter.update((meter) => ({ ...meter, ...change }));
  }

  protected setPoint(index: number, change: Partial<PointDraft>): void {
    this.set({
      points: this.meter().points.map((point, other) => (other === index ? { ...point, ...change } : point)),
    });
  }

  /** A room gives its name to a point that has none of its own yet. */
  protected choosePlace(index: number, placeId: string | null): void {
    const named = this.meter().points[index]?.named === true;
    const place = this.site.places().get(placeId ?? '');
    this.setPoint(index, { placeId, ...(named || place === undefined ? {} : { name: place.name }) });
  }

  protected addCircuit(): void {
    const map = this.map();
    if (map !== null) this.meter.set(anotherCircuit(this.meter(), map));
  }

  protected removePoint(index: number): void {
    this.set({ points: this.meter().points.filter((_, other) => other !== index) });
  }

  protected mount(): void {
    this.set({ points: [pointOf(this.meter().serial)] });
  }

  protected faultAt(path: string): string | null {
    const found = this.faults().filter((fault) => fault.path === path || fault.path.startsWith(`${path}.`));
    return found.length === 0 ? null : found.map(({ message }) => message).join('; ');
  }

  /** Faults that no field of the row shows. */
  protected readonly otherFaults = computed(() =>
    this.faults().filter(({ path }) => !/^(serial|modelId|unitId|lineAddress|mountings\.)/.test(path)),
  );

  protected nameOfPoint(id: string | null): string {
    const point = this.site.points().get(id ?? '');
    return point === undefined ? this.t('claim.none') : `${point.name} · ${point.code}`;
  }
}
