// SPDX-License-Identifier: Apache-2.0
/**
 * Whoever holds vending keys: at real sites a hardware module or the vending service of the meters' maker. Only the
 * module for trials is here; it knows no key but those it is given for trials.
 */
import { Buffer } from 'node:buffer';
import type { StsTerms } from '@wattledger/contracts/http/billing';
import { creditToken, type CreditTokenParts } from './credit-token.ts';
import { decoderKeyOf } from './decoder-key.ts';

export type TokenTerms = Pick<StsTerms, 'meterPan' | 'supplyGroupCode' | 'tariffIndex' | 'keyRevision'>;

export interface SecurityModule {
  /** Why it makes no tokens for such a meter; null: it does. */
  refusal(terms: TokenTerms): string | null;
  /** Twenty digits; the same parts give the same token. @throws when the module is out of reach or knows no key */
  creditToken(terms: TokenTerms, parts: CreditTokenParts): Promise<string>;
}

/** Vending keys by supply group code, sixteen hexadecimal digits each. */
export type TrialKeys = Readonly<Record<string, string>>;

/** In software, for trials and tests: whoever reads the process's memory reads its keys. */
export function trialSecurityModule(keys: TrialKeys): SecurityModule {
  const keyOf = (supplyGroupCode: string): Buffer | null => {
    const key = Object.hasOwn(keys, supplyGroupCode) ? keys[supplyGroupCode] : undefined;
    return key === undefined ? null : Buffer.from(key, 'hex');
  };
  return {
    refusal: ({ supplyGroupCode }) =>
      keyOf(supplyGroupCode) === null ? `no trial key of supply group ${supplyGroupCode} is set` : null,
    async creditToken(terms, parts) {
      const key = keyOf(terms.supplyGroupCode);
      if (key === null) throw new Error(`no trial key of supply group ${terms.supplyGroupCode} is set`);
      return creditToken(decoderKeyOf(key, terms), parts);
    },
  };
}

/** What a system without any module has: it says so. */
export const noSecurityModule: SecurityModule = {
  refusal: () => 'no security module makes tokens here',
  creditToken: async () => await Promise.reject(new Error('no security module makes tokens here')),
};
