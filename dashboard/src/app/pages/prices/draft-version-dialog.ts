// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { touPeriods, type TouPeriod } from '@wattledger/contracts';
import type { PriceScheme, PriceVersion, PriceVersionBody } from '@wattledger/contracts/http/billing';
import { BillingApi } from '../../api/billing-api.ts';
import { command } from '../../api/command.ts';
import { Clock } from '../../clock/clock.ts';
import { microsToDecimal, parseMoney } from '../../format/money-format.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { instantOfLocalField, localFieldValue, slotBoundaryBefore } from '../../money/slot-time.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

export interface DraftVersionData {
  readonly scheme: PriceScheme;
  /** Its rates are the starting point. */
  readonly latest: PriceVersion | null;
}

/** A new version: when it begins to hold and a rate for each period of the project's calendar. */
@Component({
  selector: 'wl-draft-version-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, Icon],
  templateUrl: './draft-version-dialog.html',
})
export class DraftVersionDialog {
  private readonly billing = inject(BillingApi);
  private readonly clock = inject(Clock);
  protected readonly site = inject(Site);
  protected readonly data = inject<DraftVersionData>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<PriceVersion>>(DialogRef);
  protected readonly t = inject(Words).t;
  private readonly slotMinutes = this.site.tree.value()?.project.slotMinutes ?? 30;
  protected readonly slotSeconds = this.slotMinutes * 60;
  /** Periods that some day of the calendar uses: each needs a rate. Media other than electricity have one price. */
  protected readonly periods = computed<readonly TouPeriod[]>(() => {
    const calendar = this.site.tree.value()?.project.calendar;
    if (calendar === undefined) return ['flat'];
    const used = new Set(
      Object.values(calendar.dayProfiles).flatMap((profile) => profile.map((span) => span.period)),
    );
    return touPeriods.filter((period) => used.has(period));
  });
  protected readonly texts = signal<Readonly<Partial<Record<TouPeriod, string>>>>(
    Object.fromEntries(
      Object.entries(this.data.latest?.rates ?? {}).map(([period, micros]) => [
        period,
        microsToDecimal(micros).replace(/\.?0+$/, ''),
      ]),
    ),
  );
  protected readonly at = signal(
    localFieldValue(
      slotBoundaryBefore(this.clock.exactMs(), this.slotMinutes) + this.slotMinutes * 60_000,
      this.site.zone(),
    ),
  );
  protected readonly note = signal('');
  protected readonly command = command();
  protected readonly effectiveFromMs = computed(() => instantOfLocalField(this.at(), this.site.zone()));
  protected readonly retroactive = computed(() => (this.effectiveFromMs() ?? Infinity) < this.clock.nowMs());
  protected readonly body = computed<PriceVersionBody | null>(() => {
    const effectiveFromMs = this.effectiveFromMs();
    if (effectiveFromMs === null) return null;
    const rates: Partial<Record<TouPeriod, number>> = {};
    for (const period of this.periods()) {
      const micros = parseMoney(this.texts()[period] ?? '');
      if (micros === null || micros < 0) return null;
      rates[period] = micros;
    }
    const note = this.note().trim();
    return { effectiveFromMs, rates, ...(note === '' ? {} : { note }) };
  });

  protected setRate(period: TouPeriod, text: string): void {
    this.texts.update((texts) => ({ ...texts, [period]: text }));
  }

  protected faulty(period: TouPeriod): boolean {
    const text = this.texts()[period] ?? '';
    return text !== '' && (parseMoney(text) ?? -1) < 0;
  }

  protected async save(): Promise<void> {
    const body = this.body();
    if (body === null) return;
    const version = await this.command.run(body, (key) =>
      this.billing.draftPriceVersion(this.site.projectId() ?? '', this.data.scheme.priceSchemeId, body, key),
    );
    if (version !== undefined) this.dialog.close(version);
  }
}
