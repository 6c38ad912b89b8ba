// SPDX-License-Identifier: Apache-2.0
/** Alipay: a QR code the payer scans (precreate), through Ant's own library. Amounts are decimals of CNY. */
import { AlipayRequestError, AlipaySdk, type AlipaySdkCommonResult } from 'alipay-sdk';
import { DateTime } from 'luxon';
import { decimalOfMicros, microsOfDecimal } from './minor-units.ts';
import {
  noticeUnverified,
  providerRefused,
  providerUnreachable,
  type PaymentName,
  type PaymentProvider,
  type ProviderNotice,
  type ProviderPayment,
} from './payment-provider.ts';

export interface AlipayConfig {
  readonly appId: string;
  /** Ours, PKCS#8 or PKCS#1, with or without the armour. */
  readonly privateKey: string;
  readonly alipayPublicKey: string;
  readonly gateway: string | null;
  readonly noticeUrl: string;
}

const currency = 'CNY';
/** Alipay's clock, wherever the project is. */
const alipayZone = 'Asia/Shanghai';
const pageRowsMax = 2000;
const pagesMax = 20;
const success = '10000';

export function createAlipayProvider(config: AlipayConfig): PaymentProvider {
  const sdk = new AlipaySdk({
    appId: config.appId,
    privateKey: config.privateKey,
    alipayPublicKey: config.alipayPublicKey,
    keyType: /BEGIN RSA PRIVATE KEY/.test(config.privateKey) ? 'PKCS1' : 'PKCS8',
    signType: 'RSA2',
    timeout: 20_000,
    ...(config.gateway === null ? {} : { gateway: config.gateway }),
  });
  return {
    name: 'alipay',
    takes: (code) => code === currency,
    noticeAnswer: { contentType: 'text/plain', body: 'success' },
    async create(payment) {
      const answer = await exec(sdk, 'alipay.trade.precreate', {
        notify_url: config.noticeUrl,
        bizContent: {
          out_trade_no: payment.paymentId,
          total_amount: decimalOfMicros(payment.amountMicros, currency),
          subject: payment.title,
          time_expire: alipayTime(payment.expiresAtMs),
          // Comes back with each notice; the project of a payment that is unknown here.
          passback_params: payment.projectId,
        },
      });
      if (answer.code !== success) throw providerRefused('alipay', saidIn(answer));
      const qrText = String(answer['qrCode']);
      return { providerPaymentId: payment.paymentId, checkoutUrl: null, qrText };
    },
    query: async (payment) => await queryAlipay(sdk, payment),
    async refund({ payment, refundId, amountMicros, reason }) {
      const answer = await exec(sdk, 'alipay.trade.refund', {
        bizContent: {
          out_trade_no: payment.providerPaymentId,
          out_request_no: refundId,
          refund_amount: decimalOfMicros(amountMicros, currency),
          refund_reason: reason.slice(0, 200),
        },
      });
      if (answer.code !== success) throw providerRefused('alipay', saidIn(answer));
    },
    listPayments: async (fromMs, toMs) => await listSales(sdk, fromMs, toMs),
    readNotice: async (_headers, rawBody) => await Promise.resolve(readNotice(sdk, config, rawBody)),
  };
}

function readNotice(sdk: AlipaySdk, config: AlipayConfig, rawBody: Buffer): ProviderNotice {
  const notice = Object.fromEntries(new URLSearchParams(rawBody.toString('utf8')));
  // The library would believe the older signature, by SHA-1, if the notice names it.
  if (notice['sign_type'] !== 'RSA2' || !sdk.checkNotifySignV2(notice)) throw noticeUnverified();
  const { notify_id: eventId, out_trade_no: paymentId, refund_fee: refunded } = notice;
  if (notice['app_id'] !== config.appId || eventId === undefined || paymentId === undefined)
    throw noticeUnverified();
  return {
    eventId,
    type: notice['trade_status'] ?? notice['notify_type'] ?? '',
    paymentId,
    providerPaymentId: paymentId,
    // Refunds made at Alipay itself are told here and nowhere else.
    refundedMicros: refunded === undefined || refunded === '' ? null : microsOfDecimal(refunded),
  };
}

async function queryAlipay(sdk: AlipaySdk, payment: PaymentName): Promise<ProviderPayment | null> {
  const { providerPaymentId } = payment;
  const trade = await exec(sdk, 'alipay.trade.query', { bizContent: { out_trade_no: providerPaymentId } });
  // Alipay knows a trade only once somebody has scanned its code.
  if (trade['subCode'] === 'ACQ.TRADE_NOT_EXIST') return null;
  if (trade.code !== success) throw providerUnreachable('alipay');
  const paidAtMs = instantOf(trade['sendPayDate']);
  const paid =
    paidAtMs !== null || ['TRADE_SUCCESS', 'TRADE_FINISHED'].includes(String(trade['tradeStatus']));
  return {
    providerPaymentId,
    paymentId: payment.paymentId,
    projectId: null,
    // Closed is both: not paid in time, and paid back in full.
    state: paid ? 'paid' : trade['tradeStatus'] === 'TRADE_CLOSED' ? 'expired' : 'open',
    receivedMicros: paid ? microsOfDecimal(String(trade['totalAmount'])) : null,
    currency: String(trade['transCurrency'] ?? currency),
    refundedMicros: paid ? await refundedMicros(sdk, payment) : 0,
    paidAtMs,
    feeMicros: null,
  };
}

async function refundedMicros(sdk: AlipaySdk, payment: PaymentName): Promise<number> {
  let sum = 0;
  for (const refundId of payment.refundIds) {
    const refund = await exec(sdk, 'alipay.trade.fastpay.refund.query', {
      bizContent: { out_trade_no: payment.providerPaymentId, out_request_no: refundId },
    });
    if (refund['refundStatus'] === 'REFUND_SUCCESS') sum += microsOfDecimal(String(refund['refundAmount']));
  }
  return sum;
}

async function listSales(sdk: AlipaySdk, fromMs: number, toMs: number): Promise<readonly ProviderPayment[]> {
  const sales: ProviderPayment[] = [];
  for (let page = 1; page <= pagesMax; page += 1) {
    const answer = await exec(sdk, 'alipay.data.bill.sell.query', {
      bizContent: {
        start_time: alipayTime(fromMs),
        // Inclusive there, by whole seconds.
        end_time: alipayTime(toMs - 1000),
        page_no: String(page),
        page_size: String(pageRowsMax),
      },
    });
    if (answer.code !== success) throw providerRefused('alipay', saidIn(answer));
    const rows = (answer['detailList'] ?? []) as readonly Record<string, string | undefined>[];
    sales.push(...rows.flatMap(ofSale));
    if (rows.length < pageRowsMax) return sales;
  }
  throw providerRefused('alipay', `more than ${pageRowsMax * pagesMax} sales in the span`);
}

function ofSale(row: Record<string, string | undefined>): readonly ProviderPayment[] {
  const paidAtMs = instantOf(row['gmtPay']);
  const name = row['merchantOrderNo'] ?? row['alipayOrderNo'];
  if (paidAtMs === null || name === undefined || row['totalAmount'] === undefined) return [];
  const amountOr = (text: string | undefined): number | null =>
    text === undefined || text === '' ? null : microsOfDecimal(text.replace(/^-/, ''));
  return [
    {
      providerPaymentId: name,
      paymentId: row['merchantOrderNo'] ?? null,
      projectId: null,
      state: 'paid',
      receivedMicros: microsOfDecimal(row['totalAmount']),
      currency,
      refundedMicros: amountOr(row['refundAmount']) ?? 0,
      paidAtMs,
      feeMicros: amountOr(row['serviceFee']),
    },
  ];
}

async function exec(
  sdk: AlipaySdk,
  method: string,
  params: Record<string, unknown>,
): Promise<AlipaySdkCommonResult> {
  try {
    return await sdk.exec(method, params, { validateSign: true });
  } catch (error) {
    if (error instanceof AlipayRequestError) throw providerUnreachable('alipay');
    throw error;
  }
}

const saidIn = (answer: AlipaySdkCommonResult): string =>
  String(answer['subMsg'] ?? answer['subCode'] ?? answer.msg);
const alipayTime = (instantMs: number): string =>
  DateTime.fromMillis(instantMs, { zone: alipayZone }).toFormat('yyyy-MM-dd HH:mm:ss');
function instantOf(text: unknown): number | null {
  if (typeof text !== 'string' || text === '') return null;
  const instant = DateTime.fromFormat(text, 'yyyy-MM-dd HH:mm:ss', { zone: alipayZone });
  return instant.isValid ? instant.toMillis() : null;
}
