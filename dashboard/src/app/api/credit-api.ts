// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type {
  AccountCredit,
  AllocationPreview,
  ArrearsAgreement,
  ArrearsAgreementBody,
  ArrearsList,
  EmergencyPolicy,
  ProtectionCalendar,
  ProtectionCalendarBody,
  ProtectionCalendarList,
  ReadDaysAnswer,
  ReadDaysBody,
  SharedCostBody,
  SharedCostList,
  SharedCostRule,
  SharedCostRunBody,
  SharedCostSheet,
  SharedCostVersionBody,
} from '@wattledger/contracts/http/billing';
import { Api, type Query } from './api.ts';

/** Arrears, emergency credit, calendars of protection, shared costs. Shapes and meaning: contracts/src/http/billing. */
@Injectable({ providedIn: 'root' })
export class CreditApi {
  private readonly api = inject(Api);

  credit = (projectId: string, accountId: string, abort?: AbortSignal): Promise<AccountCredit> =>
    this.api.get(`/api/projects/${projectId}/accounts/${accountId}/credit`, {}, abort);

  takeEmergency = (projectId: string, accountId: string, key: string): Promise<AccountCredit> =>
    this.api.post(
      `/api/projects/${projectId}/accounts/${accountId}/emergency-credit`,
      { byTenant: true },
      key,
    );

  preview = (
    projectId: string,
    accountId: string,
    amountMicros: number,
    abort?: AbortSignal,
  ): Promise<AllocationPreview> =>
    this.api.get(
      `/api/projects/${projectId}/accounts/${accountId}/allocation-preview`,
      { amountMicros },
      abort,
    );

  arrears = (projectId: string, query: Query, abort?: AbortSignal): Promise<ArrearsList> =>
    this.api.get(`/api/projects/${projectId}/arrears-agreements`, query, abort);

  agree = (
    projectId: string,
    accountId: string,
    body: ArrearsAgreementBody,
    key: string,
  ): Promise<ArrearsAgreement> =>
    this.api.post(`/api/projects/${projectId}/accounts/${accountId}/arrears-agreements`, body, key);

  /** Ends an agreement, or forgives an amount of it. */
  endArrears = (
    projectId: string,
    agreementId: string,
    body: { readonly reason: string; readonly amountMicros?: number },
    key: string,
  ): Promise<ArrearsAgreement> => {
    const way = body.amountMicros === undefined ? 'end' : 'write-down';
    return this.api.post(`/api/projects/${projectId}/arrears-agreements/${agreementId}/${way}`, body, key);
  };

  emergencyPolicy = (projectId: string, abort?: AbortSignal): Promise<EmergencyPolicy> =>
    this.api.get(`/api/projects/${projectId}/emergency-credit-policy`, {}, abort);

  setEmergencyPolicy = (projectId: string, policy: EmergencyPolicy): Promise<EmergencyPolicy> =>
    this.api.put(`/api/projects/${projectId}/emergency-credit-policy`, policy);

  calendars = (projectId: string, abort?: AbortSignal): Promise<ProtectionCalendarList> =>
    this.api.get(`/api/projects/${projectId}/protection-calendars`, {}, abort);

  saveCalendar = (
    projectId: string,
    calendarId: string | null,
    body: ProtectionCalendarBody,
    key: string,
  ): Promise<ProtectionCalendar> =>
    calendarId === null
      ? this.api.post(`/api/projects/${projectId}/protection-calendars`, body, key)
      : this.api.put(`/api/projects/${projectId}/protection-calendars/${calendarId}`, body);

  removeCalendar = (projectId: string, calendarId: string): Promise<void> =>
    this.api.delete(`/api/projects/${projectId}/protection-calendars/${calendarId}`);

  readDays = (projectId: string, body: ReadDaysBody, key: string): Promise<ReadDaysAnswer> =>
    this.api.post(`/api/projects/${projectId}/protection-calendars/read-days`, body, key);

  sharedCosts = (projectId: string, abort?: AbortSignal): Promise<SharedCostList> =>
    this.api.get(`/api/projects/${projectId}/shared-costs`, {}, abort);

  addRule = (projectId: string, body: SharedCostBody, key: string): Promise<SharedCostRule> =>
    this.api.post(`/api/projects/${projectId}/shared-costs`, body, key);

  draftVersion = (
    projectId: string,
    ruleId: string,
    body: SharedCostVersionBody,
    key: string,
  ): Promise<SharedCostRule> =>
    this.api.post(`/api/projects/${projectId}/shared-costs/${ruleId}/versions`, body, key);

  moveVersion = (
    projectId: string,
    ruleId: string,
    versionId: string,
    move: 'approve' | 'withdraw',
  ): Promise<SharedCostRule> =>
    this.api.post(`/api/projects/${projectId}/shared-costs/${ruleId}/versions/${versionId}/${move}`, {});

  sheet = (
    projectId: string,
    ruleId: string,
    query: { readonly month: string; readonly invoiceMicros?: number; readonly runId?: string },
    abort?: AbortSignal,
  ): Promise<SharedCostSheet> => {
    const { runId, ...question } = query;
    const base = `/api/projects/${projectId}/shared-costs/${ruleId}`;
    return runId === undefined
      ? this.api.get(`${base}/dry-run`, question, abort)
      : this.api.get(`${base}/runs/${runId}`, {}, abort);
  };

  postRun = (
    projectId: string,
    ruleId: string,
    body: SharedCostRunBody,
    key: string,
  ): Promise<SharedCostSheet> =>
    this.api.post(`/api/projects/${projectId}/shared-costs/${ruleId}/runs`, body, key);

  reverseRun = (
    projectId: string,
    ruleId: string,
    runId: string,
    reason: string,
    key: string,
  ): Promise<SharedCostSheet> =>
    this.api.post(
      `/api/projects/${projectId}/shared-costs/${ruleId}/runs/${runId}/reversal`,
      { reason },
      key,
    );
}
