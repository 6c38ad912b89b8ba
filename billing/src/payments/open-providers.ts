// SPDX-License-Identifier: Apache-2.0
/** The providers that are set up: those with keys. */
import type { PaymentsConfig } from '@wattledger/platform';
import { createAlipayProvider } from './alipay-provider.ts';
import type { PaymentsOptions } from './payments-service.ts';
import { createStripeProvider } from './stripe-provider.ts';

export function openProviders(
  options: { readonly providers: PaymentsConfig; readonly publicOrigin: string | null } | undefined,
): PaymentsOptions {
  if (options === undefined) return { providers: [], publicOrigin: null };
  const { providers, publicOrigin } = options;
  const noticeUrl = `${publicOrigin ?? ''}/api/payments/alipay/notices`;
  return {
    publicOrigin,
    providers: [
      ...(providers.stripe === null ? [] : [createStripeProvider(providers.stripe)]),
      ...(providers.alipay === null ? [] : [createAlipayProvider({ ...providers.alipay, noticeUrl })]),
    ],
  };
}
