// SPDX-License-Identifier: Apache-2.0
/** Secrets that travel: session tokens in a cookie, API keys in a header. Only their SHA-256 is stored. */
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const sessionCookie = 'wattledger_session';
const tokenBytes = 32;

/** 256 random bits: nothing to guess, so a fast hash is enough to keep them by. */
export function newToken(): string {
  return randomBytes(tokenBytes).toString('base64url');
}

export function hashOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** What our tokens look like; anything else need not be looked up. */
export function looksLikeToken(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9_-]{43}$/.test(text);
}

/** `Set-Cookie` of a session. Without a token: the order to forget it. */
export function cookieHeader(
  token: string | null,
  options: { readonly maxAgeSeconds: number; readonly secure: boolean },
): string {
  const parts = [
    `${sessionCookie}=${token ?? ''}`,
    'Path=/',
    'HttpOnly',
    // Sent when somebody follows a link to us, not when another site posts to us.
    'SameSite=Lax',
    `Max-Age=${token === null ? 0 : options.maxAgeSeconds}`,
  ];
  if (options.secure) parts.push('Secure');
  return parts.join('; ');
}

/**
 * Whether the browser speaks https to us, itself or through a proxy. A forged header only makes the forger's own cookie
 * stricter.
 */
export function isSecure(request: IncomingMessage): boolean {
  if ('encrypted' in request.socket && request.socket.encrypted === true) return true;
  const forwarded = request.headers['x-forwarded-proto'];
  return (Array.isArray(forwarded) ? forwarded[0] : forwarded)?.split(',')[0]?.trim() === 'https';
}

/**
 * Whose attempts are counted together: an IPv4 address; of IPv6 the first 64 bits, which is what one customer of a
 * provider has to choose from.
 */
export function addressGroup(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length);
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...after];
  return `${all
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
