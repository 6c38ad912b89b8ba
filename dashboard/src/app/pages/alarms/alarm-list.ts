// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { Alarm } from '@wattledger/contracts/http/alarms';
import { Clock } from '../../clock/clock.ts';
import { FactTexts } from '../../facts/fact-texts.ts';
import { Formats } from '../../format/formats.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { Icon } from '../../look/icon.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { AcknowledgeDialog, type AcknowledgeData } from './acknowledge-dialog.ts';
import { AlarmDialog, type AlarmDialogData } from './alarm-dialog.ts';
import { alarmIcon, severityTone } from './alarm-looks.ts';

/** Alarms, one a line: what, where, since when, who has taken it up. */
@Component({
  selector: 'wl-alarm-list',
  imports: [Icon, RouterLink],
  templateUrl: './alarm-list.html',
  styleUrl: './alarm-list.css',
})
export class AlarmRows {
  readonly alarms = input.required<readonly Alarm[]>();
  /** Open ones can be chosen, to be taken up together. */
  readonly choosing = input(false);
  readonly chosen = input<ReadonlySet<string>>(new Set());
  readonly choose = output<{ readonly alarmId: string; readonly on: boolean }>();
  /** One was taken up, or looked at and perhaps changed. */
  readonly changed = output();
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  private readonly clock = inject(Clock);
  protected readonly facts = inject(FactTexts);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly icon = alarmIcon;
  protected readonly tone = severityTone;

  protected async look(alarm: Alarm): Promise<void> {
    const data: AlarmDialogData = { alarm, name: this.nameOf(alarm), link: this.linkOf(alarm) };
    await this.dialogs.open(AlarmDialog, data, { wide: true });
    this.changed.emit();
  }

  protected age(alarm: Alarm): string {
    return this.formats.age(Math.max(0, this.clock.nowMs() - alarm.openedAtMs));
  }

  /** Where the subject of the alarm is looked at. */
  protected linkOf(alarm: Alarm): string[] | null {
    const base = ['/p', alarm.projectId];
    switch (alarm.subjectKind) {
      case 'account':
        return this.site.may('account:read') ? [...base, 'accounts', alarm.subjectId] : null;
      case 'metering-point':
        return this.site.may('energy:read') ? [...base, 'points', alarm.subjectId] : null;
      case 'meter':
        return this.site.may('meter:read') ? [...base, 'meters', alarm.subjectId] : null;
      case 'gateway':
        return this.site.may('meter:read') ? [...base, 'gateways', alarm.subjectId] : null;
    }
  }

  protected nameOf(alarm: Alarm): string {
    const tenantId = alarm.facts['tenantId'];
    if (tenantId !== undefined)
      return this.site.tenants().get(tenantId)?.name ?? alarm.facts['tenantName'] ?? alarm.subjectId;
    return alarm.facts['tenantName'] ?? alarm.subjectName ?? alarm.subjectId;
  }

  protected async acknowledge(alarm: Alarm): Promise<void> {
    const what = this.t(`alarm-kind.${alarm.kind}`);
    const data: AcknowledgeData = {
      projectId: alarm.projectId,
      alarmIds: [alarm.id],
      heading: this.t('alarm.acknowledge-of', { what, name: this.nameOf(alarm) }),
    };
    if ((await this.dialogs.open<number, AcknowledgeData>(AcknowledgeDialog, data)) === undefined) return;
    this.notices.done(this.t('alarm.acknowledged-notice'));
    this.changed.emit();
  }
}
