// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type {
  AccountChangeAnswer,
  AccountChangeBody,
  AccountDetail,
  AccountHistory,
  AccountProposal,
  AccountRecordList,
  ClosePreview,
  OpeningListAnswer,
  OpeningListBody,
  OpeningTemplate,
  SuspensionBody,
  TenantChangeAnswer,
  TenantChangeBody,
} from '@wattledger/contracts/http/billing';
import { Api, type Query } from './api.ts';

/** What becomes of accounts. Shapes and meaning: contracts/src/http/billing/account-changes.ts. */
@Injectable({ providedIn: 'root' })
export class AccountsApi {
  private readonly api = inject(Api);

  proposal = (projectId: string, query: Query, abort?: AbortSignal): Promise<AccountProposal> =>
    this.api.get(`/api/projects/${projectId}/account-proposal`, query, abort);

  template = (projectId: string): Promise<OpeningTemplate> =>
    this.api.get(`/api/projects/${projectId}/account-openings/template`);

  openList = (projectId: string, body: OpeningListBody, key: string): Promise<OpeningListAnswer> =>
    this.api.post(`/api/projects/${projectId}/account-openings`, body, key);

  records = (projectId: string, query: Query, abort?: AbortSignal): Promise<AccountRecordList> =>
    this.api.get(`/api/projects/${projectId}/account-events`, query, abort);

  history = (projectId: string, accountId: string, abort?: AbortSignal): Promise<AccountHistory> =>
    this.api.get(`/api/projects/${projectId}/accounts/${accountId}/history`, {}, abort);

  closePreview = (projectId: string, accountId: string, closedAtMs: number): Promise<ClosePreview> =>
    this.api.post(`/api/projects/${projectId}/accounts/${accountId}/close-preview`, { closedAtMs });

  change = (
    projectId: string,
    accountId: string,
    body: AccountChangeBody,
    key: string,
  ): Promise<AccountChangeAnswer> =>
    this.api.post(`/api/projects/${projectId}/accounts/${accountId}/changes`, body, key);

  changeTenant = (
    projectId: string,
    accountId: string,
    body: TenantChangeBody,
    key: string,
  ): Promise<TenantChangeAnswer> =>
    this.api.post(`/api/projects/${projectId}/accounts/${accountId}/tenant-change`, body, key);

  suspend = (
    projectId: string,
    accountId: string,
    body: SuspensionBody,
    key: string,
  ): Promise<AccountDetail> =>
    this.api.post(`/api/projects/${projectId}/accounts/${accountId}/suspension`, body, key);

  resume = (
    projectId: string,
    accountId: string,
    body: SuspensionBody,
    key: string,
  ): Promise<AccountDetail> =>
    this.api.post(`/api/projects/${projectId}/accounts/${accountId}/resumption`, body, key);
}
