// SPDX-License-Identifier: Apache-2.0
/** Stripe: Checkout Sessions through its own library. */
import Stripe from 'stripe';
import { microsOfMinor, minorDigits, minorOfMicros } from './minor-units.ts';
import {
  noticeUnverified,
  providerRefused,
  providerUnreachable,
  type PaymentProvider,
  type ProviderNotice,
  type ProviderPayment,
} from './payment-provider.ts';

export interface StripeConfig {
  readonly secretKey: string;
  readonly webhookSecret: string;
  /** Origin of the API where it is not Stripe's own. */
  readonly endpoint: string | null;
}

const timeoutMs = 20_000;
const listedMax = 10_000;
/** Stripe takes these two with hundredths that must be zero, though they have none. */
const writtenWithHundredths = new Set(['ISK', 'UGX']);
const known = (currency: string): boolean => !writtenWithHundredths.has(currency.toUpperCase());

export function createStripeProvider(config: StripeConfig): PaymentProvider {
  const stripe = openStripe(config);
  return {
    name: 'stripe',
    takes: known,
    noticeAnswer: { contentType: 'application/json', body: '{"received":true}' },
    async create(payment) {
      const metadata = { paymentId: payment.paymentId, projectId: payment.projectId };
      const session = await asked(
        stripe.checkout.sessions.create(
          {
            mode: 'payment',
            client_reference_id: payment.paymentId,
            line_items: [
              {
                quantity: 1,
                price_data: {
                  currency: payment.currency.toLowerCase(),
                  unit_amount: stripeMinor(payment.amountMicros, payment.currency),
                  product_data: { name: payment.title },
                },
              },
            ],
            metadata,
            // Copied to the charge, so that a refund made at Stripe leads back here.
            payment_intent_data: { metadata },
            expires_at: Math.floor(payment.expiresAtMs / 1000),
            success_url: payment.returnUrl,
            cancel_url: payment.returnUrl,
          },
          { idempotencyKey: payment.paymentId },
        ),
      );
      return { providerPaymentId: session.id, checkoutUrl: session.url, qrText: session.url };
    },
    async query({ providerPaymentId }) {
      try {
        return await queryStripe(stripe, providerPaymentId);
      } catch (error) {
        if (error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing')
          return null;
        throw troubleOf(error);
      }
    },
    async refund({ payment, refundId, amountMicros, currency }) {
      const session = await asked(stripe.checkout.sessions.retrieve(payment.providerPaymentId));
      const intent = idOf(session.payment_intent);
      if (intent === null) throw providerRefused('stripe', 'nothing has been paid');
      await asked(
        stripe.refunds.create(
          { payment_intent: intent, amount: minorOfMicros(amountMicros, currency) },
          { idempotencyKey: refundId },
        ),
      );
    },
    async listPayments(fromMs, toMs) {
      const created = { gte: Math.ceil(fromMs / 1000), lt: Math.ceil(toMs / 1000) };
      const charges = await asked(
        stripe.charges
          .list({ created, limit: 100, expand: ['data.balance_transaction'] })
          .autoPagingToArray({ limit: listedMax }),
      );
      return charges.filter((charge) => charge.paid).map(ofCharge);
    },
    readNotice: async (headers, rawBody) => {
      const signature = headers['stripe-signature'];
      if (typeof signature !== 'string') throw noticeUnverified();
      let event: Stripe.Event;
      try {
        event = stripe.webhooks.constructEvent(rawBody, signature, config.webhookSecret);
      } catch {
        throw noticeUnverified();
      }
      return await Promise.resolve(ofEvent(event));
    },
  };
}

function openStripe({ secretKey, endpoint }: StripeConfig): Stripe {
  const own = endpoint === null ? null : new URL(endpoint);
  return new Stripe(secretKey, {
    timeout: timeoutMs,
    maxNetworkRetries: 1,
    telemetry: false,
    ...(own === null
      ? {}
      : {
          host: own.hostname,
          port: own.port === '' ? (own.protocol === 'http:' ? 80 : 443) : Number(own.port),
          protocol: own.protocol === 'http:' ? ('http' as const) : ('https' as const),
        }),
  });
}

/** Stripe takes three-decimal amounts only with a last zero. */
function stripeMinor(amountMicros: number, currency: string): number {
  const minor = minorOfMicros(amountMicros, currency);
  if (minorDigits(currency) === 3 && minor % 10 !== 0)
    throw providerRefused('stripe', `amounts of ${currency} end with a zero`);
  return minor;
}

const idOf = (object: string | { readonly id: string } | null): string | null =>
  typeof object === 'string' ? object : (object?.id ?? null);
const expanded = <T>(object: string | T | null | undefined): T | null =>
  typeof object === 'string' ? null : (object ?? null);

async function queryStripe(stripe: Stripe, id: string): Promise<ProviderPayment> {
  if (!id.startsWith('cs_')) {
    const intent = await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] });
    return ofIntent(intent, { id, state: intent.status === 'succeeded' ? 'paid' : 'processing' });
  }
  const session = await stripe.checkout.sessions.retrieve(id, {
    expand: ['payment_intent.latest_charge'],
  });
  const intent = expanded<Stripe.PaymentIntent>(session.payment_intent);
  const state = stateOf(session, intent);
  if (intent !== null) return ofIntent(intent, { id, state });
  return {
    providerPaymentId: id,
    paymentId: session.metadata?.['paymentId'] ?? null,
    projectId: session.metadata?.['projectId'] ?? null,
    state,
    receivedMicros: null,
    currency: (session.currency ?? '').toUpperCase(),
    refundedMicros: 0,
    paidAtMs: null,
    feeMicros: null,
  };
}

function stateOf(
  session: Stripe.Checkout.Session,
  intent: Stripe.PaymentIntent | null,
): ProviderPayment['state'] {
  if (session.payment_status === 'paid') return 'paid';
  if (session.status === 'expired') return 'expired';
  if (session.status !== 'complete') return 'open';
  // Debits take days: the session is complete long before the money is there, or is not.
  return intent?.status === 'requires_payment_method' || intent?.status === 'canceled'
    ? 'failed'
    : 'processing';
}

function ofIntent(
  intent: Stripe.PaymentIntent,
  { id, state }: { readonly id: string; readonly state: ProviderPayment['state'] },
): ProviderPayment {
  const charge = expanded<Stripe.Charge>(intent.latest_charge);
  const currency = intent.currency.toUpperCase();
  return {
    providerPaymentId: id,
    paymentId: intent.metadata['paymentId'] ?? null,
    projectId: intent.metadata['projectId'] ?? null,
    state,
    receivedMicros: state === 'paid' ? microsOfMinor(intent.amount_received, currency) : null,
    currency,
    refundedMicros: microsOfMinor(charge?.amount_refunded ?? 0, currency),
    paidAtMs: charge === null ? null : charge.created * 1000,
    feeMicros: null,
  };
}

function ofCharge(charge: Stripe.Charge): ProviderPayment {
  const currency = charge.currency.toUpperCase();
  const settled = expanded<Stripe.BalanceTransaction>(charge.balance_transaction);
  return {
    providerPaymentId: idOf(charge.payment_intent) ?? charge.id,
    paymentId: charge.metadata['paymentId'] ?? null,
    projectId: charge.metadata['projectId'] ?? null,
    state: 'paid',
    receivedMicros: microsOfMinor(charge.amount, currency),
    currency,
    refundedMicros: microsOfMinor(charge.amount_refunded, currency),
    paidAtMs: charge.created * 1000,
    feeMicros: settled === null ? null : microsOfMinor(settled.fee, settled.currency),
  };
}

/** Only what leads to the payment is taken from an event; the rest is asked for. */
function ofEvent(event: Stripe.Event): ProviderNotice {
  const about = event.data.object as {
    readonly id?: string;
    readonly object: string;
    readonly metadata?: Record<string, string> | null;
    readonly payment_intent?: string | { readonly id: string } | null;
  };
  const providerPaymentId =
    about.object === 'checkout.session' || about.object === 'payment_intent'
      ? (about.id ?? null)
      : idOf(about.payment_intent ?? null);
  return {
    eventId: event.id,
    type: event.type,
    paymentId: about.metadata?.['paymentId'] ?? null,
    providerPaymentId,
    refundedMicros: null,
  };
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw troubleOf(error);
  }
}

function troubleOf(error: unknown): unknown {
  const { errors } = Stripe;
  if (error instanceof errors.StripeInvalidRequestError || error instanceof errors.StripeCardError)
    return providerRefused('stripe', error.message);
  // A wrong key is for us to mend, not for the cashier: it looks like a provider that does not answer, and is logged.
  if (error instanceof errors.StripeError) return providerUnreachable('stripe');
  return error;
}
