// SPDX-License-Identifier: Apache-2.0
/** Payment providers as sides of the daily close: what each was paid for a project, also what we never asked for. */
import type { PaymentProvider } from '../payments/payment-provider.ts';
import type { ProviderPaymentsSource } from './provider-payments.ts';

export const onlineSources = (providers: readonly PaymentProvider[]): readonly ProviderPaymentsSource[] =>
  providers.map((provider) => ({
    name: provider.name,
    means: 'online',
    paymentsOf: async (projectId, fromMs, toMs) =>
      (await provider.listPayments(fromMs, toMs))
        // A payment that carries no project of ours may be anybody's: it is looked at wherever it is asked.
        .filter((payment) => payment.state === 'paid' && (payment.projectId ?? projectId) === projectId)
        .map((payment) => ({
          paymentRef: payment.providerPaymentId,
          amountMicros: payment.receivedMicros ?? 0,
          receivedAtMs: payment.paidAtMs ?? fromMs,
        })),
  }));
