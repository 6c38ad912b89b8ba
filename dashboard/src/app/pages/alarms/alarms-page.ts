// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, signal, untracked } from '@angular/core';
import type { AlarmList } from '@wattledger/contracts/http/alarms';
import { AlarmsApi } from '../../api/alarms-api.ts';
import { Answer } from '../../api/answer.ts';
import { ask } from '../../api/question.ts';
import { Clock } from '../../clock/clock.ts';
import { Formats } from '../../format/formats.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { Icon } from '../../look/icon.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { AcknowledgeDialog, type AcknowledgeData } from './acknowledge-dialog.ts';
import { AlarmFigures } from './alarm-figures.ts';
import { AlarmRows } from './alarm-list.ts';
import { alarmKindsShown, alarmSeveritiesShown, severityTone } from './alarm-looks.ts';

const states = ['active', 'open', 'acknowledged', 'cleared', 'any'] as const;
const spans = ['any', 'day', 'week', 'month'] as const;
const dayMs = 86_400_000;
const spanMs = { any: null, day: dayMs, week: 7 * dayMs, month: 30 * dayMs } as const;
const views = ['list', 'figures'] as const;
const pageLimit = 200;
/** The server takes as many at a time. */
const acknowledgedMax = 500;
/** A minute: the question stays the same while the clock ticks. */
const spanStepMs = 60_000;

/** What is wrong now, since when, and who has taken it up. */
@Component({
  selector: 'wl-alarms-page',
  imports: [Answer, AlarmFigures, AlarmRows, Icon],
  templateUrl: './alarms-page.html',
  styleUrl: './alarms-page.css',
})
export class AlarmsPage {
  private readonly api = inject(AlarmsApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  private readonly clock = inject(Clock);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  private readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly states = states;
  protected readonly spans = spans;
  protected readonly views = views;
  protected readonly severities = alarmSeveritiesShown;
  protected readonly kinds = alarmKindsShown;
  protected readonly tone = severityTone;
  protected readonly view = computed(() => this.selection.choice('view', views, 'list'));
  protected readonly severity = computed(() => this.selection.text('severity'));
  protected readonly placeId = computed(() => this.selection.text('place'));
  protected readonly span = computed(() => this.selection.choice('span', spans, 'any'));
  protected readonly chosen = signal<ReadonlySet<string>>(new Set());
  protected readonly places = computed(() =>
    [...this.site.places().values()]
      .map(({ id }) => ({ id, name: this.site.placeName(id) }))
      .sort((a, b) => a.name.localeCompare(b.name, this.words.locale(), { numeric: true })),
  );
  protected readonly state = computed(() => this.selection.choice('state', states, 'active'));
  protected readonly kind = computed(() => this.selection.text('kind'));
  private readonly older = signal<AlarmList['alarms']>([]);
  private readonly olderNext = signal<string | null | undefined>(undefined);

  private readonly fromMs = computed(() => {
    const ms = spanMs[this.span()];
    return ms === null ? null : Math.floor((this.clock.nowMs() - ms) / spanStepMs) * spanStepMs;
  });
  private readonly filter = computed(() => ({
    state: this.state(),
    kind: this.kind(),
    severity: this.severity(),
    placeId: this.placeId(),
    fromMs: this.fromMs(),
  }));
  private readonly query = computed(() => ({ ...this.filter(), limit: pageLimit }));
  protected readonly files = computed(() =>
    (['csv', 'xlsx'] as const).map((format) => ({
      format,
      address: this.api.alarmFile(this.site.projectId() ?? '', {
        ...this.filter(),
        format,
        language: this.words.language(),
      }),
    })),
  );
  protected readonly alarms = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, query: this.query() };
    },
    load: ({ projectId, query }, abort) => this.api.alarms(projectId, query, abort),
    subject: ({ projectId, query: { fromMs: _moves, ...fixed } }) => `${projectId}|${JSON.stringify(fixed)}`,
  });
  protected readonly rows = computed(() => {
    const first = this.alarms.value()?.alarms ?? [];
    const known = new Set(first.map((alarm) => alarm.id));
    return [...first, ...this.older().filter((alarm) => !known.has(alarm.id))];
  });
  protected readonly openRows = computed(() => this.rows().filter((alarm) => alarm.state === 'open'));
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
    // What is no longer shown is no longer chosen.
    effect(() => {
      const open = new Set(this.openRows().map((alarm) => alarm.id));
      if ([...untracked(this.chosen)].some((id) => !open.has(id)))
        this.chosen.update((ids) => new Set([...ids].filter((id) => open.has(id))));
    });
  }

  protected choose(alarmId: string, on: boolean): void {
    this.chosen.update((ids) => {
      const next = new Set(ids);
      if (on) next.add(alarmId);
      else next.delete(alarmId);
      return next;
    });
  }

  protected chooseAll(on: boolean): void {
    this.chosen.set(
      new Set(
        on
          ? this.openRows()
              .map((alarm) => alarm.id)
              .slice(0, acknowledgedMax)
          : [],
      ),
    );
  }

  protected async acknowledgeChosen(): Promise<void> {
    const alarmIds = [...this.chosen()];
    const count = this.formats.count(alarmIds.length);
    await this.acknowledgeWith(
      alarmIds,
      this.words.counted('alarm.acknowledge-count', alarmIds.length, count),
    );
  }

  private async acknowledgeWith(alarmIds: readonly string[], heading: string): Promise<void> {
    const projectId = this.site.projectId();
    if (projectId === null) return;
    const data: AcknowledgeData = { projectId, alarmIds, heading };
    const done = await this.dialogs.open<number, AcknowledgeData>(AcknowledgeDialog, data);
    if (done === undefined) return;
    this.chosen.set(new Set());
    this.notices.done(this.t('alarm.acknowledged-notice'));
    this.alarms.reload();
  }

  protected async more(): Promise<void> {
    const after = this.next();
    const projectId = this.site.projectId();
    if (after === null || projectId === null) return;
    try {
      const page = await this.api.alarms(projectId, { ...this.query(), after });
      this.older.update((alarms) => [...alarms, ...page.alarms]);
      this.olderNext.set(page.next);
    } catch (error) {
      this.notices.failed(error);
    }
  }
}
