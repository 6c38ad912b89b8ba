// SPDX-License-Identifier: Apache-2.0
import type { ProjectSnapshot } from '@wattledger/contracts';
import type { ProjectSummary } from '@wattledger/contracts/http/registry';
import type { Queryable, Transaction } from '@wattledger/platform';

/** Counts by scalar sub-queries: each is one index range of the project (353 meters: 2 ms for 20 projects). */
const counts = `json_build_object(
    'places', (select count(*) from registry.places x where x.project_id = p.id),
    'gateways', (select count(*) from registry.gateways x where x.project_id = p.id),
    'meters', (select count(*) from registry.meters x where x.project_id = p.id),
    'meteringPoints', (select count(*) from registry.metering_points x where x.project_id = p.id),
    'tenants', (select count(*) from registry.tenants x where x.project_id = p.id),
    'alarms', (select count(*) from registry.alarms x where x.project_id = p.id and x.state <> 'cleared')) as counts`;

/** Projects in order of their names; `ids` null means every one. */
export async function listProjects(
  queryable: Queryable,
  ids: readonly string[] | null,
): Promise<readonly ProjectSummary[]> {
  const { rows } = await queryable.query<ProjectSummary>(
    `select p.id, p.code, p.name, p.zone, p.currency, p.slot_minutes as "slotMinutes",
       p.poll_interval_seconds as "pollIntervalSeconds", p.area_m2 as "areaM2", p.address, p.latitude, p.longitude, ${counts}
     from registry.projects p
     where $1::text[] is null or p.id = any ($1)
     order by p.name, p.id`,
    [ids],
  );
  return rows;
}

export async function readCounts(
  queryable: Queryable,
  projectId: string,
): Promise<ProjectSummary['counts'] | undefined> {
  const { rows } = await queryable.query<{ counts: ProjectSummary['counts'] }>(
    `select ${counts} from registry.projects p where p.id = $1`,
    [projectId],
  );
  return rows[0]?.counts;
}

export async function findProjectByCode(queryable: Queryable, code: string): Promise<string | undefined> {
  return (
    await queryable.query<{ id: string }>('select p.id from registry.projects p where p.code = $1', [code])
  ).rows[0]?.id;
}

export async function insertProject(transaction: Transaction, project: ProjectSnapshot): Promise<void> {
  await transaction.query(
    `insert into registry.projects (id, code, name, zone, currency, slot_minutes, poll_interval_seconds, calendar, area_m2,
       address, latitude, longitude)
     values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11, $12)`,
    [
      project.id,
      project.code,
      project.name,
      project.zone,
      project.currency,
      project.slotMinutes,
      project.pollIntervalSeconds,
      JSON.stringify(project.calendar),
      project.areaM2,
      project.address,
      project.latitude,
      project.longitude,
    ],
  );
}

/** Everything but id, code and currency, which stay. */
export async function updateProject(transaction: Transaction, project: ProjectSnapshot): Promise<void> {
  await transaction.query(
    `update registry.projects p
     set name = $2, zone = $3, slot_minutes = $4, poll_interval_seconds = $5, calendar = $6::jsonb, area_m2 = $7, address = $8,
       latitude = $9, longitude = $10
     where p.id = $1`,
    [
      project.id,
      project.name,
      project.zone,
      project.slotMinutes,
      project.pollIntervalSeconds,
      JSON.stringify(project.calendar),
      project.areaM2,
      project.address,
      project.latitude,
      project.longitude,
    ],
  );
}
