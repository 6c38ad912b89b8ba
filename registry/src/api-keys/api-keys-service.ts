// SPDX-License-Identifier: Apache-2.0
/** Keys by which other systems call: rights per project, the secret shown once and stored as a hash. */
import { newId, type Principal } from '@wattledger/contracts';
import {
  apiKeyCreateBodyShape,
  type ApiKey,
  type ApiKeyCreateBody,
  type ApiKeyList,
  type ApiKeySecret,
} from '@wattledger/contracts/http/registry';
import type { Clock, Database, Transaction } from '@wattledger/platform';
import type { RegistryActionLog } from '../actions/action-log.ts';
import type { Actor } from '../changes/actor.ts';
import { conflict, forbidden, invalid, notFound } from '../changes/faults.ts';
import { hashOfToken, looksLikeToken, newToken } from '../sessions/session-token.ts';
import { mayIn } from '../staff/staff-rights.ts';
import { knownProjects } from '../staff/staff-store.ts';
import {
  countApiKeys,
  insertApiKey,
  listApiKeys,
  readApiKey,
  readLiveApiKey,
  revokeApiKey,
  touchApiKey,
} from './api-keys-store.ts';

/** What a key begins with, so that one found in a file is known for what it is. */
const prefix = 'wlk_';
const keysMax = 1000;
const touchEveryMs = 60_000;

export interface ApiKeysService {
  list(principal: Principal): Promise<ApiKeyList>;
  /** @throws RequestError forbidden, invalid, too-many-keys */
  create(actor: Actor, body: ApiKeyCreateBody): Promise<ApiKeySecret>;
  revoke(actor: Actor, apiKeyId: string): Promise<void>;
  /** The principal of a secret, or null. */
  principalOf(secret: string): Promise<Principal | null>;
}

export function createApiKeysService(parts: {
  readonly database: Database;
  readonly clock: Clock;
  readonly actionLog: RegistryActionLog;
}): ApiKeysService {
  const { database, clock, actionLog } = parts;

  const record = async (
    transaction: Transaction,
    actor: Actor,
    action: string,
    key: ApiKey,
    made: boolean,
  ): Promise<void> => {
    const state = made ? { after: key } : { before: key };
    await actionLog.recordIn(transaction, [
      { ...actor, projectId: null, action, subject: `api-key/${key.id}`, ...state, atMs: clock.nowMs() },
    ]);
  };

  return {
    async list(principal) {
      const keys = await listApiKeys(database, keysMax);
      return { apiKeys: keys.filter((key) => coversOnly(principal, 'staff:read', key)) };
    },
    async create(actor, given) {
      const body = apiKeyCreateBodyShape.parse(given);
      judgeRights(actor.principal, body.rightsByProject);
      const nowMs = clock.nowMs();
      if (body.expiresAtMs !== null && body.expiresAtMs <= nowMs) {
        throw invalid([{ path: 'expiresAtMs', message: 'the key would already have expired' }]);
      }
      const secret = `${prefix}${newToken()}`;
      const id = newId('apiKey');
      return await database.transaction(async (transaction) => {
        await judgeProjects(transaction, Object.keys(body.rightsByProject));
        if ((await countApiKeys(transaction)) >= keysMax) {
          throw conflict(
            'too-many-keys',
            `There are ${keysMax} keys already.`,
            'Revoke keys that are no longer used.',
          );
        }
        const by = {
          createdAtMs: nowMs,
          createdById: actor.principal?.id ?? '',
          createdByName: actor.principal?.name ?? '',
        };
        await insertApiKey(transaction, { id, ...body, ...by }, hashOfToken(secret));
        const apiKey = await readApiKey(transaction, id);
        if (apiKey === undefined) throw new Error('a key just inserted is not there');
        await record(transaction, actor, 'api-key.create', apiKey, true);
        return { apiKey, secret };
      });
    },
    async revoke(actor, apiKeyId) {
      await database.transaction(async (transaction) => {
        const key = await readApiKey(transaction, apiKeyId);
        const { principal } = actor;
        if (key === undefined || principal === null || !coversOnly(principal, 'staff:read', key))
          throw notFound('API key');
        if (!coversOnly(principal, 'staff:write', key)) {
          throw forbidden(
            'This key holds rights in projects that you do not administer.',
            'Ask an administrator of the group.',
          );
        }
        await revokeApiKey(transaction, apiKeyId, clock.nowMs());
        await record(transaction, actor, 'api-key.revoke', key, false);
      });
    },
    async principalOf(secret) {
      if (!secret.startsWith(prefix) || !looksLikeToken(secret.slice(prefix.length))) return null;
      const nowMs = clock.nowMs();
      const key = await readLiveApiKey(database, hashOfToken(secret), nowMs);
      if (key === undefined) return null;
      if (nowMs - (key.lastUsedAtMs ?? 0) >= touchEveryMs) await touchApiKey(database, key.id, nowMs);
      return { kind: 'api-key', id: key.id, name: key.name, rightsByProject: key.rightsByProject };
    },
  };
}

/** Whether the principal holds the right in every project that the key reaches. */
function coversOnly(principal: Principal, right: 'staff:read' | 'staff:write', key: ApiKey): boolean {
  return Object.keys(key.rightsByProject).every((projectId) => mayIn(principal, right, projectId));
}

/** Nobody gives what they do not hold, nor where they do not administer. */
function judgeRights(principal: Principal | null, rightsByProject: ApiKey['rightsByProject']): void {
  for (const [projectId, rights] of Object.entries(rightsByProject)) {
    if (principal === null || !mayIn(principal, 'staff:write', projectId)) {
      throw forbidden(
        projectId === '*'
          ? 'You do not administer the whole group.'
          : `You do not administer project ${projectId}.`,
        'Name only projects in which you hold the right staff:write.',
      );
    }
    const missing = rights.find((right) => !mayIn(principal, right, projectId));
    if (missing !== undefined) {
      throw forbidden(
        `You do not hold the right ${missing} yourself.`,
        'Give a key only rights that you hold.',
      );
    }
  }
}

async function judgeProjects(transaction: Transaction, projectIds: readonly string[]): Promise<void> {
  const known = await knownProjects(transaction, projectIds);
  const unknown = projectIds.find((projectId) => projectId !== '*' && !known.has(projectId));
  if (unknown !== undefined)
    throw invalid([{ path: `rightsByProject.${unknown}`, message: 'there is no such project' }]);
}
