// SPDX-License-Identifier: Apache-2.0
/** The other ends: a mail server that speaks SMTP, and an HTTP server that keeps what it was called with. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly raw: string;
}
export interface MailServer {
  readonly url: string;
  readonly received: ReceivedMail[];
  /** What it answers to every message from now on, e.g. `451 try later`; null: takes them. */
  refuse(answer: string | null): void;
  stop(): Promise<void>;
}

export async function startMailServer(): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  let refusal: string | null = null;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        if (refusal !== null) {
          const [code = '', ...words] = refusal.split(' ');
          done(Object.assign(new Error(words.join(' ')), { responseCode: Number(code) }));
          return;
        }
        const raw = Buffer.concat(parts).toString('utf8');
        received.push({ to: session.envelope.rcptTo.map(({ address }) => address), raw, ...partsOf(raw) });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    refuse: (answer) => void (refusal = answer),
    stop: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** Reads a message of two alternatives, as far as these tests need it. */
function partsOf(raw: string): Pick<ReceivedMail, 'subject' | 'text' | 'html'> {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ');
  const boundary = /boundary="?([^";\r\n]+)/i.exec(head)?.[1] ?? '';
  const bodies = raw.split(`--${boundary}`).slice(1);
  const bodyOf = (type: string): string => {
    const part = bodies.find((body) => body.includes(type)) ?? '';
    const at = part.indexOf('\r\n\r\n');
    const text = part.slice(at + 4).trim();
    const encoding = part.slice(0, at);
    if (/base64/i.test(encoding)) return Buffer.from(text, 'base64').toString('utf8');
    return /quoted-printable/i.test(encoding) ? unquoted(text) : text;
  };
  const subject = /^Subject: (.*)$/im.exec(head)?.[1]?.trim() ?? '';
  return { subject, text: bodyOf('text/plain'), html: bodyOf('text/html') };
}

function unquoted(text: string): string {
  const bytes = text
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

export interface ReceivedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
export interface Receiver {
  readonly url: string;
  readonly received: ReceivedCall[];
  /** Status, body and headers of every answer from now on. */
  answer(status: number, body?: string, headers?: Readonly<Record<string, string>>): void;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: ReceivedCall[] = [];
  let given = { status: 200, body: 'ok', headers: {} as Readonly<Record<string, string>> };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => (body += part));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      received.push({ method, path: url, headers, body });
      response.writeHead(given.status, given.headers).end(given.status === 204 ? undefined : given.body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answer: (status, body = 'ok', headers = {}) => void (given = { status, body, headers }),
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
