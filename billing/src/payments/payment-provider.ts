// SPDX-License-Identifier: Apache-2.0
/**
 * The port to those who collect money online. A provider is asked for what is true now; what it tells by itself (a notice)
 * is only a reason to ask. So notices may come late, twice or out of order.
 */
import type { PaymentProviderName } from '@wattledger/contracts/http/billing';
import { RequestError } from '@wattledger/platform';
import type { IncomingHttpHeaders } from 'node:http';

export interface AskedPayment {
  /** Ours; also the key that makes asking twice the same payment. */
  readonly paymentId: string;
  readonly projectId: string;
  readonly amountMicros: number;
  readonly currency: string;
  /** What the payer reads. */
  readonly title: string;
  readonly expiresAtMs: number;
  /** Where the payer's browser goes afterwards. */
  readonly returnUrl: string;
}

export interface CreatedPayment {
  /** The provider's name for it. */
  readonly providerPaymentId: string;
  readonly checkoutUrl: string | null;
  readonly qrText: string | null;
}

export interface ProviderPayment {
  readonly providerPaymentId: string;
  /** Ours, when the provider carries it. */
  readonly paymentId: string | null;
  readonly projectId: string | null;
  readonly state: 'open' | 'processing' | 'paid' | 'expired' | 'failed';
  /** What arrived, whatever was asked; null before. */
  readonly receivedMicros: number | null;
  readonly currency: string;
  /** Paid back in sum. */
  readonly refundedMicros: number;
  readonly paidAtMs: number | null;
  /** What the provider keeps; null where it does not say. */
  readonly feeMicros: number | null;
}

export interface PaymentName {
  readonly paymentId: string;
  readonly providerPaymentId: string;
  /** Refunds we have asked for: some providers tell of them one by one. */
  readonly refundIds: readonly string[];
}

/** What a provider told by itself, verified. */
export interface ProviderNotice {
  readonly eventId: string;
  readonly type: string;
  readonly paymentId: string | null;
  readonly providerPaymentId: string | null;
  /** Paid back in sum, where the notice is the only place that says so. */
  readonly refundedMicros: number | null;
}

export interface PaymentProvider {
  readonly name: PaymentProviderName;
  takes(currency: string): boolean;
  /** The same paymentId again is the same payment. @throws RequestError 502 provider-unreachable, 422 provider-refused */
  create(payment: AskedPayment): Promise<CreatedPayment>;
  /** What is true now; null when the provider does not know it. @throws RequestError 502 provider-unreachable */
  query(payment: PaymentName): Promise<ProviderPayment | null>;
  /** The same refundId again is the same refund. @throws RequestError 502 provider-unreachable, 422 provider-refused */
  refund(refund: {
    readonly payment: PaymentName;
    readonly refundId: string;
    readonly amountMicros: number;
    readonly currency: string;
    readonly reason: string;
  }): Promise<void>;
  /** Everything paid in the span, also what we never asked for: for the daily close. */
  listPayments(fromMs: number, toMs: number): Promise<readonly ProviderPayment[]>;
  /** @throws RequestError 400 notice-unverified when the provider has not signed it */
  readNotice(headers: IncomingHttpHeaders, rawBody: Buffer): Promise<ProviderNotice>;
  /** What the provider wants to hear, so that it stops telling. */
  readonly noticeAnswer: { readonly contentType: string; readonly body: string };
}

export const providerUnreachable = (name: PaymentProviderName): RequestError =>
  new RequestError({
    status: 502,
    code: 'provider-unreachable',
    message: `The payment provider ${name} did not answer.`,
    hint: 'Try again in a moment; the same request is the same payment.',
  });
/** @param said the provider's own words, without secrets */
export const providerRefused = (name: PaymentProviderName, said: string): RequestError =>
  new RequestError({
    status: 422,
    code: 'provider-refused',
    message: `The payment provider ${name} refused: ${said}`,
    hint: 'Nothing was done.',
  });
export const noticeUnverified = (): RequestError =>
  new RequestError({
    status: 400,
    code: 'notice-unverified',
    message: 'The notice is not signed by the provider.',
    hint: 'Compare the signing secret here with the one at the provider.',
  });
