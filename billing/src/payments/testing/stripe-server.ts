// SPDX-License-Identifier: Apache-2.0
/** A server on a socket that answers as Stripe's API does for Checkout Sessions, and signs notices with Stripe's library. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';

export interface StripeServer {
  readonly endpoint: string;
  readonly webhookSecret: string;
  /** How often each call came, e.g. 'POST /v1/checkout/sessions'. */
  readonly calls: Map<string, number>;
  /** The payer pays; of another amount or in another currency than was asked when given. */
  pay(sessionId: string, other?: { readonly amount?: number; readonly currency?: string }): void;
  /** Somebody pays it back at Stripe itself. */
  payBack(sessionId: string, amount: number): void;
  /** A payment that was never asked for here. */
  strangePayment(amount: number): string;
  /** Answers nothing but errors for a while. */
  setDown(down: boolean): void;
  notice(type: string, about: Readonly<Record<string, unknown>>, eventId: string): SignedNotice;
  session(sessionId: string): Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}
export interface SignedNotice {
  readonly body: Buffer;
  readonly headers: { readonly 'stripe-signature': string };
}

interface Session {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly metadata: Readonly<Record<string, string>>;
  paid: { amount: number; currency: string; refunded: number; intent: string } | null;
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

export async function startStripeServer(): Promise<StripeServer> {
  const webhookSecret = 'whsec_of_the_test';
  const library = new Stripe('sk_test_signs_only');
  const sessions = new Map<string, Session>();
  const byKey = new Map<string, string>();
  const calls = new Map<string, number>();
  let down = false;
  let last = 0;

  function objectOf(session: Session): Readonly<Record<string, unknown>> {
    const { paid, metadata } = session;
    return {
      id: session.id,
      object: 'checkout.session',
      url: `https://checkout.test/${session.id}`,
      status: paid === null ? 'open' : 'complete',
      payment_status: paid === null ? 'unpaid' : 'paid',
      amount_total: session.amount,
      currency: session.currency,
      metadata,
      payment_intent:
        paid === null
          ? null
          : {
              id: paid.intent,
              object: 'payment_intent',
              status: 'succeeded',
              amount_received: paid.amount,
              currency: paid.currency,
              metadata,
              latest_charge: {
                id: `ch_${session.id}`,
                object: 'charge',
                created: 1_772_442_000,
                amount: paid.amount,
                amount_refunded: paid.refunded,
              },
            },
    };
  }

  function create(form: URLSearchParams, key: string): Session {
    const before = sessions.get(byKey.get(key) ?? '');
    if (before !== undefined) return before;
    const price = 'line_items[0][price_data]';
    const session: Session = {
      id: `cs_test_${String((last += 1))}`,
      amount: Number(form.get(`${price}[unit_amount]`)),
      currency: form.get(`${price}[currency]`) ?? '',
      metadata: {
        paymentId: form.get('metadata[paymentId]') ?? '',
        projectId: form.get('metadata[projectId]') ?? '',
      },
      paid: null,
    };
    byKey.set(key, session.id);
    sessions.set(session.id, session);
    return session;
  }

  function refund(form: URLSearchParams, key: string): Readonly<Record<string, unknown>> {
    const session = [...sessions.values()].find(({ paid }) => paid?.intent === form.get('payment_intent'));
    const amount = Number(form.get('amount'));
    if (!byKey.has(key) && session?.paid) session.paid.refunded += amount;
    byKey.set(key, 'refund');
    return { id: `re_${key}`, object: 'refund', amount, status: 'succeeded' };
  }

  function answer(request: IncomingMessage, form: URLSearchParams): Readonly<Record<string, unknown>> | null {
    const path = new URL(request.url ?? '', 'http://stripe').pathname;
    const name = `${request.method ?? ''} ${path.replace(/\/cs_.*/, '/{id}')}`;
    calls.set(name, (calls.get(name) ?? 0) + 1);
    const key = String(request.headers['idempotency-key'] ?? '');
    if (name === 'POST /v1/checkout/sessions') return objectOf(create(form, key));
    if (name === 'POST /v1/refunds') return refund(form, key);
    if (name === 'GET /v1/charges') {
      const paid = [...sessions.values()].filter((session) => session.paid !== null);
      const data = paid.map((session) => ({
        id: `ch_${session.id}`,
        object: 'charge',
        created: 1_772_442_000,
        paid: true,
        amount: session.paid?.amount,
        amount_refunded: session.paid?.refunded,
        currency: session.paid?.currency,
        payment_intent: session.paid?.intent,
        metadata: session.metadata,
        balance_transaction: { id: 'txn', object: 'balance_transaction', fee: 30, currency: 'eur' },
      }));
      return { object: 'list', url: '/v1/charges', has_more: false, data };
    }
    const session = sessions.get(path.split('/').at(-1) ?? '');
    return session === undefined ? null : objectOf(session);
  }

  const server = createServer((request, response) => {
    void formOf(request).then((form) => {
      if (down) {
        response.writeHead(503, { 'Content-Type': 'application/json' }).end('{"error":{"type":"api_error"}}');
        return;
      }
      const found = answer(request, form);
      response.writeHead(found === null ? 404 : 200, { 'Content-Type': 'application/json' });
      response.end(
        JSON.stringify(
          found ?? {
            error: { type: 'invalid_request_error', code: 'resource_missing', message: 'No such object' },
          },
        ),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const sessionOf = (id: string): Session => {
    const session = sessions.get(id);
    if (session === undefined) throw new Error(`no session ${id}`);
    return session;
  };
  return {
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    webhookSecret,
    calls,
    pay(id, other = {}) {
      const session = sessionOf(id);
      const { amount = session.amount, currency = session.currency } = other;
      session.paid = { amount, currency, refunded: 0, intent: `pi_${id}` };
    },
    payBack(id, amount) {
      const { paid } = sessionOf(id);
      if (paid !== null) paid.refunded += amount;
    },
    strangePayment(amount) {
      const session = create(new URLSearchParams(), `strange-${String((last += 1))}`);
      session.paid = { amount, currency: 'eur', refunded: 0, intent: `pi_${session.id}` };
      return session.id;
    },
    setDown: (isDown) => {
      down = isDown;
    },
    notice(type, about, eventId) {
      const payload = JSON.stringify({ id: eventId, object: 'event', type, data: { object: about } });
      const signature = library.webhooks.generateTestHeaderString({ payload, secret: webhookSecret });
      return { body: Buffer.from(payload), headers: { 'stripe-signature': signature } };
    },
    session: (id) => objectOf(sessionOf(id)),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
