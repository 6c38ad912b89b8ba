// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type {
  MeterCredit,
  MeterCreditList,
  MeterPrepaymentView,
  MeterSideBody,
} from '@wattledger/contracts/http/billing';
import { Api } from './api.ts';

/** Meters that keep the balance themselves. Shapes and meaning: contracts/src/http/billing/meter-prepayment.ts. */
@Injectable({ providedIn: 'root' })
export class MeterPrepaymentApi {
  private readonly api = inject(Api);
  private readonly account = (projectId: string, accountId: string): string =>
    `/api/projects/${projectId}/accounts/${accountId}`;

  view = (projectId: string, accountId: string, abort?: AbortSignal): Promise<MeterPrepaymentView> =>
    this.api.get(`${this.account(projectId, accountId)}/meter-prepayment`, {}, abort);

  set = (
    projectId: string,
    accountId: string,
    meteringPointId: string,
    body: MeterSideBody,
  ): Promise<MeterPrepaymentView> =>
    this.api.put(`${this.account(projectId, accountId)}/meter-prepayment/${meteringPointId}`, body);

  credits = (projectId: string, accountId: string, abort?: AbortSignal): Promise<MeterCreditList> =>
    this.api.get(`${this.account(projectId, accountId)}/meter-credits`, {}, abort);

  retry = (projectId: string, accountId: string, meterCreditId: string, key: string): Promise<MeterCredit> =>
    this.api.post(
      `${this.account(projectId, accountId)}/meter-credits/${meterCreditId}/retry`,
      undefined,
      key,
    );
}
