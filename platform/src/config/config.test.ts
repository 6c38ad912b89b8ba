// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import { ConfigError, describeConfig, readConfig } from './config.ts';

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

test('an empty environment is one machine with everything embedded', () => {
  expect(readConfig({ PATH: '/bin', KAFKA_BROKERS: '' })).toEqual({
    databaseUrl: undefined,
    clickhouseUrl: undefined,
    clickhouseCluster: undefined,
    kafkaBrokers: undefined,
    kafka: { tls: false, credentials: null, replication: 1 },
    logPartitions: 1,
    host: '127.0.0.1',
    port: 8080,
    publicOrigins: [],
    trustProxy: 0,
    logLevel: 'warn',
    channels: { smtp: null, sms: null, webhook: null },
    callers: { zone: 'UTC', acrelUploadPort: null, dialInPort: null, mqttBroker: null, mqttClient: null },
    payments: { stripe: null, alipay: null },
    meterPrepayment: { trialKeys: null },
  });
});

test('ports for devices that call in; a broker needs a password, and no secret shows', () => {
  const given = { CALLERS_ZONE: 'Asia/Shanghai', ACREL_UPLOAD_PORT: 'off', DIAL_IN_PORT: '7000' };
  const secret = 'not for everybody';
  expect(readConfig({ ...given, MQTT_PORT: '1883', MQTT_SECRET: secret }).callers).toEqual({
    zone: 'Asia/Shanghai',
    acrelUploadPort: 'off',
    dialInPort: 7000,
    mqttBroker: { port: 1883, secret, passwordsFile: null, tlsFiles: null },
    mqttClient: null,
  });
  const faults = faultsOf({
    CALLERS_ZONE: 'Mars',
    MQTT_PORT: '1883',
    MQTT_TLS_KEY: 'k',
    MQTT_BROKER_URL: 'http://u:hunter2@x',
  });
  expect(faults.map((fault) => fault.split(':')[0])).toEqual([
    'CALLERS_ZONE',
    'MQTT_BROKER_URL',
    'MQTT_PORT',
    'MQTT_TLS_CERT',
  ]);
  expect(faultsOf({ MQTT_SECRET: 'hunter2' }).join()).not.toContain('hunter2');
  expect(faults.join()).not.toContain('hunter2');
});

test('channels are whole or not at all, and what is wrong with a secret does not show it', () => {
  expect(
    readConfig({
      SMTP_URL: 'smtp://u:p@mail:587',
      SMTP_FROM: 'Wattledger <a@example.com>',
      SMS_PROVIDER: 'twilio',
      TWILIO_ACCOUNT_SID: 'AC1',
      TWILIO_AUTH_TOKEN: 'tok',
      TWILIO_FROM: '+15550001111',
      WEBHOOK_SECRET: '0123456789abcdef',
    }).channels,
  ).toEqual({
    smtp: { url: 'smtp://u:p@mail:587', from: 'Wattledger <a@example.com>' },
    sms: { provider: 'twilio', accountSid: 'AC1', authToken: 'tok', from: '+15550001111', endpoint: null },
    webhook: { secret: '0123456789abcdef', allowPrivate: false },
  });
  expect(() => readConfig({ SMTP_URL: 'smtp://u:p@mail' })).toThrow('SMTP_FROM');
  expect(() => readConfig({ SMS_PROVIDER: 'aliyun' })).toThrow('ALIYUN_ACCESS_KEY_SECRET');
  expect(() => readConfig({ WEBHOOK_SECRET: 'too-short-word' })).toThrow(
    /WEBHOOK_SECRET(?!.*too-short-word)/,
  );
});

test('payment providers are whole or not at all, and know where payers come back to', () => {
  const stripe = { STRIPE_SECRET_KEY: 'sk_test_hunter2', STRIPE_WEBHOOK_SECRET: 'whsec_hunter2' };
  expect(readConfig({ ...stripe, PUBLIC_ORIGINS: 'https://a.example' }).payments).toEqual({
    stripe: { secretKey: 'sk_test_hunter2', webhookSecret: 'whsec_hunter2', endpoint: null },
    alipay: null,
  });
  const faults = faultsOf({ STRIPE_SECRET_KEY: 'sk_test_hunter2', ALIPAY_APP_ID: 'hunter2 is not digits' });
  expect([...new Set(faults.map((fault) => fault.split(':')[0]))].sort()).toEqual([
    'ALIPAY_APP_ID',
    'ALIPAY_PRIVATE_KEY_SECRET',
    'ALIPAY_PUBLIC_KEY',
    'PUBLIC_ORIGINS',
    'STRIPE_WEBHOOK_SECRET',
  ]);
  expect(faultsOf({ ...stripe, STRIPE_SECRET_KEY: 'hunter2' }).join()).not.toContain('hunter2');
});

test('keys of STS meters are taken for trials only', () => {
  const secrets = { STS_TRIAL_SECRETS: '123456:abababababababab, 654321:0123456789ABCDEF' };
  expect(readConfig({}).meterPrepayment).toEqual({ trialKeys: null });
  expect(readConfig({ ...secrets, STS_TRIAL: 'on' }).meterPrepayment).toEqual({
    trialKeys: { '123456': 'abababababababab', '654321': '0123456789ABCDEF' },
  });
  expect(faultsOf(secrets).join()).toMatch(/STS_TRIAL_SECRETS: keys in the environment are for trials/);
  const faults = faultsOf({ STS_TRIAL: 'on', STS_TRIAL_SECRETS: '123456:hunter2' }).join();
  expect(faults).toMatch(/STS_TRIAL_SECRETS/);
  expect(faults).not.toContain('hunter2');
});

test('servers', () => {
  const config = readConfig({
    DATABASE_URL: 'postgres://u:p@db/wattledger',
    CLICKHOUSE_URL: 'https://ch:8443/w',
    KAFKA_BROKERS: 'a:9092, b:9092',
    KAFKA_TLS: 'on',
    KAFKA_USERNAME: 'u',
    KAFKA_PASSWORD: 'p',
    KAFKA_REPLICATION: '3',
    PUBLIC_ORIGINS: 'https://a.example,https://b.example',
    PORT: '0',
  });
  expect(config.kafka).toEqual({ tls: true, credentials: { username: 'u', password: 'p' }, replication: 3 });
  expect(config).toMatchObject({
    kafkaBrokers: ['a:9092', 'b:9092'],
    logPartitions: 12,
    publicOrigins: ['https://a.example', 'https://b.example'],
    port: 0,
  });
});

test('every fault is named at once, and no secret is repeated', () => {
  const faults = faultsOf({
    DATABASE_URL: 'mysql://root:hunter2@db',
    PORT: '99999',
    LOG_LEVEL: 'loud',
    KAFKA_PASSWORD: 'hunter2',
  });
  expect(faults.map((fault) => fault.split(':')[0])).toEqual([
    'DATABASE_URL',
    'PORT',
    'LOG_LEVEL',
    'KAFKA_USERNAME',
  ]);
  expect(faults.join()).not.toContain('hunter2');
  expect(faults[1]).toContain('0 to 65535');
});

test('a shared log needs a shared database', () => {
  expect(faultsOf({ KAFKA_BROKERS: 'a:9092' })).toEqual([expect.stringMatching(/^DATABASE_URL: /)]);
});

test('every variable says what it means', () => {
  for (const { variable, meaning } of describeConfig())
    expect([variable, meaning.length > 5]).toEqual([variable, true]);
});
