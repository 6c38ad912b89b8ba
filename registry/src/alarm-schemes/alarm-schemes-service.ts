// SPDX-License-Identifier: Apache-2.0
import { newId } from '@wattledger/contracts';
import type {
  AlarmScheme,
  AlarmSchemeBody,
  AlarmSchemeList,
  NoticeChannel,
} from '@wattledger/contracts/http/alarms';
import type { Database, Queryable } from '@wattledger/platform';
import type { Actor } from '../changes/actor.ts';
import { notFound } from '../changes/faults.ts';
import type { ProjectWrite, ProjectWriter } from '../changes/project-writer.ts';
import {
  deleteAlarmScheme,
  putAlarmScheme,
  readAlarmSchemes,
  readTenantClasses,
} from './alarm-schemes-store.ts';
import { usualScheme } from './usual-scheme.ts';

export interface AlarmSchemesService {
  list(projectId: string): Promise<AlarmSchemeList>;
  create(actor: Actor, projectId: string, body: AlarmSchemeBody): Promise<AlarmScheme>;
  change(actor: Actor, projectId: string, schemeId: string, body: AlarmSchemeBody): Promise<AlarmScheme>;
  remove(actor: Actor, projectId: string, schemeId: string): Promise<void>;
}

export function createAlarmSchemesService(parts: {
  readonly database: Database;
  readonly writer: ProjectWriter;
  readonly channels: readonly NoticeChannel[];
}): AlarmSchemesService {
  const { database, writer, channels } = parts;

  async function existing(queryable: Queryable, projectId: string, schemeId: string): Promise<AlarmScheme> {
    const found = (await readAlarmSchemes(queryable, projectId)).find(({ id }) => id === schemeId);
    if (found === undefined) throw notFound('alarm scheme');
    return found;
  }
  /** Whole before and after: whom a scheme tells is not in the snapshot that goes to the others. */
  async function put(write: ProjectWrite, scheme: AlarmScheme, before: AlarmScheme | null): Promise<void> {
    await putAlarmScheme(write.transaction, scheme);
    write.touch('alarm-scheme', [scheme.id]);
    write.note(
      before === null ? 'alarm-scheme.create' : 'alarm-scheme.update',
      `alarm-scheme/${scheme.id}`,
      before,
      scheme,
    );
  }

  return {
    async list(projectId) {
      return {
        schemes: [...(await readAlarmSchemes(database, projectId))],
        usual: usualScheme,
        tenantClasses: [...(await readTenantClasses(database, projectId))],
        channels: [...channels],
      };
    },
    async create(actor, projectId, body) {
      const scheme = { id: newId('alarmScheme'), projectId, ...body };
      return await writer.write(actor, projectId, async (write) => {
        await put(write, scheme, null);
        return scheme;
      });
    },
    async change(actor, projectId, schemeId, body) {
      return await writer.write(actor, projectId, async (write) => {
        const before = await existing(write.transaction, projectId, schemeId);
        const scheme = { id: schemeId, projectId, ...body };
        await put(write, scheme, before);
        return scheme;
      });
    },
    async remove(actor, projectId, schemeId) {
      await writer.write(actor, projectId, async (write) => {
        const before = await existing(write.transaction, projectId, schemeId);
        await deleteAlarmScheme(write.transaction, projectId, schemeId);
        write.touch('alarm-scheme', [schemeId]);
        write.note('alarm-scheme.delete', `alarm-scheme/${schemeId}`, before, null);
      });
    },
  };
}
