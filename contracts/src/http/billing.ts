// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP shapes of billing: accounts, ledger, charges, vends ("top up" on screens), prices, supply. All paths begin with
 * /api/projects/{projectId}. Instants are whole milliseconds (`…Ms`), money whole micros (`…Micros`, 10⁻⁶ of the
 * project's currency), consumption whole base units (Wh, l, dm³), days local days of the project's zone.
 *
 * Every POST that moves money needs the caller's own id: header `Idempotency-Key` (or `requestId` in the body). The
 * same id again with the same contents gives the same answer; with other contents it is refused (409 request-id-reused).
 */
export * from './billing/vocabulary.ts';
export * from './billing/accounts.ts';
export * from './billing/account-changes.ts';
export * from './billing/ledger.ts';
export * from './billing/charges.ts';
export * from './billing/vends.ts';
export * from './billing/cashier.ts';
export * from './billing/payments.ts';
export * from './billing/prices.ts';
export * from './billing/price-series.ts';
export * from './billing/price-preview.ts';
export * from './billing/replay.ts';
export * from './billing/supply.ts';
export * from './billing/arrears.ts';
export * from './billing/emergency-credit.ts';
export * from './billing/shared-costs.ts';
export * from './billing/meter-prepayment.ts';
export * from './billing/books.ts';
export * from './billing/documents.ts';
export * from './billing/daily-close.ts';
export * from './billing/reports.ts';
