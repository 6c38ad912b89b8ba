// SPDX-License-Identifier: Apache-2.0
import {
  faultsOfCalendar,
  flatCalendar,
  newId,
  type Principal,
  type ProjectSnapshot,
  type TariffCalendar,
} from '@wattledger/contracts';
import {
  projectCreateBodyShape,
  type ProjectCreateBody,
  type ProjectDetail,
  type ProjectList,
  type ProjectPatchBody,
} from '@wattledger/contracts/http/registry';
import type { Database } from '@wattledger/platform';
import type { Actor } from '../changes/actor.ts';
import { canonicalText } from '../changes/canonical-text.ts';
import { invalid, notFound, type FieldFault } from '../changes/faults.ts';
import type { ProjectWriter } from '../changes/project-writer.ts';
import { loadSnapshot } from '../snapshots/snapshots-store.ts';
import { insertProject, listProjects, readCounts, updateProject } from './projects-store.ts';
import { faultsOfZone } from './slot-grid.ts';

export interface ProjectsService {
  list(principal: Principal): Promise<ProjectList>;
  get(projectId: string): Promise<ProjectDetail>;
  create(actor: Actor, body: ProjectCreateBody): Promise<ProjectDetail>;
  patch(actor: Actor, projectId: string, body: ProjectPatchBody): Promise<ProjectDetail>;
  setCalendar(actor: Actor, projectId: string, calendar: TariffCalendar): Promise<ProjectDetail>;
}

/** Project ids in which a principal may read; null for every project of the group. */
export function readableProjects(principal: Principal): readonly string[] | null {
  if (principal.rightsByProject['*']?.includes('project:read') === true) return null;
  return Object.keys(principal.rightsByProject).filter(
    (id) => principal.rightsByProject[id]?.includes('project:read') === true,
  );
}

export function createProjectsService(parts: {
  readonly database: Database;
  readonly writer: ProjectWriter;
}): ProjectsService {
  const { database, writer } = parts;

  async function get(projectId: string): Promise<ProjectDetail> {
    const [project, counts] = await Promise.all([
      loadSnapshot(database, 'project', projectId, projectId),
      readCounts(database, projectId),
    ]);
    if (project === undefined || counts === undefined) throw notFound('project');
    return { ...project, counts };
  }

  async function update(
    actor: Actor,
    projectId: string,
    action: string,
    change: (project: ProjectSnapshot) => ProjectSnapshot,
  ): Promise<ProjectDetail> {
    await writer.write(actor, projectId, async (write) => {
      const next = change(write.project);
      const faults = faultsOfProject(next);
      if (faults.length > 0) throw invalid(faults);
      await write.apply('project', projectId, action, async () => {
        await updateProject(write.transaction, next);
      });
      if (changesSlots(write.project, next)) write.touchMountings('all');
    });
    return await get(projectId);
  }

  return {
    get,
    async list(principal) {
      return { projects: [...(await listProjects(database, readableProjects(principal)))] };
    },
    async create(actor, body) {
      const { calendar = flatCalendar, ...rest } = projectCreateBodyShape.parse(body);
      const project: ProjectSnapshot = { id: newId('project'), ...rest, calendar };
      const faults = faultsOfProject(project);
      if (faults.length > 0) throw invalid(faults);
      await writer.create(
        actor,
        project.id,
        async (transaction) => {
          await insertProject(transaction, project);
        },
        (write) => {
          write.touch('project', [project.id]);
          write.note('project.create', `project/${project.id}`, null, project);
          return Promise.resolve();
        },
      );
      return await get(project.id);
    },
    async patch(actor, projectId, body) {
      const given = Object.fromEntries(
        Object.entries(body).filter(([, value]) => value !== undefined),
      ) as Partial<ProjectSnapshot>;
      return await update(actor, projectId, 'project.update', (project) => ({ ...project, ...given }));
    },
    async setCalendar(actor, projectId, calendar) {
      return await update(actor, projectId, 'project.calendar', (project) => ({ ...project, calendar }));
    },
  };
}

/** Faults of a project by itself; the calendar's have `calendar.` before their path. */
export function faultsOfProject(project: ProjectSnapshot): readonly FieldFault[] {
  return [
    ...faultsOfZone(project.zone, project.slotMinutes),
    ...faultsOfCalendar(project.calendar, project.slotMinutes).map((fault) => ({
      ...fault,
      path: `calendar.${fault.path}`,
    })),
  ];
}

/** Whether the energy of the project's meters must be laid on its slots and periods anew. */
export function changesSlots(before: ProjectSnapshot, after: ProjectSnapshot): boolean {
  return (
    before.zone !== after.zone ||
    before.slotMinutes !== after.slotMinutes ||
    canonicalText(before.calendar) !== canonicalText(after.calendar)
  );
}
