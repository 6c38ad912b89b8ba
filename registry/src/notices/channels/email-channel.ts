// SPDX-License-Identifier: Apache-2.0
/** E-mail by SMTP. A refusal of the recipient (5xx) is for good; everything else is tried again. */
import { createTransport } from 'nodemailer';
import { htmlOf, oneLine } from '../template.ts';
import { providerWords, sendTimeoutMs, wayFault, type Channel } from './channel.ts';

export interface SmtpOptions {
  /** smtp://user:password@host:port or smtps://… */
  readonly url: string;
  readonly from: string;
}

export function createEmailChannel({ url, from }: SmtpOptions): Channel {
  const transport = createTransport({
    url,
    connectionTimeout: sendTimeoutMs,
    greetingTimeout: sendTimeoutMs,
    socketTimeout: sendTimeoutMs,
    // Texts of people go into messages: none of them may name a file or an address to be fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain =
    from
      .split('@')
      .at(-1)
      ?.replace(/[^\w.-].*$/, '') ?? 'localhost';
  return {
    async send({ id, to, recipient, subject, text }) {
      try {
        const sent = await transport.sendMail({
          from,
          to: { name: oneLine(recipient), address: to },
          subject,
          text,
          html: htmlOf(text),
          messageId: `<${id}@${domain}>`,
        });
        return { ok: true, answer: providerWords(sent.response) };
      } catch (error) {
        const { responseCode, response } = error as { responseCode?: number; response?: string };
        if (responseCode === undefined) return wayFault(error);
        // 535 and its like are about our own sign-in: the operator can mend that.
        const permanent = responseCode >= 550 && responseCode < 560;
        return { ok: false, permanent, answer: providerWords(response ?? String(responseCode)) };
      }
    },
  };
}
