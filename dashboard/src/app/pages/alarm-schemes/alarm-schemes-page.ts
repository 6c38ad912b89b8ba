// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, signal, untracked } from '@angular/core';
import {
  alarmKinds,
  alarmSeverities,
  thresholdsOf,
  usualRule,
  type AlarmKind,
  type AlarmRule,
} from '@wattledger/contracts';
import type { AlarmRecipient, AlarmScheme, AlarmSchemeBody } from '@wattledger/contracts/http/alarms';
import { AlarmsApi } from '../../api/alarms-api.ts';
import { Answer } from '../../api/answer.ts';
import { command } from '../../api/command.ts';
import { ask } from '../../api/question.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { alarmKindsShown } from '../alarms/alarm-looks.ts';
import { clockText, minuteOf } from './clock-text.ts';
import { RecipientDialog, type RecipientData } from './recipient-dialog.ts';
import { everyDay } from './weekdays.ts';
import { WeekdayBoxes } from './weekday-boxes.ts';
import { TestNoticeDialog } from './test-notice-dialog.ts';

const severitiesShown = [...alarmSeverities].reverse();

/** How alarms are judged, and who is told by which way and when. */
@Component({
  selector: 'wl-alarm-schemes-page',
  imports: [Answer, FaultNote, Icon, TableBox, WeekdayBoxes],
  templateUrl: './alarm-schemes-page.html',
  styleUrl: './alarm-schemes-page.css',
})
export class AlarmSchemesPage {
  private readonly api = inject(AlarmsApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  protected readonly selection = inject(Selection);
  protected readonly site = inject(Site);
  protected readonly t = inject(Words).t;
  protected readonly kinds = alarmKindsShown;
  protected readonly severities = severitiesShown;
  protected readonly clockText = clockText;
  protected readonly command = command();
  protected readonly list = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.api.schemes(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly people = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.api.people(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly mayWrite = computed(() => this.site.may('alarm:write'));
  /** Class that is looked at; '' = everything else. */
  protected readonly tenantClass = computed(() => this.selection.text('class') ?? '');
  protected readonly stored = computed<AlarmScheme | null>(
    () =>
      this.list.value()?.schemes.find((scheme) => (scheme.tenantClass ?? '') === this.tenantClass()) ?? null,
  );
  protected readonly classes = computed(() => {
    const { schemes = [], tenantClasses = [] } = this.list.value() ?? {};
    return ['', ...new Set([...tenantClasses, ...schemes.flatMap((scheme) => scheme.tenantClass ?? [])])];
  });
  protected readonly draft = signal<AlarmSchemeBody | null>(null);
  protected readonly changed = signal(false);

  constructor() {
    effect(() => {
      const usual = this.list.value()?.usual;
      const stored = this.stored();
      const tenantClass = this.tenantClass();
      if (usual === undefined) return;
      // What somebody is writing is not overwritten because the list was asked again.
      if (untracked(this.changed) && untracked(this.draft)?.tenantClass === (tenantClass || null)) return;
      this.draft.set(this.bodyOf(stored, usual, tenantClass));
      this.changed.set(false);
    });
  }

  private bodyOf(stored: AlarmScheme | null, usual: AlarmSchemeBody, tenantClass: string): AlarmSchemeBody {
    if (stored === null) {
      const name = tenantClass === '' ? this.t('scheme.everything') : tenantClass;
      return { ...usual, name, tenantClass: tenantClass || null };
    }
    const { id: _id, projectId: _projectId, ...body } = stored;
    return body;
  }

  protected ruleOf(kind: AlarmKind): AlarmRule {
    const usual = usualRule(kind);
    const given = this.draft()?.rules[kind];
    return given === undefined
      ? usual
      : { ...given, thresholds: { ...usual.thresholds, ...given.thresholds } };
  }

  protected isUsual(kind: AlarmKind): boolean {
    return JSON.stringify(this.ruleOf(kind)) === JSON.stringify(usualRule(kind));
  }

  protected thresholds(kind: AlarmKind) {
    const rule = this.ruleOf(kind);
    return Object.entries(thresholdsOf(kind)).map(([name, bounds]) => ({
      name,
      ...bounds,
      value: rule.thresholds[name] ?? bounds.usual,
    }));
  }

  protected change(part: Partial<AlarmSchemeBody>): void {
    this.draft.update((draft) => (draft === null ? null : { ...draft, ...part }));
    this.changed.set(true);
  }

  protected changeRule(kind: AlarmKind, part: Partial<AlarmRule>): void {
    const rules = Object.fromEntries(alarmKinds.map((one) => [one, this.ruleOf(one)]));
    this.change({ rules: { ...rules, [kind]: { ...this.ruleOf(kind), ...part } } });
  }

  protected changeThreshold(kind: AlarmKind, name: string, text: string): void {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) return;
    this.changeRule(kind, { thresholds: { ...this.ruleOf(kind).thresholds, [name]: value } });
  }

  protected changeMinutes(kind: AlarmKind, name: 'holdSeconds' | 'clearSeconds', text: string): void {
    const minutes = Number(text);
    if (Number.isFinite(minutes)) this.changeRule(kind, { [name]: Math.round(minutes * 60) });
  }

  protected changeHours(kind: AlarmKind, from: string, to: string): void {
    const [fromMinute, toMinute] = [minuteOf(from), minuteOf(to)];
    const hours =
      fromMinute === null || toMinute === null || fromMinute === toMinute
        ? null
        : { weekdays: this.ruleOf(kind).hours?.weekdays ?? [...everyDay], fromMinute, toMinute };
    this.changeRule(kind, { hours });
  }

  protected changeHourDays(kind: AlarmKind, weekdays: number[]): void {
    const { hours } = this.ruleOf(kind);
    if (hours !== null) this.changeRule(kind, { hours: { ...hours, weekdays } });
  }

  protected changeQuietDays(weekdays: number[]): void {
    const quietHours = this.draft()?.quietHours;
    if (quietHours != null) this.change({ quietHours: { ...quietHours, weekdays } });
  }

  protected changeQuiet(from: string, to: string): void {
    const [fromMinute, toMinute] = [minuteOf(from), minuteOf(to)];
    const before = this.draft()?.quietHours;
    if (fromMinute === null || toMinute === null || fromMinute === toMinute)
      return this.change({ quietHours: null });
    const { weekdays = [...everyDay], overrideSeverity = 'critical' } = before ?? {};
    this.change({ quietHours: { weekdays, overrideSeverity, fromMinute, toMinute } });
  }

  protected changeOverride(severity: string): void {
    const quietHours = this.draft()?.quietHours;
    const overrideSeverity = alarmSeverities.find((one) => one === severity);
    if (quietHours == null || overrideSeverity === undefined) return;
    this.change({ quietHours: { ...quietHours, overrideSeverity } });
  }

  protected severityOf(text: string): AlarmRule['severity'] {
    return alarmSeverities.find((one) => one === text) ?? 'warning';
  }

  protected nameOf({ to }: AlarmRecipient): string {
    switch (to.kind) {
      case 'staff':
        return this.people.value()?.people.find(({ id }) => id === to.staffId)?.name ?? to.staffId;
      case 'role':
        return this.t('recipient.all-of', { role: this.t(`role.${to.role}`) });
      case 'tenant':
        return this.t('recipient.tenant');
      case 'address':
        return to.name;
    }
  }

  protected addressOf({ to }: AlarmRecipient): string {
    return to.kind === 'address' ? to.address : '';
  }

  protected kindsOf({ kinds }: AlarmRecipient): string {
    return kinds === null
      ? this.t('alarm.all-kinds')
      : kinds.map((kind) => this.t(`alarm-kind.${kind}`)).join(', ');
  }

  protected isSetUp(recipient: AlarmRecipient): boolean {
    return this.list.value()?.channels.includes(recipient.channel) ?? true;
  }

  protected async editRecipient(index: number | null): Promise<void> {
    const recipients = this.draft()?.recipients ?? [];
    const data: RecipientData = {
      recipient: index === null ? null : (recipients[index] ?? null),
      people: this.people.value()?.people ?? [],
      channels: this.list.value()?.channels ?? [],
    };
    const done = await this.dialogs.open<AlarmRecipient, RecipientData>(RecipientDialog, data);
    if (done === undefined) return;
    this.change({
      recipients:
        index === null ? [...recipients, done] : recipients.map((one, at) => (at === index ? done : one)),
    });
  }

  protected dropRecipient(index: number): void {
    this.change({ recipients: (this.draft()?.recipients ?? []).filter((_, at) => at !== index) });
  }

  protected async test(): Promise<void> {
    const projectId = this.site.projectId();
    const channels = this.list.value()?.channels ?? [];
    const sent = await this.dialogs.open<boolean>(TestNoticeDialog, { projectId, channels });
    if (sent === true) this.notices.done(this.t('notice-test.sent'));
  }

  protected async save(): Promise<void> {
    const projectId = this.site.projectId();
    const body = this.draft();
    if (projectId === null || body === null) return;
    const saved = await this.command.run(body, () =>
      this.api.saveScheme(projectId, this.stored()?.id ?? null, body),
    );
    if (saved === undefined) return;
    this.changed.set(false);
    this.notices.done(this.t('scheme.saved'));
    this.list.reload();
  }

  protected async remove(): Promise<void> {
    const projectId = this.site.projectId();
    const stored = this.stored();
    if (projectId === null || stored === null) return;
    const done = await this.command.run({ remove: stored.id }, async () => {
      await this.api.removeScheme(projectId, stored.id);
      return true;
    });
    if (done === undefined) return;
    this.changed.set(false);
    this.notices.done(this.t('scheme.removed'));
    this.list.reload();
  }

  protected discard(): void {
    this.changed.set(false);
    const usual = this.list.value()?.usual;
    if (usual !== undefined) this.draft.set(this.bodyOf(this.stored(), usual, this.tenantClass()));
  }
}
