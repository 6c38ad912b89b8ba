// SPDX-License-Identifier: Apache-2.0
/** Words of the built-in documents in both languages. A template names them as {{words.receipt}}. */
import type { DocumentCopy, DocumentKind, DocumentLanguage } from '@wattledger/contracts/http/billing';

export const kindTitles: Readonly<Record<DocumentLanguage, Readonly<Record<DocumentKind, string>>>> = {
  en: {
    sale: 'Receipt',
    reversal: 'Reversal of a receipt',
    refund: 'Refund',
    opening: 'Opening of an account',
    closing: 'Closing of an account',
    'shared-cost': 'Shared costs',
    'cash-shift': 'Cashier shift',
    'day-close': 'Daily close',
  },
  zh: {
    sale: '充值收据',
    reversal: '收据冲正单',
    refund: '退款单',
    opening: '开户单',
    closing: '销户单',
    'shared-cost': '公摊费用单',
    'cash-shift': '收银交班单',
    'day-close': '日结单',
  },
};

export const copyNames: Readonly<Record<DocumentLanguage, Readonly<Record<DocumentCopy, string>>>> = {
  en: { tenant: 'Copy for the tenant', finance: 'Copy for finance', archive: 'Copy for the archive' },
  zh: { tenant: '第一联 客户联', finance: '第二联 财务联', archive: '第三联 存档联' },
};

const en = {
  number: 'Number',
  date: 'Date',
  tenant: 'Tenant',
  rooms: 'Rooms',
  point: 'Metering point',
  meter: 'Meter',
  reading: 'Reading',
  scheme: 'Price scheme',
  price: 'Price',
  amount: 'Amount',
  means: 'Means of payment',
  reference: 'Reference',
  arrears: 'of it for arrears',
  emergency: 'of it for emergency credit',
  toBalance: 'of it to the balance',
  balanceAfter: 'Balance after',
  reason: 'Reason',
  concerns: 'Concerns number',
  issuedBy: 'Issued by',
  signature: 'Signature',
  verify: 'Check this document',
  reprint: 'Reprint',
  preview: 'Preview – not a document',
  taxNumber: 'Tax number',
  cut: 'cut here',
};
type WordName = keyof typeof en;
const zh: Readonly<Record<WordName, string>> = {
  number: '编号',
  date: '日期',
  tenant: '客户',
  rooms: '房间',
  point: '计量点',
  meter: '表号',
  reading: '表读数',
  scheme: '电价方案',
  price: '单价',
  amount: '金额',
  means: '付款方式',
  reference: '凭证号',
  arrears: '其中偿还欠费',
  emergency: '其中偿还应急额度',
  toBalance: '其中计入余额',
  balanceAfter: '操作后余额',
  reason: '原因',
  concerns: '对应编号',
  issuedBy: '经办人',
  signature: '签字',
  verify: '核验此单据',
  reprint: '补打',
  preview: '预览，非正式单据',
  taxNumber: '税号',
  cut: '沿此线裁剪',
};
export const words: Readonly<Record<DocumentLanguage, Readonly<Record<WordName, string>>>> = { en, zh };

export const meansNames: Readonly<Record<DocumentLanguage, Readonly<Record<string, string>>>> = {
  en: { cash: 'Cash', card: 'Card', transfer: 'Transfer', cheque: 'Cheque', online: 'Online' },
  zh: { cash: '现金', card: '刷卡', transfer: '转账', cheque: '支票', online: '在线支付' },
};
export const periodNames: Readonly<Record<DocumentLanguage, Readonly<Record<string, string>>>> = {
  en: { tip: 'tip', peak: 'peak', flat: 'flat', valley: 'valley', 'deep-valley': 'deep valley' },
  zh: { tip: '尖', peak: '峰', flat: '平', valley: '谷', 'deep-valley': '深谷' },
};
