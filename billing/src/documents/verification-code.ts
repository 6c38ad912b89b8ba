// SPDX-License-Identifier: Apache-2.0
/** Codes that confirm a document: short enough to type, impossible to make without the installation's secret. Pure. */
import { createHmac } from 'node:crypto';
import type { DocumentFacts } from '@wattledger/contracts/http/billing';
import { contentHash } from '../ledger/posting.ts';

/** 32 characters; 0, 1, I and O look like others and are left out. */
const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
/** 12 characters hold 60 bits: who guesses a million a second finds one of a million documents in days, and 60 a quarter hour are answered. */
export const codeLength = 12;

export function codeOf(secret: Uint8Array, facts: DocumentFacts): string {
  const digest = createHmac('sha256', secret).update(contentHash(facts)).digest();
  let code = '';
  for (let at = 0; at < codeLength; at += 1) code += alphabet[(digest[at] ?? 0) & 31];
  return code;
}

/** As typed by a person: small letters, spaces and dashes do not matter. null: cannot be a code. */
export function readCode(typed: string): string | null {
  const code = typed.toUpperCase().replaceAll(/[\s-]/g, '');
  return code.length === codeLength && [...code].every((character) => alphabet.includes(character))
    ? code
    : null;
}

/** In groups of four, as it stands on paper. */
export const shownCode = (code: string): string => code.replace(/(.{4})(?=.)/g, '$1-');
