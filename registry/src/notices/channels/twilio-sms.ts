// SPDX-License-Identifier: Apache-2.0
/** SMS by Twilio: POST /2010-04-01/Accounts/{sid}/Messages.json with HTTP Basic. */
import { providerWords, sendTimeoutMs, wayFault, type Channel } from './channel.ts';

export interface TwilioOptions {
  readonly provider: 'twilio';
  readonly accountSid: string;
  readonly authToken: string;
  /** A number of the account, or a messaging service (MG…). */
  readonly from: string;
  readonly endpoint: string;
}

export const twilioEndpoint = 'https://api.twilio.com';
/** Twilio refuses longer ones; subject and text of an alarm are a fraction of it. */
const charactersMax = 1600;

export function createTwilioSms({ accountSid, authToken, from, endpoint }: TwilioOptions): Channel {
  const url = `${endpoint}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`;
  return {
    async send({ to, text }) {
      const sender = from.startsWith('MG') ? { MessagingServiceSid: from } : { From: from };
      try {
        const answer = await fetch(url, {
          method: 'POST',
          redirect: 'manual',
          signal: AbortSignal.timeout(sendTimeoutMs),
          headers: {
            authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
            'content-type': 'application/x-www-form-urlencoded',
          },
          body: new URLSearchParams({ To: to, ...sender, Body: text.slice(0, charactersMax) }).toString(),
        });
        const said = await answer.text();
        const { sid, status, message, code } = parsed(said);
        if (answer.ok) return { ok: true, answer: providerWords(`${sid ?? ''} ${status ?? ''}`) };
        // 4xx is about the message or the account; 401 and 429 can be mended or waited for.
        const permanent =
          answer.status >= 400 && answer.status < 500 && ![401, 403, 429].includes(answer.status);
        return {
          ok: false,
          permanent,
          answer: providerWords(`${answer.status} ${code ?? ''} ${message ?? said}`),
        };
      } catch (error) {
        return wayFault(error);
      }
    },
  };
}

function parsed(text: string): Readonly<Record<string, string | number | undefined>> {
  try {
    return JSON.parse(text) as Record<string, string | number>;
  } catch {
    return {};
  }
}
