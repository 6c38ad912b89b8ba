// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type {
  CompanyHeadBody,
  ConsumptionReport,
  DayCloseList,
  DayCloseView,
  DocumentKind,
  DocumentList,
  DocumentTemplate,
  DocumentTemplates,
  OrderList,
  PrintAnswer,
  PrintBody,
  TemplateDraftBody,
  TemplatePreview,
  TemplatePreviewBody,
  TrialBalance,
  VerifyAnswer,
} from '@wattledger/contracts/http/billing';
import { Api, queryString, type Query } from './api.ts';

/** Orders, reports, daily closes, the journal, documents and their templates. */
@Injectable({ providedIn: 'root' })
export class BooksApi {
  private readonly api = inject(Api);
  private readonly base = (projectId: string): string => `/api/projects/${projectId}`;

  /** Address of a file, for a link. */
  file = (projectId: string, name: string, query: Query = {}): string =>
    `${this.base(projectId)}/${name}${queryString(query)}`;

  orders = (projectId: string, query: Query, abort?: AbortSignal): Promise<OrderList> =>
    this.api.get(`${this.base(projectId)}/orders`, query, abort);

  report = (projectId: string, query: Query, abort?: AbortSignal): Promise<ConsumptionReport> =>
    this.api.get(`${this.base(projectId)}/consumption-report`, query, abort);

  trialBalance = (projectId: string, query: Query, abort?: AbortSignal): Promise<TrialBalance> =>
    this.api.get(`${this.base(projectId)}/trial-balance`, query, abort);

  saveChart = (projectId: string, accounts: readonly object[]): Promise<unknown> =>
    this.api.put(`${this.base(projectId)}/chart-of-accounts`, { accounts });

  dayCloses = (projectId: string, abort?: AbortSignal): Promise<DayCloseList> =>
    this.api.get(`${this.base(projectId)}/daily-closes`, {}, abort);

  day = (projectId: string, day: string, abort?: AbortSignal): Promise<DayCloseView> =>
    this.api.get(`${this.base(projectId)}/daily-closes/${day}`, {}, abort);

  answerItem = (projectId: string, day: string, body: { key: string; text: string }): Promise<DayCloseView> =>
    this.api.put(`${this.base(projectId)}/daily-closes/${day}/answers`, body);

  moveDay = (
    projectId: string,
    day: string,
    move: 'close' | 'sign' | 'reopen',
    body: object,
  ): Promise<DayCloseView> => this.api.post(`${this.base(projectId)}/daily-closes/${day}/${move}`, body);

  askProvider = (projectId: string, day: string, provider: string): Promise<unknown> =>
    this.api.post(`${this.base(projectId)}/daily-closes/${day}/provider-payments/${provider}`, {});

  sendProviderFile = (projectId: string, day: string, query: Query, file: Blob): Promise<unknown> =>
    this.api.postFile(
      `${this.base(projectId)}/daily-closes/${day}/provider-payments${queryString(query)}`,
      file,
    );

  documents = (projectId: string, query: Query, abort?: AbortSignal): Promise<DocumentList> =>
    this.api.get(`${this.base(projectId)}/documents`, query, abort);

  print = (projectId: string, documentId: string, body: PrintBody): Promise<PrintAnswer> =>
    this.api.post(`${this.base(projectId)}/documents/${documentId}/prints`, body);

  templates = (projectId: string, abort?: AbortSignal): Promise<DocumentTemplates> =>
    this.api.get(`${this.base(projectId)}/document-templates`, {}, abort);

  draftTemplate = (
    projectId: string,
    kind: DocumentKind,
    body: TemplateDraftBody,
  ): Promise<DocumentTemplate> =>
    this.api.post(`${this.base(projectId)}/document-templates/${kind}/versions`, body);

  activateTemplate = (projectId: string, kind: DocumentKind, version: number): Promise<DocumentTemplate> =>
    this.api.post(`${this.base(projectId)}/document-templates/${kind}/versions/${version}/activate`, {});

  previewTemplate = (
    projectId: string,
    kind: DocumentKind,
    body: TemplatePreviewBody,
  ): Promise<TemplatePreview> =>
    this.api.post(`${this.base(projectId)}/document-templates/${kind}/preview`, body);

  saveHead = (projectId: string, body: CompanyHeadBody): Promise<void> =>
    this.api.put(`${this.base(projectId)}/company-head`, body);

  verify = (code: string, abort?: AbortSignal): Promise<VerifyAnswer> =>
    this.api.get(`/api/verify/${encodeURIComponent(code)}`, {}, abort);
}
