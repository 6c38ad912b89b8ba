// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type {
  CloseShiftBody,
  CounterPolicy,
  HandInBody,
  OnlinePayment,
  OpenShiftBody,
  OwnShift,
  PaymentBody,
  PaymentItem,
  PaymentItemList,
  PaymentList,
  PaymentRefundBody,
  Shift,
  ShiftList,
  VendQuote,
} from '@wattledger/contracts/http/billing';
import { Api, type Query } from './api.ts';

/** The counter: shifts, what money buys, online payments. Shapes and meaning: contracts/src/http/billing/cashier.ts, payments.ts. */
@Injectable({ providedIn: 'root' })
export class CounterApi {
  private readonly api = inject(Api);

  ownShift = (projectId: string, abort?: AbortSignal): Promise<OwnShift> =>
    this.api.get(`/api/projects/${projectId}/shifts/mine`, {}, abort);

  shifts = (projectId: string, query: Query, abort?: AbortSignal): Promise<ShiftList> =>
    this.api.get(`/api/projects/${projectId}/shifts`, query, abort);

  openShift = (projectId: string, body: OpenShiftBody, key: string): Promise<Shift> =>
    this.api.post(`/api/projects/${projectId}/shifts`, body, key);

  handIn = (projectId: string, shiftId: string, body: HandInBody, key: string): Promise<Shift> =>
    this.api.post(`/api/projects/${projectId}/shifts/${shiftId}/hand-ins`, body, key);

  closeShift = (projectId: string, shiftId: string, body: CloseShiftBody, key: string): Promise<Shift> =>
    this.api.post(`/api/projects/${projectId}/shifts/${shiftId}/close`, body, key);

  policy = (projectId: string, abort?: AbortSignal): Promise<CounterPolicy> =>
    this.api.get(`/api/projects/${projectId}/counter-policy`, {}, abort);

  setPolicy = (projectId: string, policy: CounterPolicy): Promise<CounterPolicy> =>
    this.api.put(`/api/projects/${projectId}/counter-policy`, policy);

  quote = (projectId: string, accountId: string, abort?: AbortSignal): Promise<VendQuote> =>
    this.api.get(`/api/projects/${projectId}/accounts/${accountId}/vend-quote`, {}, abort);

  payments = (projectId: string, query: Query, abort?: AbortSignal): Promise<PaymentList> =>
    this.api.get(`/api/projects/${projectId}/payments`, query, abort);

  createPayment = (
    projectId: string,
    accountId: string,
    body: PaymentBody,
    key: string,
  ): Promise<OnlinePayment> =>
    this.api.post(`/api/projects/${projectId}/accounts/${accountId}/payments`, body, key);

  checkPayment = (projectId: string, paymentId: string): Promise<OnlinePayment> =>
    this.api.post(`/api/projects/${projectId}/payments/${paymentId}/check`);

  refundPayment = (
    projectId: string,
    paymentId: string,
    body: PaymentRefundBody,
    key: string,
  ): Promise<OnlinePayment> =>
    this.api.post(`/api/projects/${projectId}/payments/${paymentId}/refund`, body, key);

  paymentItems = (projectId: string, abort?: AbortSignal): Promise<PaymentItemList> =>
    this.api.get(`/api/projects/${projectId}/payment-items`, {}, abort);

  settleItem = (projectId: string, itemId: string, note: string): Promise<PaymentItem> =>
    this.api.post(`/api/projects/${projectId}/payment-items/${itemId}/settle`, { note });
}
