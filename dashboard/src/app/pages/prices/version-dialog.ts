// SPDX-License-Identifier: Apache-2.0
import { Component, inject } from '@angular/core';
import { DIALOG_DATA } from '@angular/cdk/dialog';
import type { PriceScheme, PriceVersion } from '@wattledger/contracts/http/billing';
import { Formats } from '../../format/formats.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { Words } from '../../words/words.ts';
import { VersionView } from './version-view.ts';

export interface VersionDialogData {
  readonly scheme: PriceScheme;
  readonly version: PriceVersion;
  readonly seriesName: string;
}

/** One version with all it says: what a second person reads before approving it. */
@Component({
  selector: 'wl-version-dialog',
  imports: [DialogFrame, VersionView],
  template: `
    <wl-dialog-frame
      [heading]="t('price.version-title', { name: data.scheme.name, number: data.version.number })"
    >
      <p class="muted">
        {{ t('price.from') }} {{ formats.instant(data.version.effectiveFromMs) }}
        @if (data.version.note; as note) {
          · {{ note }}
        }
      </p>
      <wl-version-view
        [version]="data.version"
        [medium]="data.scheme.medium"
        [seriesName]="data.seriesName"
      />
    </wl-dialog-frame>
  `,
})
export class VersionDialog {
  protected readonly data = inject<VersionDialogData>(DIALOG_DATA);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
}
