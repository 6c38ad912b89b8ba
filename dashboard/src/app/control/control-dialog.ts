// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { MeterSetting } from '@wattledger/contracts';
import type {
  BatchAction,
  BatchRequestInput,
  CommandBatch,
  ControlRefusal,
} from '@wattledger/contracts/http/commands';
import { command } from '../api/command.ts';
import { ControlApi } from '../api/control-api.ts';
import { Answer } from '../api/answer.ts';
import { ask } from '../api/question.ts';
import { Formats } from '../format/formats.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Icon } from '../look/icon.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';

export interface ControlQuestion {
  readonly action: BatchAction;
  readonly meterIds: readonly string[];
  /** What the one meter is called; null: it is many. */
  readonly name: string | null;
  readonly setting?: MeterSetting;
}

/** Cutting off more than this asks for the number to be typed. */
const typedFrom = 10;
const serialsShown = 60;

/** Says what will happen to how many meters and which are left out, asks why, and gives the order. */
@Component({
  selector: 'wl-control-dialog',
  imports: [Answer, DialogFrame, FaultNote, Icon],
  templateUrl: './control-dialog.html',
  styleUrl: './control-dialog.css',
})
export class ControlDialog {
  private readonly control = inject(ControlApi);
  private readonly site = inject(Site);
  protected readonly data = inject<ControlQuestion>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<CommandBatch>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly command = command();
  protected readonly reason = signal('');
  protected readonly typed = signal('');
  protected readonly byteOrder = signal(false);
  protected readonly serialsShown = serialsShown;
  protected readonly cuts = this.data.action === 'disconnect' || this.data.action === 'forced-off';
  protected readonly preview = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId) =>
      this.control.preview(projectId, { action: this.data.action, meterIds: [...this.data.meterIds] }),
  });
  protected readonly accepted = computed(() => this.preview.value()?.accepted ?? 0);
  /** Those left out, reason by reason. */
  protected readonly refused = computed(() => {
    const groups = new Map<ControlRefusal, string[]>();
    for (const { refusal, serial } of this.preview.value()?.refused ?? []) {
      const serials = groups.get(refusal);
      if (serials === undefined) groups.set(refusal, [serial]);
      else serials.push(serial);
    }
    return [...groups].map(([refusal, serials]) => ({ refusal, serials }));
  });
  protected readonly mustType = computed(() => this.cuts && this.accepted() > typedFrom);
  protected readonly ready = computed(
    () =>
      this.accepted() > 0 &&
      this.reason().trim().length >= 3 &&
      (!this.mustType() || this.typed().trim() === String(this.accepted())),
  );
  protected readonly heading = computed(() => {
    const { action, name, meterIds } = this.data;
    return this.t('control.title', {
      action: this.t('control-action.' + action),
      what:
        name ?? this.words.counted('control.meters', meterIds.length, this.formats.count(meterIds.length)),
    });
  });

  protected async give(): Promise<void> {
    const { action, meterIds, setting } = this.data;
    const request: BatchRequestInput = {
      action,
      meterIds: [...meterIds],
      reason: this.reason().trim(),
      metersExpected: this.accepted(),
      ...(setting === undefined ? {} : { setting: { ...setting, byteOrderConfirmed: this.byteOrder() } }),
    };
    const batch = await this.command.run(request, (key) =>
      this.control.give(this.site.projectId() ?? '', request, key),
    );
    if (batch !== undefined) this.dialog.close(batch);
  }
}
