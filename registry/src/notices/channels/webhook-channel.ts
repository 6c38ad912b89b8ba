// SPDX-License-Identifier: Apache-2.0
/**
 * Webhooks, signed: `X-Wattledger-Signature: sha256=<hex>` is HMAC-SHA256 over `<timestamp>.<body>` with the shared
 * secret; `X-Wattledger-Timestamp` is Unix seconds. A receiver refuses what is older than five minutes, and drops an
 * `X-Wattledger-Id` that it has had. Redirections are not followed.
 */
import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { Clock } from '@wattledger/platform';
import { providerWords, sendTimeoutMs, wayFault, type Channel, type SendOutcome } from './channel.ts';
import { isPrivateAddress, publicLookup } from './private-address.ts';

export interface WebhookOptions {
  readonly secret: string;
  /** Addresses of one's own network may be called. */
  readonly allowPrivate: boolean;
}

const answerBytesMax = 4096;

export function signWebhook(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

export function createWebhookChannel(options: WebhookOptions, clock: Clock): Channel {
  return {
    async send({ id, to, subject, text, about }) {
      const url = URL.parse(to);
      if (url === null || !/^https?:$/.test(url.protocol))
        return { ok: false, permanent: true, answer: 'not an address of the web' };
      const host = url.hostname.replace(/^\[|\]$/g, '');
      if (!options.allowPrivate && isIP(host) !== 0 && isPrivateAddress(host))
        return { ok: false, permanent: true, answer: `the address ${host} is private and not allowed` };
      const body = JSON.stringify({ id, ...about, subject, text });
      const timestamp = String(Math.floor(clock.nowMs() / 1000));
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'wattledger',
        'x-wattledger-id': id,
        'x-wattledger-timestamp': timestamp,
        'x-wattledger-signature': signWebhook(options.secret, timestamp, body),
      };
      try {
        return await post(url, headers, body, options.allowPrivate);
      } catch (error) {
        return wayFault(error);
      }
    },
  };
}

/** By node's own client: what a name resolves to is judged at the moment it is connected to, not before. */
async function post(
  url: URL,
  headers: Readonly<Record<string, string | number>>,
  body: string,
  allowPrivate: boolean,
): Promise<SendOutcome> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return await new Promise<SendOutcome>((resolve, reject) => {
    const request = send(
      url,
      {
        method: 'POST',
        headers,
        signal: AbortSignal.timeout(sendTimeoutMs),
        ...(allowPrivate ? {} : { lookup: publicLookup }),
      },
      (response) => {
        const { statusCode = 0 } = response;
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          if (text.length < answerBytesMax) text += part;
          else response.destroy();
        });
        response.on('error', reject);
        response.on('close', () => resolve(outcomeOf(statusCode, text)));
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

function outcomeOf(status: number, text: string): SendOutcome {
  const answer = providerWords(`${status} ${text}`);
  if (status >= 200 && status < 300) return { ok: true, answer };
  // Gone, or moved to where we do not follow; other refusals may be a receiver's bad day.
  return { ok: false, permanent: status === 410 || (status >= 300 && status < 400), answer };
}
