// SPDX-License-Identifier: Apache-2.0
/** Structured logs. ERROR means somebody must act; secrets never reach a line. */
import { pino, type DestinationStream, type Logger } from 'pino';

export const logLevels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

const secretNames = [
  'password',
  'passwordHash',
  'cookie',
  'cookies',
  'authorization',
  'token',
  'secret',
  'apiKey',
  'set-cookie',
  'x-api-key',
];
/** The name itself and as a member of objects down to the fourth level, which is deeper than anything we log. */
const redactedPaths = secretNames.flatMap((name) => {
  const member = /^[A-Za-z]+$/.test(name) ? `.${name}` : `["${name}"]`;
  const own = member.startsWith('.') ? name : member;
  return [own, `*${member}`, `*.*${member}`, `*.*.*${member}`];
});

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Which process speaks, e.g. 'billing'. */
  readonly name?: string;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

export function createLogger({ level, name, destination }: LoggerOptions): Logger {
  const options = {
    level,
    ...(name === undefined ? {} : { name }),
    redact: { paths: redactedPaths, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
