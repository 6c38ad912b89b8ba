// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { RouterLink } from '@angular/router';
import type { Alarm, AlarmDetail } from '@wattledger/contracts/http/alarms';
import { AlarmsApi } from '../../api/alarms-api.ts';
import { Answer } from '../../api/answer.ts';
import { command } from '../../api/command.ts';
import { ask } from '../../api/question.ts';
import { FactTexts } from '../../facts/fact-texts.ts';
import { Formats } from '../../format/formats.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { noticeTone, severityTone } from './alarm-looks.ts';

export interface AlarmDialogData {
  readonly alarm: Alarm;
  readonly name: string;
  readonly link: readonly string[] | null;
}

/** Everything about one alarm: what happened, who was told and how it went, who sees to it. */
@Component({
  selector: 'wl-alarm-dialog',
  imports: [Answer, DialogFrame, FaultNote, Icon, RouterLink],
  templateUrl: './alarm-dialog.html',
  styleUrl: './alarm-dialog.css',
})
export class AlarmDialog {
  private readonly api = inject(AlarmsApi);
  protected readonly data = inject<AlarmDialogData>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<boolean>>(DialogRef);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly facts = inject(FactTexts);
  protected readonly t = inject(Words).t;
  protected readonly severityTone = severityTone;
  protected readonly noticeTone = noticeTone;
  protected readonly note = signal('');
  protected readonly command = command();
  private readonly projectId = this.data.alarm.projectId;
  protected readonly detail = ask<string, AlarmDetail>({
    params: () => this.data.alarm.id,
    load: (alarmId, abort) => this.api.alarm(this.projectId, alarmId, abort),
  });
  protected readonly people = ask({
    params: () => this.projectId,
    load: (projectId, abort) => this.api.people(projectId, abort),
  });
  protected readonly mayWrite = computed(() => this.site.may('alarm:write'));

  constructor() {
    keepFresh(['alarms'], [this.detail], 3_000);
  }

  protected async addNote(): Promise<void> {
    const note = this.note().trim();
    if (note === '') return;
    const done = await this.command.run({ note }, () =>
      this.api.addNote(this.projectId, this.data.alarm.id, note),
    );
    if (done === undefined) return;
    this.note.set('');
    this.detail.reload();
  }

  protected async assign(staffId: string): Promise<void> {
    await this.command.run({ staffId }, () =>
      this.api.assign(this.projectId, this.data.alarm.id, staffId === '' ? null : staffId),
    );
    this.detail.reload();
  }
}
