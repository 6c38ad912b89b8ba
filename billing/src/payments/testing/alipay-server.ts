// SPDX-License-Identifier: Apache-2.0
/** A server on a socket that answers as Alipay's gateway does, and signs with a key made for the test. */
import { createSign, createVerify, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AlipayServer {
  readonly config: {
    readonly appId: string;
    readonly privateKey: string;
    readonly alipayPublicKey: string;
    readonly gateway: string;
  };
  pay(paymentId: string): void;
  /** Requests whose signature was not ours. */
  readonly unsigned: string[];
  notice(fields: Readonly<Record<string, string>>): Buffer;
  stop(): Promise<void>;
}

interface Trade {
  readonly amount: string;
  paid: boolean;
  readonly refunds: Map<string, string>;
}
type Fields = Record<string, string | undefined>;

const keys = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const bare = (pem: string): string => pem.replaceAll(/-----[^-]+-----|\s/g, '');
const signed = (text: string, key: string): string =>
  createSign('RSA-SHA256').update(text).sign(key, 'base64');
const sortedText = (fields: Fields): string =>
  Object.keys(fields)
    .sort()
    .map((name) => `${name}=${fields[name] ?? ''}`)
    .join('&');

export async function startAlipayServer(): Promise<AlipayServer> {
  const [ours, theirs] = [keys(), keys()];
  const appId = '2021000000000001';
  const trades = new Map<string, Trade>();
  const unsigned: string[] = [];

  function answer(method: string, biz: Fields): Readonly<Record<string, unknown>> {
    const done = { code: '10000', msg: 'Success', out_trade_no: biz['out_trade_no'] };
    const trade = trades.get(biz['out_trade_no'] ?? '');
    if (method === 'alipay.trade.precreate') {
      const name = biz['out_trade_no'] ?? '';
      trades.set(name, trade ?? { amount: biz['total_amount'] ?? '', paid: false, refunds: new Map() });
      return { ...done, qr_code: `https://qr.test/${name}` };
    }
    if (method === 'alipay.data.bill.sell.query') {
      const paid = [...trades].filter(([, { paid: isPaid }]) => isPaid);
      return {
        ...done,
        detail_list: paid.map(([name, { amount }]) => ({
          gmt_pay: '2026-03-02 17:00:00',
          merchant_order_no: name,
          total_amount: amount,
          service_fee: '-0.06',
        })),
      };
    }
    if (trade?.paid !== true)
      return { code: '40004', msg: 'Business Failed', sub_code: 'ACQ.TRADE_NOT_EXIST' };
    if (method === 'alipay.trade.refund')
      trade.refunds.set(biz['out_request_no'] ?? '', biz['refund_amount'] ?? '');
    if (method === 'alipay.trade.fastpay.refund.query') {
      const refund = trade.refunds.get(biz['out_request_no'] ?? '');
      return refund === undefined
        ? done
        : { ...done, refund_status: 'REFUND_SUCCESS', refund_amount: refund };
    }
    return {
      ...done,
      trade_status: 'TRADE_SUCCESS',
      total_amount: trade.amount,
      send_pay_date: '2026-03-02 17:00:00',
    };
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const query = Object.fromEntries(new URL(request.url ?? '', 'http://alipay').searchParams);
      const body = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
      const { sign = '', ...fields } = { ...query, ...body } as Fields;
      const verified = createVerify('RSA-SHA256')
        .update(sortedText(fields))
        .verify(ours.publicKey, sign, 'base64');
      if (!verified) unsigned.push(fields['method'] ?? '');
      const method = fields['method'] ?? '';
      const text = JSON.stringify(answer(method, JSON.parse(fields['biz_content'] ?? '{}') as Fields));
      const name = `${method.replaceAll('.', '_')}_response`;
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(`{"${name}":${text},"sign":"${signed(text, theirs.privateKey)}"}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    config: {
      appId,
      privateKey: bare(ours.privateKey),
      alipayPublicKey: bare(theirs.publicKey),
      gateway: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/gateway.do`,
    },
    pay: (paymentId) => {
      const trade = trades.get(paymentId);
      if (trade !== undefined) trade.paid = true;
    },
    unsigned,
    notice(given) {
      const fields = { app_id: appId, ...given };
      const sign = signed(sortedText(fields), theirs.privateKey);
      return Buffer.from(new URLSearchParams({ ...fields, sign, sign_type: 'RSA2' }).toString());
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
