// SPDX-License-Identifier: Apache-2.0
/** Providers that collect money online. What is not set is not offered. */
import { z } from 'zod';

const origin = z
  .string()
  .refine((text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol));

export const paymentVariables = {
  STRIPE_SECRET_KEY: z
    .string()
    .min(8)
    .optional()
    .describe('secret key of Stripe (sk_… or rk_…); left out: no Stripe'),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .min(8)
    .optional()
    .describe('signing secret (whsec_…) of the webhook endpoint /api/payments/stripe/notices'),
  STRIPE_ENDPOINT: origin.optional().describe('origin of the API of Stripe, where it is not the usual one'),
  ALIPAY_APP_ID: z
    .string()
    .regex(/^\d{8,32}$/)
    .optional()
    .describe('app id at Alipay; left out: no Alipay'),
  ALIPAY_PRIVATE_KEY_SECRET: z
    .string()
    .min(100)
    .optional()
    .describe('our private key (RSA2), PEM or its base64'),
  ALIPAY_PUBLIC_KEY: z.string().min(100).optional().describe("Alipay's public key, PEM or its base64"),
  ALIPAY_GATEWAY: origin.optional().describe('gateway of Alipay, where it is not the usual one'),
} as const;

export interface PaymentsConfig {
  readonly stripe: {
    readonly secretKey: string;
    readonly webhookSecret: string;
    readonly endpoint: string | null;
  } | null;
  readonly alipay: {
    readonly appId: string;
    readonly privateKey: string;
    readonly alipayPublicKey: string;
    readonly gateway: string | null;
  } | null;
}
export const noPayments: PaymentsConfig = { stripe: null, alipay: null };

const together: Readonly<Record<string, readonly string[]>> = {
  STRIPE_SECRET_KEY: ['STRIPE_WEBHOOK_SECRET', 'PUBLIC_ORIGINS'],
  STRIPE_WEBHOOK_SECRET: ['STRIPE_SECRET_KEY'],
  ALIPAY_APP_ID: ['ALIPAY_PRIVATE_KEY_SECRET', 'ALIPAY_PUBLIC_KEY', 'PUBLIC_ORIGINS'],
};

/** What is half set. Payers come back to, and providers tell, an address that only PUBLIC_ORIGINS knows. */
export function paymentFaults(given: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(together).flatMap(([variable, wanted]) =>
    given[variable] === undefined
      ? []
      : wanted
          .filter((other) => given[other] === undefined)
          .map((other) => `${other}: ${variable} is set and needs it`),
  );
}

type PaymentValues = z.infer<z.ZodObject<typeof paymentVariables>>;

/** `paymentFaults` has seen to it that all of a provider is there. */
export function paymentsOf(values: PaymentValues): PaymentsConfig {
  const { STRIPE_SECRET_KEY: secretKey, ALIPAY_APP_ID: appId } = values;
  return {
    stripe:
      secretKey === undefined
        ? null
        : {
            secretKey,
            webhookSecret: values.STRIPE_WEBHOOK_SECRET ?? '',
            endpoint: values.STRIPE_ENDPOINT ?? null,
          },
    alipay:
      appId === undefined
        ? null
        : {
            appId,
            privateKey: values.ALIPAY_PRIVATE_KEY_SECRET ?? '',
            alipayPublicKey: values.ALIPAY_PUBLIC_KEY ?? '',
            gateway: values.ALIPAY_GATEWAY ?? null,
          },
  };
}
