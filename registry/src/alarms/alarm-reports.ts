// SPDX-License-Identifier: Apache-2.0
/** Alarms as a table for a spreadsheet, and how many of them there were. */
import type { Alarm, AlarmStatistics } from '@wattledger/contracts/http/alarms';
import type { Queryable } from '@wattledger/platform';
import { csvCell } from '../actions/actions-csv.ts';
import { kindNames, severityNames, type Language } from '../notices/notice-words.ts';
import { writeXlsx } from '../site-files/spreadsheet-thread.ts';

const headers: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'Alarm',
    'Severity',
    'Subject',
    'State',
    'Opened',
    'Acknowledged',
    'By',
    'Note',
    'Cleared',
    'Raised',
    'Sees to it',
    'Facts',
  ],
  zh: [
    '告警',
    '级别',
    '对象',
    '状态',
    '发生时间',
    '确认时间',
    '确认人',
    '备注',
    '恢复时间',
    '触发次数',
    '负责人',
    '详情',
  ],
};
const stateNames: Readonly<Record<Language, Readonly<Record<Alarm['state'], string>>>> = {
  en: { open: 'open', acknowledged: 'acknowledged', cleared: 'cleared' },
  zh: { open: '未确认', acknowledged: '已确认', cleared: '已恢复' },
};

/** Instants as local date and time without an offset, as a spreadsheet takes them. */
function localTime(zone: string): (atMs: number | null) => string | null {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return (atMs) => (atMs === null ? null : format.format(atMs));
}

type Row = readonly (string | number | null)[];

function rowsOf(alarms: readonly Alarm[], zone: string, language: Language): readonly Row[] {
  const time = localTime(zone);
  return alarms.map((alarm) => [
    kindNames[language][alarm.kind],
    severityNames[language][alarm.severity],
    alarm.subjectName ?? alarm.subjectId,
    stateNames[language][alarm.state],
    time(alarm.openedAtMs),
    time(alarm.acknowledgedAtMs),
    alarm.acknowledgedBy,
    alarm.acknowledgedNote,
    time(alarm.clearedAtMs),
    alarm.raisedCount,
    alarm.assignedName,
    Object.entries(alarm.facts)
      .map(([name, value]) => `${name}=${value}`)
      .join('; '),
  ]);
}

export interface AlarmFile {
  readonly contentType: string;
  readonly fileName: string;
  readonly bytes: Buffer;
}

export async function alarmFileOf(
  alarms: readonly Alarm[],
  {
    zone,
    language,
    format,
  }: { readonly zone: string; readonly language: Language; readonly format: 'csv' | 'xlsx' },
): Promise<AlarmFile> {
  const header = headers[language];
  const rows = rowsOf(alarms, zone, language);
  if (format === 'csv') {
    const lines = [header, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`);
    // The mark at the beginning: without it a spreadsheet takes Chinese for something else.
    const bytes = Buffer.from(`\ufeff${lines.join('')}`);
    return { contentType: 'text/csv; charset=utf-8', fileName: 'alarms.csv', bytes };
  }
  const sheet = language === 'zh' ? '告警' : 'Alarms';
  const widths = header.map((_, index) => (index === header.length - 1 ? 60 : 20));
  return {
    contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    fileName: 'alarms.xlsx',
    bytes: await writeXlsx([{ sheet, header: [...header], rows: rows.map((row) => [...row]), widths }]),
  };
}

const subjectsShown = 20;

export async function readAlarmStatistics(
  queryable: Queryable,
  projectId: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<AlarmStatistics> {
  const span = 'a.project_id = $1 and a.opened_at_ms >= $2 and a.opened_at_ms < $3';
  const kinds = await queryable.query<AlarmStatistics['kinds'][number]>(
    `select a.kind, count(*) as opened, count(*) filter (where a.state <> 'cleared') as active,
       count(*) filter (where a.acknowledged_at_ms is not null) as acknowledged,
       percentile_cont(0.5) within group (order by a.acknowledged_at_ms - a.opened_at_ms) as "acknowledgeMsMedian",
       percentile_cont(0.5) within group (order by a.cleared_at_ms - a.opened_at_ms) as "clearMsMedian"
     from registry.alarms a where ${span} group by a.kind order by opened desc, a.kind`,
    [projectId, fromMs, toMs],
  );
  const subjects = await queryable.query<AlarmStatistics['subjects'][number]>(
    `with often as (
       select a.subject_kind, a.subject_id, count(*) as opened, max(a.facts ->> 'tenantId') as tenant_id
       from registry.alarms a where ${span} group by a.subject_kind, a.subject_id order by opened desc limit ${subjectsShown})
     select o.subject_kind as "subjectKind", o.subject_id as "subjectId", o.opened,
       case o.subject_kind
         when 'gateway' then (select g.code || ' ' || g.name from registry.gateways g where g.project_id = $1 and g.id = o.subject_id)
         when 'meter' then (select m.serial from registry.meters m where m.project_id = $1 and m.id = o.subject_id)
         when 'metering-point' then (select p.code || ' ' || p.name from registry.metering_points p where p.project_id = $1 and p.id = o.subject_id)
         else (select t.name from registry.tenants t where t.project_id = $1 and t.id = o.tenant_id)
       end as "subjectName"
     from often o order by o.opened desc, o.subject_id`,
    [projectId, fromMs, toMs],
  );
  return { kinds: [...kinds.rows], subjects: [...subjects.rows] };
}
