// SPDX-License-Identifier: Apache-2.0
/** Ids derived from codes: the same file makes the same site everywhere, and again. */
import { createHash } from 'node:crypto';
import { idPrefixes, type IdKind } from '@wattledger/contracts';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** Prefix and 80 bits of the SHA-256 of the parts. JSON keeps the parts apart. */
export function stableId(kind: IdKind, parts: readonly (string | number)[]): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([kind, ...parts]))
    .digest();
  const characters = [...digest.subarray(0, 16)].map((byte) => alphabet[byte & 31]);
  return `${idPrefixes[kind]}_${characters.join('')}`;
}

/** A project's id can be read in addresses where its code allows that. */
export function projectIdOf(code: string): string {
  return /^[a-z0-9][a-z0-9-]{0,40}$/.test(code)
    ? `${idPrefixes.project}_${code}`
    : stableId('project', [code]);
}
