// SPDX-License-Identifier: Apache-2.0
import { Component, ElementRef, computed, effect, inject, input, signal, untracked } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import type { PriceVersionBody } from '@wattledger/contracts/http/billing';
import { Answer } from '../../../api/answer.ts';
import { BillingApi } from '../../../api/billing-api.ts';
import { command } from '../../../api/command.ts';
import { ask } from '../../../api/question.ts';
import { Clock } from '../../../clock/clock.ts';
import { FaultNote } from '../../../look/fault-note.ts';
import { Icon } from '../../../look/icon.ts';
import { instantOfLocalField, localFieldValue, slotBoundaryBefore } from '../../../money/slot-time.ts';
import { Notices } from '../../../notices/notices.ts';
import { Site } from '../../../session/site.ts';
import { Words } from '../../../words/words.ts';
import { CalendarView } from '../calendar-view.ts';
import { CalendarEditor } from './calendar-editor.ts';
import { DraftState } from './draft-state.ts';
import { EnergyEditor } from './energy-editor.ts';
import { ExampleBill } from './example-bill.ts';
import { ItemsEditor } from './items-editor.ts';
import { draftFrom, type CalendarKind } from './version-draft.ts';

/** A new version of a price scheme: everything it can say on one page, beside the bill it makes. */
@Component({
  selector: 'wl-price-draft-page',
  imports: [
    Answer,
    CalendarEditor,
    CalendarView,
    EnergyEditor,
    ExampleBill,
    FaultNote,
    Icon,
    ItemsEditor,
    RouterLink,
  ],
  providers: [DraftState],
  templateUrl: './draft-page.html',
  styleUrl: './draft-page.css',
})
export class PriceDraftPage {
  /** From the address. */
  readonly priceSchemeId = input.required<string>();
  private readonly billing = inject(BillingApi);
  private readonly clock = inject(Clock);
  private readonly router = inject(Router);
  private readonly notices = inject(Notices);
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  protected readonly site = inject(Site);
  protected readonly state = inject(DraftState);
  protected readonly t = inject(Words).t;
  protected readonly calendarKinds: readonly CalendarKind[] = ['project', 'flat', 'own'];
  protected readonly command = command();
  protected readonly begun = signal(false);
  protected readonly schemes = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.billing.priceSchemes(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly scheme = computed(() =>
    this.schemes.value()?.schemes.find((scheme) => scheme.priceSchemeId === this.priceSchemeId()),
  );
  protected readonly slotSeconds = computed(() => this.state.slotMinutes() * 60);
  protected readonly effectiveFromMs = computed(() =>
    instantOfLocalField(this.state.draft().at, this.site.zone()),
  );
  protected readonly retroactive = computed(() => (this.effectiveFromMs() ?? Infinity) < this.clock.nowMs());
  protected readonly atFault = computed(() => {
    const ms = this.effectiveFromMs();
    return ms === null || ms % (this.state.slotMinutes() * 60_000) !== 0;
  });
  protected readonly faultCount = computed(() => this.state.checked().faults.size);

  constructor() {
    // Once: what was typed must not go when the schemes are read anew.
    effect(() => {
      const scheme = this.scheme();
      const project = this.site.tree.value()?.project;
      if (scheme === undefined || project === undefined || untracked(this.begun)) return;
      const { slotMinutes, calendar: projectCalendar } = project;
      this.state.medium.set(scheme.medium);
      this.state.projectCalendar.set(projectCalendar);
      this.state.slotMinutes.set(slotMinutes);
      const next = slotBoundaryBefore(this.clock.exactMs(), slotMinutes) + slotMinutes * 60_000;
      const latest = [...scheme.versions].sort((a, b) => b.number - a.number)[0] ?? null;
      const at = localFieldValue(next, project.zone);
      this.state.draft.set(draftFrom(latest, { at, medium: scheme.medium, projectCalendar }));
      this.begun.set(true);
    });
  }

  protected async save(): Promise<void> {
    this.state.attempted.set(true);
    const { body } = this.state.checked();
    const effectiveFromMs = this.effectiveFromMs();
    if (body === null || effectiveFromMs === null || this.atFault()) {
      // After the faults are drawn.
      setTimeout(() => this.element.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    const note = this.state.draft().note.trim();
    const whole: PriceVersionBody = { effectiveFromMs, ...body, ...(note === '' ? {} : { note }) };
    const version = await this.command.run(whole, (key) =>
      this.billing.draftPriceVersion(this.site.projectId() ?? '', this.priceSchemeId(), whole, key),
    );
    if (version === undefined) return;
    this.notices.done(this.t('price.drafted', { number: version.number }));
    await this.router.navigate(['/p', this.site.projectId(), 'prices']);
  }
}
