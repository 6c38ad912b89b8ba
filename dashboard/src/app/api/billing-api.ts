// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type {
  AccountDetail,
  AccountList,
  AccountSupply,
  AccountThresholdsBody,
  Charges,
  CloseAccountAnswer,
  CloseAccountBody,
  Closure,
  DryRun,
  Explain,
  Income,
  LedgerPage,
  MonthItems,
  OpenAccountBody,
  PostingDetail,
  PriceNotice,
  PricePreview,
  PricePreviewBody,
  PriceScheme,
  PriceSchemeBody,
  PriceSchemeList,
  PriceSeriesAddition,
  PriceSeriesBody,
  PriceSeriesList,
  PriceVersion,
  PriceVersionBody,
  ReversalBody,
  SettleAccountBody,
  SupplyDecisionList,
  SupplyModeBody,
  SupplyPolicy,
  Vend,
  VendBody,
  VendList,
} from '@wattledger/contracts/http/billing';
import { Api, type Query } from './api.ts';

/** Accounts, ledger, prices, supply. Shapes and meaning: contracts/src/http/billing.ts. */
@Injectable({ providedIn: 'root' })
export class BillingApi {
  private readonly api = inject(Api);

  accounts = (projectId: string, query: Query, abort?: AbortSignal): Promise<AccountList> =>
    this.api.get(`/api/projects/${projectId}/accounts`, query, abort);

  account = (projectId: string, accountId: string, abort?: AbortSignal): Promise<AccountDetail> =>
    this.api.get(`/api/projects/${projectId}/accounts/${accountId}`, {}, abort);

  openAccount = (projectId: string, body: OpenAccountBody, key: string): Promise<AccountDetail> =>
    this.api.post(`/api/projects/${projectId}/accounts`, body, key);

  closeAccount = (
    projectId: string,
    accountId: string,
    body: CloseAccountBody,
    key: string,
  ): Promise<CloseAccountAnswer> =>
    this.api.post(`/api/projects/${projectId}/accounts/${accountId}/close`, body, key);

  settleAccount = (
    projectId: string,
    accountId: string,
    body: SettleAccountBody,
    key: string,
  ): Promise<CloseAccountAnswer> =>
    this.api.post(`/api/projects/${projectId}/accounts/${accountId}/settlement`, body, key);

  setThresholds = (
    projectId: string,
    accountId: string,
    body: AccountThresholdsBody,
  ): Promise<AccountDetail> =>
    this.api.put(`/api/projects/${projectId}/accounts/${accountId}/thresholds`, body);

  ledger = (projectId: string, accountId: string, query: Query, abort?: AbortSignal): Promise<LedgerPage> =>
    this.api.get(`/api/projects/${projectId}/accounts/${accountId}/ledger`, query, abort);

  posting = (
    projectId: string,
    accountId: string,
    postingId: string,
    abort?: AbortSignal,
  ): Promise<PostingDetail> =>
    this.api.get(`/api/projects/${projectId}/accounts/${accountId}/ledger/${postingId}`, {}, abort);

  charges = (projectId: string, accountId: string, query: Query, abort?: AbortSignal): Promise<Charges> =>
    this.api.get(`/api/projects/${projectId}/accounts/${accountId}/charges`, query, abort);

  explain = (projectId: string, accountId: string, query: Query, abort?: AbortSignal): Promise<Explain> =>
    this.api.get(`/api/projects/${projectId}/accounts/${accountId}/charges/explain`, query, abort);

  monthItems = (
    projectId: string,
    accountId: string,
    query: Query,
    abort?: AbortSignal,
  ): Promise<MonthItems> =>
    this.api.get(`/api/projects/${projectId}/accounts/${accountId}/charges/items`, query, abort);

  vend = (projectId: string, accountId: string, body: VendBody, key: string): Promise<Vend> =>
    this.api.post(`/api/projects/${projectId}/accounts/${accountId}/vends`, body, key);

  reverse = (
    projectId: string,
    accountId: string,
    vendId: string,
    body: ReversalBody,
    key: string,
  ): Promise<Vend> =>
    this.api.post(`/api/projects/${projectId}/accounts/${accountId}/vends/${vendId}/reversal`, body, key);

  vends = (projectId: string, query: Query, abort?: AbortSignal): Promise<VendList> =>
    this.api.get(`/api/projects/${projectId}/vends`, query, abort);

  accountVends = (
    projectId: string,
    accountId: string,
    query: Query,
    abort?: AbortSignal,
  ): Promise<VendList> =>
    this.api.get(`/api/projects/${projectId}/accounts/${accountId}/vends`, query, abort);

  setSupplyMode = (projectId: string, accountId: string, body: SupplyModeBody): Promise<AccountSupply> =>
    this.api.put(`/api/projects/${projectId}/accounts/${accountId}/supply-mode`, body);

  priceSchemes = (projectId: string, abort?: AbortSignal): Promise<PriceSchemeList> =>
    this.api.get(`/api/projects/${projectId}/price-schemes`, {}, abort);

  addPriceScheme = (projectId: string, body: PriceSchemeBody, key: string): Promise<PriceScheme> =>
    this.api.post(`/api/projects/${projectId}/price-schemes`, body, key);

  draftPriceVersion = (
    projectId: string,
    schemeId: string,
    body: PriceVersionBody,
    key: string,
  ): Promise<PriceVersion> =>
    this.api.post(`/api/projects/${projectId}/price-schemes/${schemeId}/versions`, body, key);

  previewPriceVersion = (
    projectId: string,
    schemeId: string,
    body: PricePreviewBody,
  ): Promise<PricePreview> =>
    this.api.post(`/api/projects/${projectId}/price-schemes/${schemeId}/versions/preview`, body);

  priceSeries = (projectId: string, abort?: AbortSignal): Promise<PriceSeriesList> =>
    this.api.get(`/api/projects/${projectId}/price-series`, {}, abort);

  addPriceSeries = (projectId: string, body: PriceSeriesBody, key: string): Promise<PriceSeriesAddition> =>
    this.api.post(`/api/projects/${projectId}/price-series`, body, key);

  movePriceVersion = (
    projectId: string,
    schemeId: string,
    versionId: string,
    move: 'submit' | 'approve' | 'withdraw',
  ): Promise<PriceVersion> =>
    this.api.post(`/api/projects/${projectId}/price-schemes/${schemeId}/versions/${versionId}/${move}`, {});

  priceNotice = (
    projectId: string,
    schemeId: string,
    versionId: string,
    abort?: AbortSignal,
  ): Promise<PriceNotice> =>
    this.api.get(
      `/api/projects/${projectId}/price-schemes/${schemeId}/versions/${versionId}/notice`,
      {},
      abort,
    );

  supplyPolicy = (projectId: string, abort?: AbortSignal): Promise<SupplyPolicy> =>
    this.api.get(`/api/projects/${projectId}/supply-policy`, {}, abort);

  setSupplyPolicy = (projectId: string, policy: SupplyPolicy): Promise<SupplyPolicy> =>
    this.api.put(`/api/projects/${projectId}/supply-policy`, policy);

  decisions = (projectId: string, query: Query, abort?: AbortSignal): Promise<SupplyDecisionList> =>
    this.api.get(`/api/projects/${projectId}/supply-decisions`, query, abort);

  dryRun = (projectId: string, query: Query, abort?: AbortSignal): Promise<DryRun> =>
    this.api.get(`/api/projects/${projectId}/supply-dry-run`, query, abort);

  income = (projectId: string, query: Query, abort?: AbortSignal): Promise<Income> =>
    this.api.get(`/api/projects/${projectId}/income`, query, abort);

  closure = (projectId: string, query: Query, abort?: AbortSignal): Promise<Closure> =>
    this.api.get(`/api/projects/${projectId}/charges-closure`, query, abort);
}
