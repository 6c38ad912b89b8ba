// SPDX-License-Identifier: Apache-2.0
/**
 * Against forged requests from other sites: a change that is authorized by a cookie must come from our own pages.
 * Browsers send Sec-Fetch-Site (all since 2023) or at least Origin with such requests; programs without a browser send
 * neither and cannot be made to act for somebody else.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { RequestError } from '../errors.ts';

const changesNothing = new Set(['GET', 'HEAD', 'OPTIONS']);

/** @throws RequestError 403 cross-site-request */
export function requireOwnOrigin(
  method: string,
  headers: IncomingHttpHeaders,
  allowedOrigins: readonly string[],
): void {
  if (changesNothing.has(method) || headers.cookie === undefined) return;
  const { origin } = headers;
  if (typeof origin === 'string' && allowedOrigins.includes(origin)) return;
  const site = headers['sec-fetch-site'];
  if (typeof site === 'string') {
    if (site === 'same-origin' || site === 'none') return;
  } else if (typeof origin !== 'string' || isHost(origin, headers.host)) {
    return;
  }
  throw new RequestError({
    status: 403,
    code: 'cross-site-request',
    message: 'This request came from another site and was refused.',
    hint: 'Use the application itself, or an API key. If it stands behind another host name, add that origin to PUBLIC_ORIGINS.',
  });
}

function isHost(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
