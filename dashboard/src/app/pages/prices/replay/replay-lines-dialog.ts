// SPDX-License-Identifier: Apache-2.0
import { Component, inject } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { RouterLink } from '@angular/router';
import type { ReplayAccountRow, ReplayLine } from '@wattledger/contracts/http/billing';
import { Answer } from '../../../api/answer.ts';
import { ask } from '../../../api/question.ts';
import { ReplayApi, type VersionKey } from '../../../api/replay-api.ts';
import { Formats } from '../../../format/formats.ts';
import { DialogFrame } from '../../../look/dialog-frame.ts';
import { TableBox } from '../../../look/table-box.ts';
import { Site } from '../../../session/site.ts';
import { Words } from '../../../words/words.ts';

export interface ReplayLinesData {
  readonly of: VersionKey;
  readonly replayId: string;
  readonly row: ReplayAccountRow;
}

/** One account's differences by month, component and period. */
@Component({
  selector: 'wl-replay-lines-dialog',
  imports: [Answer, DialogFrame, RouterLink, TableBox],
  template: `
    <wl-dialog-frame [heading]="data.row.tenantName">
      <wl-answer [of]="lines" [empty]="lines.value()?.lines?.length === 0" [height]="200">
        <div class="table-box tall">
          <table class="table sticky">
            <thead>
              <tr>
                <th scope="col">{{ t('replay.month') }}</th>
                <th scope="col">{{ t('energy.point') }}</th>
                <th scope="col">{{ t('replay.component') }}</th>
                <th scope="col" class="num">{{ t('replay.before') }}</th>
                <th scope="col" class="num">{{ t('replay.after') }}</th>
                <th scope="col" class="num">{{ t('replay.difference') }}</th>
              </tr>
            </thead>
            <tbody>
              @for (line of lines.value()?.lines ?? []; track $index) {
                <tr>
                  <th scope="row">{{ line.month }}</th>
                  <td>{{ site.points().get(line.meteringPointId)?.name ?? line.meteringPointId }}</td>
                  <td>{{ name(line) }}</td>
                  <td class="num">{{ formats.money(line.beforeMicros) }}</td>
                  <td class="num">{{ formats.money(line.afterMicros) }}</td>
                  <td class="num strong">{{ formats.moneySigned(line.afterMicros - line.beforeMicros) }}</td>
                </tr>
              }
            </tbody>
          </table>
        </div>
      </wl-answer>
      <a
        foot
        class="button"
        [routerLink]="['/p', site.projectId(), 'accounts', data.row.accountId]"
        (click)="dialog.close()"
        >{{ t('replay.open-account') }}</a
      >
      <button foot type="button" class="button primary" (click)="dialog.close()">{{ t('do.close') }}</button>
    </wl-dialog-frame>
  `,
})
export class ReplayLinesDialog {
  private readonly api = inject(ReplayApi);
  protected readonly data = inject<ReplayLinesData>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<void>>(DialogRef);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly lines = ask({
    params: () => this.data,
    load: ({ of, replayId, row }, abort) => this.api.account(of, replayId, row.accountId, abort),
  });

  protected name({ component, period, item }: ReplayLine): string {
    const kind = this.t(`component.${component}`);
    if (component !== 'energy') return item === null || component === 'minimum' ? kind : `${kind}: ${item}`;
    return `${kind}: ${period === null ? this.t('replay.unpriced') : this.t(`tou.${period}`)}`;
  }
}
