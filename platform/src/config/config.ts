// SPDX-License-Identifier: Apache-2.0
/** The environment, read once when a process begins. Every fault is listed with what to do; nothing is guessed. */
import { z } from 'zod';
import { logLevels } from '../logger/logger.ts';

const serverUrl = (schemes: readonly string[], example: string) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol), `must be an address such as ${example}`)
    .optional();

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${String(min)}`).max(max, `must be at most ${String(max)}`));

const environmentShape = z.object({
  /** Postgres server; embedded in the data directory when absent. */
  DATABASE_URL: serverUrl(['postgres:', 'postgresql:'], 'postgres://user:password@host:5432/wattledger'),
  /** ClickHouse server over HTTP; embedded (chDB) when absent. */
  CLICKHOUSE_URL: serverUrl(['http:', 'https:'], 'http://user:password@host:8123/wattledger'),
  /** host:port of Kafka brokers, separated by commas; the log is kept in Postgres when absent. */
  KAFKA_BROKERS: z
    .string()
    .transform((text) => text.split(',').map((broker) => broker.trim()))
    .refine((brokers) => brokers.every((broker) => /^[^\s:]+:\d{1,5}$/.test(broker)), 'must be host:port, several separated by commas')
    .optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(8080),
  LOG_LEVEL: z.enum(logLevels).default('warn'),
  /** Origins besides our own from which browsers may change things, e.g. https://energy.example.com. */
  PUBLIC_ORIGINS: z
    .string()
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .refine((origins) => origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin), 'must be origins such as https://energy.example.com')
    .default([]),
  /** How many proxies in front may say whom they speak for. */
  TRUST_PROXY: wholeNumber(0, 10).default(0),
});

export interface Config {
  readonly databaseUrl: string | undefined;
  readonly clickhouseUrl: string | undefined;
  readonly kafkaBrokers: readonly string[] | undefined;
  readonly host: string;
  readonly port: number;
  readonly logLevel: (typeof logLevels)[number];
  readonly publicOrigins: readonly string[];
  readonly trustProxy: number;
}

export class ConfigError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`the configuration has ${String(faults.length)} fault(s):\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** @throws ConfigError that names every variable at fault; values are not repeated, they may hold passwords */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  // An empty variable is an absent one: compose files write them so.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environmentShape.safeParse(given);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  const { DATABASE_URL, CLICKHOUSE_URL, KAFKA_BROKERS, HOST, PORT, LOG_LEVEL, PUBLIC_ORIGINS, TRUST_PROXY } = parsed.data;
  return {
    databaseUrl: DATABASE_URL,
    clickhouseUrl: CLICKHOUSE_URL,
    kafkaBrokers: KAFKA_BROKERS,
    host: HOST,
    port: PORT,
    logLevel: LOG_LEVEL,
    publicOrigins: PUBLIC_ORIGINS,
    trustProxy: TRUST_PROXY,
  };
}
