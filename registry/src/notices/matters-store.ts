// SPDX-License-Identifier: Apache-2.0
/** What is known around an alarm: where its subject stands, whose it is, which scheme holds, who may be told. */
import { rightsOfRole, type AlarmSignal, type Role } from '@wattledger/contracts';
import type { AlarmScheme, AlarmSchemeBody } from '@wattledger/contracts/http/alarms';
import type { NoticeEvent } from '@wattledger/contracts/http/alarms';
import type { TemplateBody } from '@wattledger/contracts/http/notices';
import type { Queryable } from '@wattledger/platform';
import { readAlarmSchemes } from '../alarm-schemes/alarm-schemes-store.ts';
import { usualScheme } from '../alarm-schemes/usual-scheme.ts';
import type { Language } from './notice-words.ts';
import { templateKey, type OwnTemplates, type Person, type TenantContact } from './plan-notices.ts';

/** What of a project all its messages need. */
export interface ProjectMatter {
  readonly projectName: string;
  readonly zone: string;
  readonly currency: string;
  readonly schemes: readonly AlarmScheme[];
  readonly people: readonly Person[];
  readonly templates: OwnTemplates;
}

export async function readProjectMatter(
  queryable: Queryable,
  projectId: string,
): Promise<ProjectMatter | null> {
  const { rows } = await queryable.query<Pick<ProjectMatter, 'projectName' | 'zone' | 'currency'>>(
    'select p.name as "projectName", p.zone, p.currency from registry.projects p where p.id = $1',
    [projectId],
  );
  const project = rows[0];
  if (project === undefined) return null;
  return {
    ...project,
    schemes: await readAlarmSchemes(queryable, projectId),
    people: await readAlarmPeople(queryable, projectId),
    templates: await readOwnTemplates(queryable, projectId),
  };
}

/** Staff who may see the project's alarms, by name. */
export async function readAlarmPeople(queryable: Queryable, projectId: string): Promise<readonly Person[]> {
  const { rows } = await queryable.query<Omit<Person, 'roles'> & { readonly roles: readonly Role[] }>(
    `select s.id, s.name, s.email, array_agg(distinct r.role) as roles
     from registry.staff s join registry.staff_roles r on r.staff_id = s.id
     where s.disabled_at_ms is null and r.project_id in ($1, '*')
     group by s.id, s.name, s.email order by s.name, s.id`,
    [projectId],
  );
  return rows.filter(({ roles }) => roles.some((role) => rightsOfRole[role].includes('alarm:read')));
}

export async function readOwnTemplates(queryable: Queryable, projectId: string): Promise<OwnTemplates> {
  const { rows } = await queryable.query<TemplateBody & { event: NoticeEvent; language: Language }>(
    'select t.event, t.language, t.subject, t.body from registry.notice_templates t where t.project_id = $1',
    [projectId],
  );
  return new Map(
    rows.map(({ event, language, subject, body }) => [templateKey(event, language), { subject, body }]),
  );
}

/** The scheme of a tenant's class, else that of everything, else the usual. */
export function schemeFor(schemes: readonly AlarmScheme[], tenantClass: string | null): AlarmSchemeBody {
  const of = (wanted: string | null): AlarmScheme | undefined =>
    schemes.find((scheme) => scheme.tenantClass === wanted);
  return (tenantClass === null ? undefined : of(tenantClass)) ?? of(null) ?? usualScheme;
}

export interface SubjectMatter {
  readonly subjectKind: AlarmSignal['subjectKind'];
  readonly subjectId: string;
  readonly subjectName: string | null;
  readonly placeId: string | null;
  readonly placeName: string | null;
  readonly tenant: (TenantContact & { readonly tenantClass: string }) | null;
}
interface SubjectRow extends Omit<SubjectMatter, 'tenant'> {
  readonly tenantId: string | null;
  readonly tenantName: string | null;
  readonly tenantClass: string | null;
  readonly phone: string | null;
  readonly email: string | null;
}
export const subjectKey = (subject: Pick<SubjectMatter, 'subjectKind' | 'subjectId'>): string =>
  `${subject.subjectKind}/${subject.subjectId}`;

/** The metering point of a subject: its own, the one its meter is mounted at now, or none. */
const pointOfSubject = `
  left join lateral (
    select p.* from registry.metering_points p
    where p.project_id = $1 and (
      (q.kind = 'metering-point' and p.id = q.id)
      or (q.kind = 'meter' and p.id = (
        select m.point_id from registry.mountings m
        where m.project_id = $1 and m.meter_id = q.id and m.to_ms is null order by m.from_ms desc limit 1)))
    limit 1) p on true`;

/** `tenantId` where the signal names the tenant (accounts are billing's). */
export async function readSubjects(
  queryable: Queryable,
  projectId: string,
  subjects: readonly (Pick<SubjectMatter, 'subjectKind' | 'subjectId'> & {
    readonly tenantId: string | null;
  })[],
): Promise<ReadonlyMap<string, SubjectMatter>> {
  const { rows } = await queryable.query<SubjectRow>(
    `select q.kind as "subjectKind", q.id as "subjectId", coalesce(
         case q.kind
           when 'gateway' then (select g.code || ' ' || g.name from registry.gateways g where g.project_id = $1 and g.id = q.id)
           when 'meter' then (select m.serial from registry.meters m where m.project_id = $1 and m.id = q.id)
           when 'metering-point' then p.code || ' ' || p.name
         end, t.name) as "subjectName",
       l.id as "placeId", l.name as "placeName",
       t.id as "tenantId", t.name as "tenantName", t.tenant_class as "tenantClass", t.phone, t.email
     from unnest($2::text[], $3::text[], $4::text[]) as q (kind, id, tenant_id)
     ${pointOfSubject}
     left join registry.tenants t on t.project_id = $1 and t.id = coalesce(q.tenant_id, p.tenant_id)
     left join lateral (
       select l.id, l.name from registry.places l where l.project_id = $1 and l.id = coalesce(p.place_id, (
         select tp.place_id from registry.metering_points tp
         where tp.project_id = $1 and tp.tenant_id = t.id and tp.place_id is not null order by tp.code limit 1))) l on true`,
    [
      projectId,
      subjects.map((subject) => subject.subjectKind),
      subjects.map((subject) => subject.subjectId),
      subjects.map((subject) => subject.tenantId),
    ],
  );
  return new Map(
    rows.map(({ tenantId, tenantName, tenantClass, phone, email, ...subject }) => [
      subjectKey(subject),
      {
        ...subject,
        tenant:
          tenantId === null || tenantName === null || tenantClass === null
            ? null
            : { id: tenantId, name: tenantName, tenantClass, phone, email },
      },
    ]),
  );
}
