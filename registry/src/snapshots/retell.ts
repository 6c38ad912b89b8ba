// SPDX-License-Identifier: Apache-2.0
import type { Actor } from '../changes/actor.ts';
import type { ProjectWriter } from '../changes/project-writer.ts';
import { loadSnapshots, registryEntities } from './snapshots-store.ts';

/**
 * Tells everything of a project again, as the tables have it: the remedy when the doctor finds that what was told
 * differs (a log restored from another day, tables changed by hand). Listeners that know it already see no change.
 */
export async function retellProject(
  writer: ProjectWriter,
  actor: Actor,
  projectId: string,
): Promise<{ readonly snapshots: number }> {
  return await writer.write(actor, projectId, async (write) => {
    let snapshots = 0;
    for (const entity of registryEntities) {
      const found = await loadSnapshots(write.transaction, entity, { projectId, ids: null });
      write.touch(
        entity,
        found.map((snapshot) => snapshot.id),
      );
      snapshots += found.length;
    }
    write.touchMountings('all');
    write.note('project.retell', `project/${projectId}`, null, { snapshots });
    return { snapshots };
  });
}
