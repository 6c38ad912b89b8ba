// SPDX-License-Identifier: Apache-2.0
/** The registry's invariants, asked of the stores as they are, whatever the code believes. */
import type { RegistryEntity } from '@wattledger/contracts';
import {
  createSnapshotCopy,
  type Database,
  type DoctorCheck,
  type EventLog,
  type Parts,
} from '@wattledger/platform';
import type { RegistryActionLog } from '../actions/action-log.ts';
import { canonicalText } from '../changes/canonical-text.ts';
import { faultsOfLinks } from '../metering-points/parent-tree.ts';
import { textOfLinkFault } from '../metering-points/parent-tree-text.ts';
import { readLinks } from '../metering-points/metering-points-store.ts';
import { overlapsOf } from '../mountings/segment.ts';
import { readSegments } from '../mountings/mountings-store.ts';
import { faultsOfPlaces } from '../places/place-tree.ts';
import { readPlaceNodes } from '../places/places-store.ts';
import { listProjects } from '../projects/projects-store.ts';
import { snapshotKey } from '../snapshots/publish.ts';
import { loadSnapshots, registryEntities } from '../snapshots/snapshots-store.ts';

interface DoctorParts {
  readonly database: Database;
  readonly eventLog: EventLog;
  readonly logger: Parts['logger'];
  readonly actionLog: RegistryActionLog;
}

export function registryDoctorChecks(parts: DoctorParts): readonly DoctorCheck[] {
  const { database, actionLog } = parts;
  return [
    {
      name: 'registry: the chain of the log of actions holds',
      async check() {
        const { ok, checked, firstFault } = await actionLog.verify();
        if (ok) return { ok, detail: `${checked} actions` };
        return { ok, detail: `action ${firstFault?.sequence ?? 0}: ${firstFault?.message ?? ''}` };
      },
    },
    {
      name: 'registry: no register and no metering point has two mountings at an instant',
      check: async () => await inEveryProject(database, 'segments', faultsOfProjectSegments),
    },
    {
      name: 'registry: parents exist, hold one at a time, and close no circle',
      check: async () => await inEveryProject(database, 'links', faultsOfProjectLinks),
    },
    {
      name: 'registry: places lie in places that may hold them',
      check: async () => await inEveryProject(database, 'places', faultsOfProjectPlaces),
    },
    {
      name: 'registry: what was told to the others equals the tables',
      check: async () => await compareSnapshots(parts),
    },
  ];
}

interface Found {
  readonly checked: number;
  readonly faults: readonly string[];
}

async function inEveryProject(
  database: Database,
  what: string,
  check: (database: Database, projectId: string) => Promise<Found>,
): Promise<{ ok: boolean; detail: string }> {
  let checked = 0;
  const faults: string[] = [];
  for (const project of await listProjects(database, null)) {
    const found = await check(database, project.id);
    checked += found.checked;
    faults.push(...found.faults.map((fault) => `${project.code}: ${fault}`));
  }
  return verdict(faults, `${checked} ${what}`);
}

const faultsShown = 5;

function verdict(faults: readonly string[], detail: string): { ok: boolean; detail: string } {
  if (faults.length === 0) return { ok: true, detail };
  const more = faults.length > faultsShown ? `; and ${faults.length - faultsShown} more` : '';
  return { ok: false, detail: `${faults.slice(0, faultsShown).join('; ')}${more}` };
}

async function faultsOfProjectSegments(database: Database, projectId: string): Promise<Found> {
  const segments = await readSegments(database, projectId);
  const faults = overlapsOf(segments).map(
    ({ kind, earlier, later }) => `${kind}: segments ${earlier.segmentId} and ${later.segmentId}`,
  );
  return { checked: segments.length, faults };
}

async function faultsOfProjectLinks(database: Database, projectId: string): Promise<Found> {
  const [links, points] = await Promise.all([
    readLinks(database, projectId),
    loadSnapshots(database, 'metering-point', { projectId, ids: null }),
  ]);
  const codeOf = new Map(points.map((point) => [point.id, point.code]));
  const unknown = links
    .filter((link) => !codeOf.has(link.parentId) || !codeOf.has(link.pointId))
    .map(
      (link) => `the link of ${link.pointId} to ${link.parentId} names a point that is not in the project`,
    );
  const faults = faultsOfLinks(links).map((fault) => textOfLinkFault(fault, (id) => codeOf.get(id) ?? id));
  return { checked: links.length, faults: [...unknown, ...faults] };
}

async function faultsOfProjectPlaces(database: Database, projectId: string): Promise<Found> {
  const places = await readPlaceNodes(database, projectId);
  const codeOf = new Map(places.map((place) => [place.id, place.code]));
  return {
    checked: places.length,
    faults: faultsOfPlaces(places).map(({ id, message }) => `${codeOf.get(id) ?? id}: ${message}`),
  };
}

/** A listener of our own follows the topic from its beginning, as any other package does, and is compared with the tables. */
async function compareSnapshots({
  database,
  eventLog,
  logger,
}: DoctorParts): Promise<{ ok: boolean; detail: string }> {
  const copy = createSnapshotCopy<RegistryEntity>({
    parts: { database, eventLog, logger },
    schema: 'registry',
    group: 'registry-doctor',
    entities: registryEntities,
  });
  await copy.start();
  try {
    await copy.whenCaughtUp();
    const faults: string[] = [];
    let checked = 0;
    const projects = await listProjects(database, null);
    const known = new Set(projects.map((project) => project.id));
    for (const entity of registryEntities) {
      const told = new Map(copy.all(entity).map((snapshot) => [snapshot.id, canonicalText(snapshot)]));
      for (const projectId of known) {
        for (const snapshot of await loadSnapshots(database, entity, { projectId, ids: null })) {
          checked += 1;
          if (told.get(snapshot.id) !== canonicalText(snapshot))
            faults.push(`${snapshotKey(entity, snapshot.id)} was told otherwise`);
          told.delete(snapshot.id);
        }
      }
      for (const id of told.keys())
        faults.push(`${snapshotKey(entity, id)} was told but is not in the tables`);
    }
    return verdict(faults, `${checked} snapshots`);
  } finally {
    await copy.stop();
  }
}
