// SPDX-License-Identifier: Apache-2.0
/** A whole site from one file, and one file from a whole site. */
import { createHash } from 'node:crypto';
import { mayDo, type Principal, type ProjectSnapshot } from '@wattledger/contracts';
import type { ImportSiteAnswer } from '@wattledger/contracts/http/registry';
import type { Database, Queryable } from '@wattledger/platform';
import type { Actor } from '../changes/actor.ts';
import { forbidden, notFound } from '../changes/faults.ts';
import type { ProjectWriter } from '../changes/project-writer.ts';
import { readSegments } from '../mountings/mountings-store.ts';
import { findProjectByCode, insertProject } from '../projects/projects-store.ts';
import { loadSnapshot, loadSnapshots } from '../snapshots/snapshots-store.ts';
import { applySitePlan } from './apply-site-plan.ts';
import { tablesOf } from './export-site.ts';
import type { Counts } from './plan-context.ts';
import { readSiteFile, type ReadSite } from './read-site-file.ts';
import { createSiteFaults, type SiteFaults } from './site-faults.ts';
import { emptySite, planSite, type ExistingSite, type SitePlan } from './site-plan.ts';
import { stableId } from './stable-id.ts';
import { writeSiteFile, type SiteFileFormat } from './write-site-file.ts';

export interface ImportSiteOptions {
  /** True: judge the file, list its faults and what it would change, and change nothing. */
  readonly dryRun: boolean;
  readonly principal: Principal;
  /** For the log of actions; the command line is local. */
  readonly remoteAddress?: string;
}

export interface SiteFilesService {
  /**
   * Takes a file as one transaction, or not at all: with a fault nothing changes and the answer lists the faults.
   * The same file again changes nothing.
   * @throws RequestError site-file-unreadable, forbidden
   */
  importSite(bytes: Uint8Array, options: ImportSiteOptions): Promise<ImportSiteAnswer>;
  exportSite(
    projectId: string,
    format: SiteFileFormat,
  ): Promise<{ readonly bytes: Buffer; readonly fileName: string }>;
}

const nothing = { created: 0, updated: 0, unchanged: 0 };
const noCounts: Counts = {
  projects: nothing,
  places: nothing,
  tenants: nothing,
  gateways: nothing,
  meters: nothing,
  meteringPoints: nothing,
  mountings: nothing,
};

/** Carries the faults out of the transaction that they undo. */
class FaultyFile extends Error {}

export function createSiteFilesService(parts: {
  readonly database: Database;
  readonly writer: ProjectWriter;
}): SiteFilesService {
  const { database, writer } = parts;

  async function carryOut(
    actor: Actor,
    read: ReadSite,
    projectId: string,
    faults: SiteFaults,
    file: FileFacts,
  ): Promise<SitePlan | null> {
    try {
      return await writer.write(actor, projectId, async (write) => {
        const plan = await planSite(read, await readSite(write.transaction, write.project), faults);
        if (plan === null) throw new FaultyFile();
        await applySitePlan(write, plan);
        if (changesAnything(plan))
          write.note('project.import', `project/${projectId}`, null, { ...file, counts: plan.counts });
        return plan;
      });
    } catch (error) {
      if (error instanceof FaultyFile) return null;
      throw error;
    }
  }

  async function create(actor: Actor, plan: SitePlan, file: FileFacts): Promise<void> {
    const { project } = plan;
    await writer.create(
      actor,
      project.id,
      async (transaction) => {
        await insertProject(transaction, project);
      },
      async (write) => {
        await applySitePlan(write, plan);
        write.note('project.import', `project/${project.id}`, null, { ...file, counts: plan.counts });
      },
    );
  }

  return {
    async importSite(bytes, { dryRun, principal, remoteAddress = 'local' }) {
      const faults = createSiteFaults();
      const read = await readSiteFile(bytes, faults);
      const row = read.tables.project[0];
      const projectId = row === undefined ? undefined : await findProjectByCode(database, row.values.code);
      requireRight(principal, projectId);
      const actor = { principal, remoteAddress };
      const file = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
      if (projectId !== undefined && !dryRun && faults.total === 0) {
        const plan = await carryOut(actor, read, projectId, faults, file);
        return answerOf(dryRun, projectId, plan, faults);
      }
      const existing = projectId === undefined ? emptySite : await readSiteById(database, projectId);
      const plan = await withFreeId(database, await planSite(read, existing, faults), projectId, faults);
      if (plan !== null && !dryRun) await create(actor, plan, file);
      return answerOf(
        dryRun,
        dryRun ? (projectId ?? null) : (plan?.project.id ?? projectId ?? null),
        plan,
        faults,
      );
    },
    async exportSite(projectId, format) {
      const { project, ...site } = await readSiteById(database, projectId);
      if (project === null) throw notFound('project');
      const fileName = `${project.code.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}.${format}`;
      return { bytes: await writeSiteFile(tablesOf({ project, ...site }), format), fileName };
    },
  };
}

interface FileFacts {
  readonly bytes: number;
  readonly sha256: string;
}

/** A new project needs the right in the whole group. Whether a code is taken is told only to who may know. */
function requireRight(principal: Principal, projectId: string | undefined): void {
  if (mayDo(principal, 'project:write', projectId ?? null)) return;
  throw forbidden(
    'You may not write the project that this file describes.',
    'Check the code in sheet project. To make a new project you need the right project:write in the whole group.',
  );
}

/** A new project's id may be taken by a project with another code. */
async function withFreeId(
  database: Database,
  plan: SitePlan | null,
  projectId: string | undefined,
  faults: SiteFaults,
): Promise<SitePlan | null> {
  if (plan === null || projectId !== undefined) return plan;
  if ((await loadSnapshot(database, 'project', plan.project.id, plan.project.id)) === undefined) return plan;
  faults.add(
    'project',
    null,
    'id',
    `the id ${plan.project.id} belongs to another project; give this one an id of its own, e.g. ${stableId('project', [plan.project.code])}`,
  );
  return null;
}

function changesAnything(plan: SitePlan): boolean {
  return Object.values(plan.counts).some(({ created, updated }) => created + updated > 0);
}

function answerOf(
  dryRun: boolean,
  projectId: string | null,
  plan: SitePlan | null,
  faults: SiteFaults,
): ImportSiteAnswer {
  return {
    dryRun,
    projectId,
    faults: [...faults.listed],
    faultsTotal: faults.total,
    counts: plan?.counts ?? noCounts,
  };
}

/** One snapshot of the database, so that what belongs together is read together. */
async function readSiteById(database: Database, projectId: string): Promise<ExistingSite> {
  return await database.transaction(
    async (transaction) => {
      const project = await loadSnapshot(transaction, 'project', projectId, projectId);
      if (project === undefined) throw notFound('project');
      return await readSite(transaction, project);
    },
    { isolation: 'repeatable read' },
  );
}

async function readSite(queryable: Queryable, project: ProjectSnapshot): Promise<ExistingSite> {
  const all = { projectId: project.id, ids: null };
  return {
    project,
    places: await loadSnapshots(queryable, 'place', all),
    tenants: await loadSnapshots(queryable, 'tenant', all),
    gateways: await loadSnapshots(queryable, 'gateway', all),
    meters: await loadSnapshots(queryable, 'meter', all),
    points: await loadSnapshots(queryable, 'metering-point', all),
    segments: await readSegments(queryable, project.id),
  };
}
