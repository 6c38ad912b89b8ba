// SPDX-License-Identifier: Apache-2.0
import {
  apiKeyCreateBodyShape,
  apiKeyListShape,
  apiKeyParamsShape,
  apiKeySecretShape,
} from '@wattledger/contracts/http/registry';
import { defineRoute, type Route } from '@wattledger/platform';
import { actorOf } from '../changes/actor.ts';
import { signedIn } from '../sessions/signed-in.ts';
import type { ApiKeysService } from './api-keys-service.ts';

const tag = 'API keys';

export function apiKeyRoutes(apiKeys: ApiKeysService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/api-keys',
      summary: 'API keys of projects whose staff the caller may read, without their secrets',
      tag,
      access: { right: 'staff:read', anyProject: true },
      response: apiKeyListShape,
      handle: async (context) => await apiKeys.list(signedIn(context)),
    }),
    defineRoute({
      method: 'post',
      path: '/api/api-keys',
      summary: 'Make an API key; the secret is in this answer and nowhere else',
      tag,
      access: { right: 'staff:write', anyProject: true },
      body: apiKeyCreateBodyShape,
      response: apiKeySecretShape,
      successStatus: 201,
      handle: async (context) => await apiKeys.create(actorOf(context), context.body),
    }),
    defineRoute({
      method: 'delete',
      path: '/api/api-keys/{apiKeyId}',
      summary: 'Revoke an API key',
      tag,
      access: { right: 'staff:write', anyProject: true },
      params: apiKeyParamsShape,
      response: null,
      successStatus: 204,
      handle: async (context) => {
        await apiKeys.revoke(actorOf(context), context.params.apiKeyId);
      },
    }),
  ];
}
