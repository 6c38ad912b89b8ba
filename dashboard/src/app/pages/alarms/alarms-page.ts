// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { Alarm, AlarmList } from '@wattledger/contracts/http/alarms';
import { Answer } from '../../api/answer.ts';
import { ask } from '../../api/question.ts';
import { RegistryApi } from '../../api/registry-api.ts';
import { Clock } from '../../clock/clock.ts';
import { FactTexts } from '../../facts/fact-texts.ts';
import { Formats } from '../../format/formats.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { Icon } from '../../look/icon.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { AcknowledgeDialog } from './acknowledge-dialog.ts';
import { alarmKinds, alarmLooks } from './alarm-looks.ts';

const states = ['active', 'open', 'acknowledged', 'cleared', 'any'] as const;
const pageLimit = 200;

/** What is wrong now, since when, and who has taken it up. */
@Component({
  selector: 'wl-alarms-page',
  imports: [Answer, Icon, RouterLink],
  templateUrl: './alarms-page.html',
  styleUrl: './alarms-page.css',
})
export class AlarmsPage {
  private readonly registry = inject(RegistryApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  private readonly clock = inject(Clock);
  protected readonly facts = inject(FactTexts);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly states = states;
  protected readonly kinds = alarmKinds;
  protected readonly looks = alarmLooks;
  protected readonly state = computed(() => this.selection.choice('state', states, 'active'));
  protected readonly kind = computed(() => this.selection.text('kind'));
  private readonly older = signal<AlarmList['alarms']>([]);
  private readonly olderNext = signal<string | null | undefined>(undefined);

  private readonly query = computed(() => ({ state: this.state(), kind: this.kind(), limit: pageLimit }));
  protected readonly alarms = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, query: this.query() };
    },
    load: ({ projectId, query }, abort) => this.registry.alarms(projectId, query, abort),
    subject: ({ projectId, query }) => `${projectId}|${query.state}|${query.kind ?? ''}`,
  });
  protected readonly rows = computed(() => {
    const first = this.alarms.value()?.alarms ?? [];
    const known = new Set(first.map((alarm) => alarm.id));
    return [...first, ...this.older().filter((alarm) => !known.has(alarm.id))];
  });
  protected readonly next = computed(() => {
    const older = this.olderNext();
    return older === undefined ? (this.alarms.value()?.next ?? null) : older;
  });

  constructor() {
    keepFresh(['alarms'], [this.alarms], 3_000);
    effect(() => {
      this.query();
      this.older.set([]);
      this.olderNext.set(undefined);
    });
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
        return [...base, 'points', alarm.subjectId];
      case 'meter': {
        const point = this.site.pointsOfMeter().get(alarm.subjectId)?.[0];
        return point === undefined ? null : [...base, 'points', point.id];
      }
      case 'gateway':
        return null;
    }
  }

  protected nameOf(alarm: Alarm): string {
    const tenantId = alarm.facts['tenantId'];
    if (tenantId !== undefined)
      return this.site.tenants().get(tenantId)?.name ?? alarm.facts['tenantName'] ?? alarm.subjectId;
    return alarm.facts['tenantName'] ?? alarm.subjectName ?? alarm.subjectId;
  }

  protected async acknowledge(alarm: Alarm): Promise<void> {
    const done = await this.dialogs.open<Alarm>(AcknowledgeDialog, { alarm, name: this.nameOf(alarm) });
    if (done === undefined) return;
    this.notices.done(this.t('alarm.acknowledged-notice'));
    this.alarms.reload();
  }

  protected async more(): Promise<void> {
    const after = this.next();
    const projectId = this.site.projectId();
    if (after === null || projectId === null) return;
    try {
      const page = await this.registry.alarms(projectId, { ...this.query(), after });
      this.older.update((alarms) => [...alarms, ...page.alarms]);
      this.olderNext.set(page.next);
    } catch (error) {
      this.notices.failed(error);
    }
  }
}
