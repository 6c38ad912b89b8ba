// SPDX-License-Identifier: Apache-2.0
/** The environment, read once and checked as a whole. Nothing else in the house looks at process.env. */
import { z } from 'zod';
import { OperatingError } from '../errors.ts';
import { logLevels } from '../logger/logger.ts';
import { callerFaults, callersOf, callerVariables, type CallersConfig } from './callers-config.ts';
import { channelFaults, channelVariables, channelsOf, type ChannelsConfig } from './channels-config.ts';
import {
  meterPrepaymentFaults,
  meterPrepaymentOf,
  meterPrepaymentVariables,
  type MeterPrepaymentConfig,
} from './meter-prepayment-config.ts';
import { paymentFaults, paymentsOf, paymentVariables, type PaymentsConfig } from './payments-config.ts';

/** What each variable means and what to write; the text is what a person sees when it is wrong. */
const variables = {
  DATABASE_URL: urlOf(['postgres:', 'postgresql:'])
    .optional()
    .describe('a Postgres server, e.g. postgres://user:password@host:5432/wattledger; left out: embedded'),
  CLICKHOUSE_URL: urlOf(['http:', 'https:'])
    .optional()
    .describe('a ClickHouse server, e.g. http://user:password@host:8123/wattledger; left out: embedded'),
  CLICKHOUSE_CLUSTER: z
    .string()
    .regex(/^[\w-]+$/)
    .optional()
    .describe('name of the ClickHouse cluster on which tables are made; left out: a single server'),
  KAFKA_BROKERS: z
    .string()
    .regex(/^[^\s,:]+:\d{1,5}(\s*,\s*[^\s,:]+:\d{1,5})*$/)
    .optional()
    .describe('Kafka brokers as host:port,host:port; left out: the built-in event log'),
  KAFKA_TLS: z.enum(['on', 'off']).default('off').describe('on or off'),
  KAFKA_USERNAME: z.string().optional().describe('SASL/SCRAM-SHA-512 user'),
  KAFKA_PASSWORD: z.string().optional().describe('its password'),
  KAFKA_REPLICATION: z.coerce
    .number()
    .int()
    .min(1)
    .max(9)
    .default(1)
    .describe('copies of each partition, 1 to 9; 3 on a cluster'),
  LOG_PARTITIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe('partitions of new topics, 1 to 256; left out: 1 on one machine, 12 with Kafka'),
  HOST: z.string().min(1).default('127.0.0.1').describe('address to listen on; 0.0.0.0 for all'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe('port to listen on, 0 to 65535'),
  PUBLIC_ORIGINS: z
    .string()
    .regex(/^https?:\/\/[^/\s,]+(,https?:\/\/[^/\s,]+)*$/)
    .optional()
    .describe(
      'origins under which people reach the product through a proxy, e.g. https://energy.example.com',
    ),
  TRUST_PROXY: z.coerce
    .number()
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('number of proxies before the product that set X-Forwarded-For, 0 to 10'),
  LOG_LEVEL: z
    .enum(logLevels)
    .default('warn')
    .describe(`one of ${logLevels.join(', ')}`),
  ...channelVariables,
  ...callerVariables,
  ...paymentVariables,
  ...meterPrepaymentVariables,
} as const;

function urlOf(protocols: readonly string[]): z.ZodType<string> {
  return z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol));
}

/** How Kafka is spoken to, where it is used. */
export interface KafkaConfig {
  readonly tls: boolean;
  readonly credentials: { readonly username: string; readonly password: string } | null;
  readonly replication: number;
}

export interface Config {
  readonly databaseUrl: string | undefined;
  readonly clickhouseUrl: string | undefined;
  readonly clickhouseCluster: string | undefined;
  readonly kafkaBrokers: readonly string[] | undefined;
  readonly kafka: KafkaConfig;
  readonly logPartitions: number;
  readonly host: string;
  readonly port: number;
  readonly publicOrigins: readonly string[];
  readonly trustProxy: number;
  readonly logLevel: (typeof logLevels)[number];
  /** How messages leave the product. */
  readonly channels: ChannelsConfig;
  /** Ports and brokers for devices that call in. */
  readonly callers: CallersConfig;
  /** Providers that collect money online. */
  readonly payments: PaymentsConfig;
  /** Trial keys of meters that keep their balance. */
  readonly meterPrepayment: MeterPrepaymentConfig;
}

/** Every fault of the environment at once, each as `VARIABLE: what is wrong and what to write`. */
export class ConfigError extends OperatingError {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(
      'config-invalid',
      `the configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
      { retryable: false },
    );
    this.faults = faults;
  }
}

const shape = z.object(variables);
/** Variables that name a secret are not repeated in messages. */
const secret = /PASSWORD|TOKEN|SECRET|_KEY$|_URL$/;

/** @throws ConfigError that names every faulty variable and what it should be */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  // An empty variable in a compose file means "not set".
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = shape.safeParse(given);
  const faults: string[] = [];
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const variable = String(issue.path[0]) as keyof typeof variables;
      const shown = secret.test(variable) ? '' : ` "${given[variable] ?? ''}"`;
      faults.push(
        `${variable}: the value${shown} is not valid; expected ${variables[variable].description ?? ''}`,
      );
    }
  }
  if ((given['KAFKA_USERNAME'] === undefined) !== (given['KAFKA_PASSWORD'] === undefined)) {
    faults.push(
      'KAFKA_USERNAME: user and password go together: set both KAFKA_USERNAME and KAFKA_PASSWORD, or neither',
    );
  }
  if (given['KAFKA_BROKERS'] !== undefined && given['DATABASE_URL'] === undefined) {
    faults.push(
      'DATABASE_URL: KAFKA_BROKERS is set, so several processes share the log: name the Postgres server they share too',
    );
  }
  faults.push(
    ...channelFaults(given),
    ...callerFaults(given),
    ...paymentFaults(given),
    ...meterPrepaymentFaults(given),
  );
  if (!parsed.success || faults.length > 0) throw new ConfigError([...new Set(faults)]);
  return configOf(parsed.data);
}

function configOf(values: z.infer<typeof shape>): Config {
  const { KAFKA_USERNAME: username, KAFKA_PASSWORD: password, KAFKA_BROKERS: brokers } = values;
  return {
    databaseUrl: values.DATABASE_URL,
    clickhouseUrl: values.CLICKHOUSE_URL,
    clickhouseCluster: values.CLICKHOUSE_CLUSTER,
    kafkaBrokers: brokers?.split(',').map((broker) => broker.trim()),
    kafka: {
      tls: values.KAFKA_TLS === 'on',
      credentials: username === undefined || password === undefined ? null : { username, password },
      replication: values.KAFKA_REPLICATION,
    },
    logPartitions: values.LOG_PARTITIONS ?? (brokers === undefined ? 1 : 12),
    host: values.HOST,
    port: values.PORT,
    publicOrigins: values.PUBLIC_ORIGINS?.split(',') ?? [],
    trustProxy: values.TRUST_PROXY,
    logLevel: values.LOG_LEVEL,
    channels: channelsOf(values),
    callers: callersOf(values),
    payments: paymentsOf(values),
    meterPrepayment: meterPrepaymentOf(values),
  };
}

/** Name and meaning of every variable, for the documentation and the command line's help. */
export function describeConfig(): readonly { readonly variable: string; readonly meaning: string }[] {
  return Object.entries(variables).map(([variable, field]) => ({
    variable,
    meaning: field.description ?? '',
  }));
}
