// SPDX-License-Identifier: Apache-2.0
import { Injectable, computed, signal } from '@angular/core';
import {
  flatCalendar,
  periodsBySeason,
  touPeriods,
  type SlotMinutes,
  type TariffCalendar,
  type TouPeriod,
} from '@wattledger/contracts';
import type { Medium } from '@wattledger/contracts';
import { calendarOf, checkDraft } from './draft-body.ts';
import { draftFrom, type VersionDraft } from './version-draft.ts';

type Lists = 'tiers' | 'demand' | 'fixed' | 'adjustments';

/** The draft that is being typed, shared by the parts of its page. */
@Injectable()
export class DraftState {
  readonly medium = signal<Medium>('electricity');
  readonly projectCalendar = signal<TariffCalendar>(flatCalendar);
  readonly slotMinutes = signal<SlotMinutes>(30);
  readonly draft = signal<VersionDraft>(
    draftFrom(null, { at: '', medium: 'electricity', projectCalendar: flatCalendar }),
  );
  /** Fields left empty are pointed at only once somebody wants to save. */
  readonly attempted = signal(false);
  private readonly context = computed(() => ({
    projectCalendar: this.projectCalendar(),
    slotMinutes: this.slotMinutes(),
  }));
  readonly calendar = computed(() => calendarOf(this.draft(), this.context()));
  private readonly used = computed(() => periodsBySeason(this.calendar()));
  readonly seasons = computed(() => [...this.used().keys()]);
  readonly periods = computed<readonly TouPeriod[]>(() => {
    const used = new Set([...this.used().values()].flatMap((periods) => [...periods]));
    return touPeriods.filter((period) => used.has(period));
  });
  readonly checked = computed(() => checkDraft(this.draft(), this.context()));

  uses(season: string, period: TouPeriod): boolean {
    return this.used().get(season)?.has(period) ?? false;
  }

  /** Key of the text that says what is wrong with a field; null where nothing is. */
  fault(path: string): string | null {
    const fault = this.checked().faults.get(path);
    if (fault === undefined || (fault === 'needed' && !this.attempted())) return null;
    return `price-fault.${fault}`;
  }

  patch(change: Partial<VersionDraft>): void {
    this.draft.update((draft) => ({ ...draft, ...change }));
  }
  setItem<L extends Lists>(list: L, at: number, change: Partial<VersionDraft[L][number]>): void {
    this.draft.update((draft) => ({
      ...draft,
      [list]: draft[list].map((item, index) => (index === at ? { ...item, ...change } : item)),
    }));
  }
  add<L extends Lists>(list: L, item: VersionDraft[L][number]): void {
    this.draft.update((draft) => ({ ...draft, [list]: [...draft[list], item] }));
  }
  remove(list: Lists, at: number): void {
    this.draft.update((draft) => ({ ...draft, [list]: draft[list].filter((_, index) => index !== at) }));
  }
}
