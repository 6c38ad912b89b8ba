// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import { ConfigError, readConfig } from './config.ts';

test('nothing set: everything embedded, bound to this machine', () => {
  expect(readConfig({})).toEqual({
    databaseUrl: undefined, clickhouseUrl: undefined, kafkaBrokers: undefined, host: '127.0.0.1', port: 8080, logLevel: 'warn', publicOrigins: [], trustProxy: 0,
  });
  expect(readConfig({ DATABASE_URL: '', KAFKA_BROKERS: '' }).databaseUrl).toBeUndefined();
});

test('every fault is named, and no value is repeated', () => {
  const environment = { DATABASE_URL: 'mysql://root:secret@db', PORT: '70000', KAFKA_BROKERS: 'broker', LOG_LEVEL: 'loud' };
  let error: unknown;
  try {
    readConfig(environment);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ConfigError);
  const { faults, message } = error as ConfigError;
  expect(faults.map((fault) => fault.split(':')[0])).toEqual(['DATABASE_URL', 'KAFKA_BROKERS', 'PORT', 'LOG_LEVEL']);
  expect(message).not.toContain('secret');
});

test('lists are split', () => {
  expect(readConfig({ KAFKA_BROKERS: 'a:9092, b:9093' }).kafkaBrokers).toEqual(['a:9092', 'b:9093']);
});
