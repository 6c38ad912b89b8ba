// SPDX-License-Identifier: Apache-2.0
/** The port through which credit reaches a meter that does the prepaying itself. Two examples stand beside it. */
import type { CommandedSetting, Medium, MeterBalanceRead } from '@wattledger/contracts';
import type { MeterPrepaymentProvider, MeterTerms } from '@wattledger/contracts/http/billing';

/** Where the credit goes: the point's terms, and the meter that is mounted there. */
export interface MeterSidePoint {
  readonly terms: MeterTerms;
  readonly medium: Medium;
  readonly meterId: string | null;
  /** The register that is mounted: of a cabinet it names the circuit. */
  readonly register: string | null;
  /** As last read; null: never, or nothing can be read. */
  readonly balance: MeterBalanceRead | null;
}

/** What is fixed before a credit goes out, so that sending it again is the same again. */
export type CreditFix =
  | { readonly kind: 'token'; readonly tokenIdentifier: number; readonly random: number }
  | {
      readonly kind: 'register-write';
      readonly purchaseNumber: number;
      readonly purchasedBeforeMicros: number;
    };

export interface CreditToIssue {
  readonly meterCreditId: string;
  readonly amountMicros: number;
  readonly quantity: number | null;
  readonly madeAtMs: number;
  readonly point: MeterSidePoint;
}

export type Fixing =
  | { readonly kind: 'fixed'; readonly fix: CreditFix }
  /** The meter must be read before its credit can be fixed. */
  | { readonly kind: 'read-first' }
  | { readonly kind: 'refused'; readonly reason: string };

export type Issued =
  | { readonly kind: 'token'; readonly digits: string }
  /** To be written and read back by the meter's own line. */
  | { readonly kind: 'register-write'; readonly setting: CommandedSetting }
  | { readonly kind: 'refused'; readonly reason: string };

export interface MeterPrepayment {
  readonly provider: MeterPrepaymentProvider;
  /** Why a point cannot be served so; null: it can. */
  refusal(point: MeterSidePoint): string | null;
  /**
   * Fixes what makes the credit this one and no other. Stored before `issue` is called.
   * @param lastTokenIdentifier the last one this meter was given
   */
  fix(credit: CreditToIssue, lastTokenIdentifier: number | null): Fixing;
  /** The same credit and fix give the same answer, however often it is asked for. @throws when what makes it is out of reach */
  issue(credit: CreditToIssue, fix: CreditFix): Promise<Issued>;
  /** Whether what the meter says now shows the credit. */
  confirmed(credit: Pick<CreditToIssue, 'amountMicros'>, fix: CreditFix, read: MeterBalanceRead): boolean;
  /** The question that reads what remains; null: the way to the meter is one-way. */
  readRemaining(point: MeterSidePoint): CommandedSetting | null;
}
