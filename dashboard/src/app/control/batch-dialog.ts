// SPDX-License-Identifier: Apache-2.0
import { Component, DestroyRef, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { BatchItemState } from '@wattledger/contracts/http/commands';
import { Answer } from '../api/answer.ts';
import { command } from '../api/command.ts';
import { ControlApi } from '../api/control-api.ts';
import { ask } from '../api/question.ts';
import { Formats } from '../format/formats.ts';
import { keepFresh } from '../live/keep-fresh.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Icon } from '../look/icon.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';

const shownMax = 200;
/** While items wait, the batch is asked for again this often even when nothing is heard. */
const lookMs = 3_000;
const tones: Readonly<Record<BatchItemState, string>> = {
  confirmed: 'good',
  waiting: 'info',
  failed: 'bad',
  expired: 'bad',
  refused: 'warn',
  cancelled: '',
  superseded: '',
};
const states = Object.keys(tones) as readonly BatchItemState[];

/** How far a batch is: its counts, each meter's outcome with what was read back, what can be done about the rest. */
@Component({
  selector: 'wl-batch-dialog',
  imports: [Answer, DialogFrame, FaultNote, Icon],
  templateUrl: './batch-dialog.html',
  styleUrl: './batch-dialog.css',
})
export class BatchDialog {
  private readonly control = inject(ControlApi);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly dialog = inject<DialogRef<unknown>>(DialogRef);
  /** null: the list of batches. */
  protected readonly batchId = signal(inject<{ readonly batchId: string | null }>(DIALOG_DATA).batchId);
  protected readonly command = command();
  protected readonly tones = tones;
  protected readonly shownMax = shownMax;
  protected readonly filter = signal<BatchItemState | null>(null);
  protected readonly list = ask({
    params: () => (this.batchId() === null ? (this.site.projectId() ?? undefined) : undefined),
    load: (projectId, abort) => this.control.batches(projectId, abort),
  });
  protected readonly detail = ask({
    params: () => this.batchId() ?? undefined,
    load: (batchId, abort) => this.control.batch(this.site.projectId() ?? '', batchId, abort),
    subject: (batchId) => batchId,
  });
  protected readonly batch = computed(() => this.detail.value()?.batch ?? null);
  protected readonly states = computed(() =>
    states
      .map((state) => ({ state, count: this.batch()?.counts[state] ?? 0 }))
      .filter(({ count }) => count > 0),
  );
  protected readonly items = computed(() => {
    const state = this.filter();
    return (this.detail.value()?.items ?? []).filter((item) => state === null || item.state === state);
  });
  protected readonly doneShare = computed(() => {
    const batch = this.batch();
    if (batch === null || batch.meters === 0) return 0;
    return 1 - (batch.counts.waiting ?? 0) / batch.meters;
  });
  protected readonly heading = computed(() => {
    const batch = this.batch();
    if (this.batchId() === null || batch === null) return this.t('batch.list');
    return this.t('control.title', {
      action: this.t('control-action.' + batch.action),
      what: this.words.counted('control.meters', batch.meters, this.formats.count(batch.meters)),
    });
  });

  constructor() {
    keepFresh(['commands'], [this.detail, this.list], 1_000);
    const timer = setInterval(() => {
      if ((this.batch()?.counts.waiting ?? 0) > 0) this.detail.reload();
    }, lookMs);
    inject(DestroyRef).onDestroy(() => clearInterval(timer));
  }

  protected async change(change: 'retry' | 'cancel'): Promise<void> {
    const batchId = this.batchId() ?? '';
    await this.command.run({ change, batchId, at: this.detail.value()?.batch.counts }, () =>
      this.control.change(this.site.projectId() ?? '', batchId, change),
    );
    this.detail.reload();
  }
}
