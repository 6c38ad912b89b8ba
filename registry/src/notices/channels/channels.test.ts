// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: providers take what we send, and what they refuse is told apart. Method: HTTP servers that check the signature by
 * a way of their own; the example of Aliyun's documentation as the reference of its signature.
 */
import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '@wattledger/platform';
import { fillNotice } from '../fill-notice.ts';
import { startReceiver, type Receiver } from '../testing/receivers.ts';
import { createAliyunSms, signAcs } from './aliyun-sms.ts';
import { createEmailChannel } from './email-channel.ts';
import type { Message } from './channel.ts';
import { isPrivateAddress } from './private-address.ts';
import { createTwilioSms } from './twilio-sms.ts';
import { createWebhookChannel } from './webhook-channel.ts';

const filled = fillNotice(
  {
    ...{
      kind: 'low-balance-2',
      severity: 'warning',
      subjectName: 'P-1',
      projectName: '广场',
      placeName: '3F',
    },
    ...{
      tenantName: 'Lotus',
      currency: 'CNY',
      zone: 'Asia/Shanghai',
      atMs: 0,
      facts: { balanceMicros: '1990000' },
    },
  },
  'zh',
);
const message: Message = {
  ...{
    id: 'ntc_1',
    to: '+8613900000000',
    recipient: 'Lotus',
    subject: 's',
    text: '余额 (!*) 不足',
    language: 'zh',
  },
  filled,
  about: { event: 'tenant' },
};

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.stop();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answer(200);
});
const origin = (): string => new URL(receiver.url).origin;

describe('Aliyun', () => {
  const keys = { accessKeyId: 'YourAccessKeyId', accessKeySecret: 'YourAccessKeySecret' };
  const sms = () =>
    createAliyunSms(
      { provider: 'aliyun', ...keys, signName: '电表', templateCode: 'SMS_1', endpoint: origin() },
      systemClock,
    );

  test('the signature is that of the documentation for the documentation’s request', () => {
    const { queryString, headers } = signAcs(
      {
        method: 'POST',
        host: 'ecs.cn-shanghai.aliyuncs.com',
        action: 'RunInstances',
        version: '2014-05-26',
        query: {
          RegionId: 'cn-shanghai',
          ImageId: 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd',
        },
        date: '2023-10-26T10:22:32Z',
        nonce: '3156853299f313e23d1673dc12e1703d',
      },
      keys,
    );
    expect(queryString).toBe(
      'ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai',
    );
    expect(headers['authorization']).toContain(
      'Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
    );
  });

  test('a message is signed over what arrives, and the provider’s words are kept', async () => {
    receiver.answer(200, JSON.stringify({ Code: 'OK', BizId: '900^0', Message: 'OK' }));
    expect(await sms().send(message)).toEqual({ ok: true, answer: 'OK 900^0' });
    const [call] = receiver.received;
    expect(call?.headers['authorization']).toContain(`Signature=${acsOf(call, keys.accessKeySecret)}`);
    const query = new URL(call?.path ?? '', origin()).searchParams;
    expect(query.get('PhoneNumbers')).toBe('13900000000');
    expect(query.get('SignName')).toBe('电表');
    expect(JSON.parse(query.get('TemplateParam') ?? '')).toMatchObject({
      alarm: '余额严重不足',
      balance: '¥1.99',
    });
  });

  test('a bad number is refused for good, a busy provider is not', async () => {
    receiver.answer(400, JSON.stringify({ Code: 'isv.MOBILE_NUMBER_ILLEGAL', Message: 'bad number' }));
    expect(await sms().send(message)).toMatchObject({ ok: false, permanent: true });
    receiver.answer(200, JSON.stringify({ Code: 'isv.BUSINESS_LIMIT_CONTROL', Message: '触发流控' }));
    expect(await sms().send(message)).toMatchObject({
      ok: false,
      permanent: false,
      answer: expect.stringContaining('触发流控'),
    });
  });
});

/** The signature of a request as it arrived, by the text of the documentation and not by our code. */
function acsOf(call: Receiver['received'][number] | undefined, secret: string): string {
  if (call === undefined) return 'nothing arrived';
  const [path = '', query = ''] = call.path.split('?');
  const names = /SignedHeaders=([^,]+)/.exec(call.headers['authorization'] ?? '')?.[1] ?? '';
  let text = `${call.method}\n${path}\n${query}\n`;
  for (const name of names.split(';')) text += `${name}:${String(call.headers[name])}\n`;
  text += `\n${names}\n${createHash('sha256').update(call.body).digest('hex')}`;
  const digest = createHash('sha256').update(text).digest('hex');
  return createHmac('sha256', secret).update(`ACS3-HMAC-SHA256\n${digest}`).digest('hex');
}

test('Twilio is told with the account’s credentials, and its refusals are told apart', async () => {
  const sms = createTwilioSms({
    ...{ provider: 'twilio', accountSid: 'AC1', authToken: 'tok', from: '+15550001111', endpoint: origin() },
  });
  receiver.answer(201, JSON.stringify({ sid: 'SM1', status: 'queued' }));
  expect(await sms.send(message)).toEqual({ ok: true, answer: 'SM1 queued' });
  const [call] = receiver.received;
  expect(call?.path).toBe('/2010-04-01/Accounts/AC1/Messages.json');
  expect(call?.headers['authorization']).toBe(`Basic ${btoa('AC1:tok')}`);
  expect(Object.fromEntries(new URLSearchParams(call?.body))).toEqual({
    To: '+8613900000000',
    From: '+15550001111',
    Body: '余额 (!*) 不足',
  });
  receiver.answer(400, JSON.stringify({ code: 21_211, message: 'The To number is not valid' }));
  expect(await sms.send(message)).toEqual({
    ok: false,
    permanent: true,
    answer: '400 21211 The To number is not valid',
  });
  receiver.answer(429, '{}');
  expect(await sms.send(message)).toMatchObject({ ok: false, permanent: false });
});

describe('webhooks', () => {
  const hook = (allowPrivate: boolean) =>
    createWebhookChannel({ secret: 'k'.repeat(16), allowPrivate }, systemClock);
  test('private addresses are refused, written as numbers or as names', async () => {
    const { port } = new URL(receiver.url);
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '2130706433',
      '0x7f.1',
      '0.0.0.0',
    ]) {
      const outcome = await hook(false).send({ ...message, to: `http://${host}:${port}/hook` });
      expect({ host, outcome }).toMatchObject({
        outcome: { ok: false, answer: expect.stringContaining('private') },
      });
    }
    expect(receiver.received).toEqual([]);
    expect(await hook(true).send({ ...message, to: receiver.url })).toMatchObject({ ok: true });
  });
  test('a redirection is not followed', async () => {
    receiver.answer(302, '', { location: `${receiver.url}2` });
    expect(await hook(true).send({ ...message, to: receiver.url })).toMatchObject({
      ok: false,
      permanent: true,
    });
    expect(receiver.received).toHaveLength(1);
  });
  test('addresses of the own network', () => {
    for (const address of [
      '10.1.2.3',
      '172.31.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      'fd00::1',
      'fe80::1',
    ])
      expect({ address, inner: isPrivateAddress(address) }).toEqual({ address, inner: true });
    for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1111'])
      expect({ address, inner: isPrivateAddress(address) }).toEqual({ address, inner: false });
  });
});

test('a mail server that is not there is an outcome with words, without the password', async () => {
  const mail = createEmailChannel({ url: 'smtp://user:hidden-word@127.0.0.1:1', from: 'a@example.com' });
  const outcome = await mail.send({ ...message, to: 'b@example.com' });
  expect(outcome).toMatchObject({ ok: false, permanent: false });
  expect(JSON.stringify(outcome)).not.toContain('hidden-word');
});
