// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { Medium } from '@wattledger/contracts';
import {
  priceSeriesMinutes,
  type PriceSeries,
  type PriceSeriesAddition,
} from '@wattledger/contracts/http/billing';
import { BillingApi } from '../../api/billing-api.ts';
import { command } from '../../api/command.ts';
import { Formats } from '../../format/formats.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

export interface SeriesDialogData {
  readonly medium: Medium;
  /** The one that is added to; null begins another. */
  readonly series: PriceSeries | null;
}

/** Prices by the hour from a table: looked at first, with every fault by its line, then added. Closes with the series' id. */
@Component({
  selector: 'wl-series-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, Icon],
  templateUrl: './series-dialog.html',
  styles: `
    textarea {
      font-family: var(--mono, monospace);
      font-size: var(--t-s);
    }
    .faults {
      max-height: 180px;
      overflow: auto;
    }
  `,
})
export class SeriesDialog {
  private readonly billing = inject(BillingApi);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly data = inject<SeriesDialogData>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<string>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly lengths = priceSeriesMinutes;
  protected readonly name = signal(this.data.series?.name ?? '');
  protected readonly minutes = signal<30 | 60>(this.data.series?.minutes ?? 60);
  protected readonly csv = signal('');
  /** What a dry run of the very contents found; null after any change. */
  protected readonly looked = signal<PriceSeriesAddition | null>(null);
  protected readonly command = command();
  protected readonly ready = computed(() => this.name().trim() !== '' && this.csv().trim() !== '');
  protected readonly sound = computed(() => this.looked()?.faultCount === 0);

  protected setName(name: string): void {
    this.name.set(name);
    this.looked.set(null);
  }
  protected setMinutes(minutes: 30 | 60): void {
    this.minutes.set(minutes);
    this.looked.set(null);
  }
  protected setCsv(csv: string): void {
    this.csv.set(csv);
    this.looked.set(null);
  }

  protected async readFile(input: HTMLInputElement): Promise<void> {
    const text = await input.files?.[0]?.text();
    if (text !== undefined) this.setCsv(text);
  }

  protected async go(): Promise<void> {
    const dryRun = !this.sound();
    const body = {
      name: this.name().trim(),
      medium: this.data.medium,
      minutes: this.minutes(),
      csv: this.csv(),
      dryRun,
    };
    const addition = await this.command.run(body, (key) =>
      this.billing.addPriceSeries(this.site.projectId() ?? '', body, key),
    );
    if (addition === undefined) return;
    if (dryRun) this.looked.set(addition);
    else if (addition.priceSeriesId !== null) this.dialog.close(addition.priceSeriesId);
  }
}
