// SPDX-License-Identifier: Apache-2.0
/** Ids are text: a prefix that tells the kind, then 16 random characters (80 bits) without look-alikes. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
export const idPrefixes = {
  project: 'prj',
  place: 'plc',
  gateway: 'gtw',
  meter: 'mtr',
  meteringPoint: 'pnt',
  segment: 'seg',
  tenant: 'tnt',
  staff: 'stf',
  session: 'ses',
  apiKey: 'key',
  account: 'acc',
  accountChange: 'ach',
  vend: 'vnd',
  posting: 'pst',
  pendingPayment: 'ppm',
  payment: 'pay',
  paymentRefund: 'prf',
  paymentItem: 'pit',
  shift: 'shf',
  handIn: 'hin',
  priceScheme: 'psc',
  priceVersion: 'pvr',
  priceSeries: 'pse',
  priceReplay: 'prp',
  decision: 'dec',
  command: 'cmd',
  commandBatch: 'bat',
  alarm: 'alm',
  alarmScheme: 'asc',
  notice: 'ntc',
  importJob: 'imp',
  mountingChange: 'mch',
  document: 'doc',
  dayClose: 'dcl',
  arrearsAgreement: 'arr',
  emergencyCredit: 'emc',
  protectionCalendar: 'pca',
  sharedCostRule: 'scr',
  sharedCostVersion: 'scv',
  sharedCostRun: 'scn',
  meterCredit: 'mcr',
} as const;
export type IdKind = keyof typeof idPrefixes;
export function newId(kind: IdKind): string {
  const bytes = new Uint8Array(16);
  globalThis.crypto.getRandomValues(bytes);
  let id = `${idPrefixes[kind]}_`;
  for (const byte of bytes) id += alphabet[byte & 31];
  return id;
}
export const idPattern = /^[a-z0-9][a-z0-9_-]{0,63}$/;
