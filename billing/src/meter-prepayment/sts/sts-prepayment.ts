// SPDX-License-Identifier: Apache-2.0
/** Meters of IEC 62055-41: credit travels as twenty digits that the customer types in. The way is one-way. */
import { createHash } from 'node:crypto';
import type { MeterTerms, StsTerms } from '@wattledger/contracts/http/billing';
import type { CreditToIssue, MeterPrepayment } from '../meter-prepayment.ts';
import type { CreditMedium } from './credit-token.ts';
import { baseUnitsOfTenth } from './quantity-bought.ts';
import type { SecurityModule } from './security-module.ts';
import { tokenIdentifierAt } from './token-identifier.ts';

/** @throws when the terms are those of another provider: the service chooses by them */
function stsTerms(terms: MeterTerms): StsTerms {
  if (terms.provider !== 'sts') throw new Error('these are not terms of an STS meter');
  return terms;
}

/** Four bits that belong to the credit: asked again, they are the same. */
const randomOf = (meterCreditId: string): number =>
  (createHash('sha256').update(meterCreditId).digest()[0] ?? 0) & 0x0f;

const mediumOf = ({ point }: CreditToIssue): CreditMedium =>
  point.medium === 'water' ? 'water' : 'electricity';

export function stsPrepayment(module: SecurityModule): MeterPrepayment {
  return {
    provider: 'sts',
    refusal: ({ terms, medium }) =>
      medium === 'gas' ? 'tokens of gas are not made here' : module.refusal(stsTerms(terms)),
    fix(credit, lastTokenIdentifier) {
      const { baseYear } = stsTerms(credit.point.terms);
      const tokenIdentifier = tokenIdentifierAt(baseYear, credit.madeAtMs, lastTokenIdentifier);
      if (tokenIdentifier === null)
        return {
          kind: 'refused',
          reason: `the base date ${baseYear} cannot count to this minute: the meter needs a key change`,
        };
      return {
        kind: 'fixed',
        fix: { kind: 'token', tokenIdentifier, random: randomOf(credit.meterCreditId) },
      };
    },
    async issue(credit, fix) {
      if (fix.kind !== 'token' || credit.quantity === null)
        return { kind: 'refused', reason: 'the credit was made for a meter of registers' };
      const { tokenIdentifier, random } = fix;
      const tenths = credit.quantity / baseUnitsOfTenth;
      const parts = { medium: mediumOf(credit), random, tokenIdentifier, tenths };
      return { kind: 'token', digits: await module.creditToken(stsTerms(credit.point.terms), parts) };
    },
    confirmed: () => false,
    readRemaining: () => null,
  };
}
