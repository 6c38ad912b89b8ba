// SPDX-License-Identifier: Apache-2.0
/** Only addresses within this application: a link must not lead away after signing in. */
export function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in') ? next : '/';
}
