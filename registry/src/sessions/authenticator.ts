// SPDX-License-Identifier: Apache-2.0
import type { Authenticator } from '@wattledger/platform';
import type { ApiKeysService } from '../api-keys/api-keys-service.ts';
import { sessionCookie } from './session-token.ts';
import type { SessionsService } from './sessions-service.ts';

/**
 * Who calls: the API key in `Authorization: Bearer …`, else the session in the cookie. A request that brings a key is
 * judged by the key alone: a wrong one is nobody, whatever cookie comes with it.
 */
export function createAuthenticator(sessions: SessionsService, apiKeys: ApiKeysService): Authenticator {
  return {
    async authenticate(request, cookies) {
      const { authorization } = request.headers;
      if (authorization !== undefined) {
        const secret = /^Bearer +(\S+)$/i.exec(authorization.trim())?.[1];
        return secret === undefined ? null : await apiKeys.principalOf(secret);
      }
      const token = cookies[sessionCookie];
      return token === undefined ? null : await sessions.principalOf(token);
    },
  };
}
