// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type {
  Compensations,
  PriceList,
  PriceReplay,
  PriceReplayBody,
  PriceReplayList,
  ReplayAccount,
  ReplayRows,
} from '@wattledger/contracts/http/billing';
import { Api, type Query } from './api.ts';

export interface VersionKey {
  readonly projectId: string;
  readonly priceSchemeId: string;
  readonly priceVersionId: string;
}

/** What a version would have cost, and the lists of differences of versions of the past. */
@Injectable({ providedIn: 'root' })
export class ReplayApi {
  private readonly api = inject(Api);

  /** Address of a file, for a link: 'list.csv', 'replays/…/rows.csv'. */
  file = (version: VersionKey, name: string): string => `${base(version)}/${name}`;

  replays = (version: VersionKey, abort?: AbortSignal): Promise<PriceReplayList> =>
    this.api.get(`${base(version)}/replays`, {}, abort);

  start = (version: VersionKey, body: PriceReplayBody, key: string): Promise<PriceReplay> =>
    this.api.post(`${base(version)}/replays`, body, key);

  cancel = (version: VersionKey, replayId: string): Promise<PriceReplay> =>
    this.api.post(`${base(version)}/replays/${replayId}/cancel`);

  rows = (version: VersionKey, replayId: string, query: Query, abort?: AbortSignal): Promise<ReplayRows> =>
    this.api.get(`${base(version)}/replays/${replayId}/rows`, query, abort);

  account = (
    version: VersionKey,
    replayId: string,
    accountId: string,
    abort?: AbortSignal,
  ): Promise<ReplayAccount> =>
    this.api.get(`${base(version)}/replays/${replayId}/rows/${accountId}`, {}, abort);

  list = (version: VersionKey, query: Query, abort?: AbortSignal): Promise<PriceList> =>
    this.api.get(`${base(version)}/list`, query, abort);

  decide = (version: VersionKey, step: 'approve' | 'reject' | 'compute', key: string): Promise<PriceList> =>
    this.api.post(`${base(version)}/list/${step}`, {}, key);

  compensations = (projectId: string, accountId: string, abort?: AbortSignal): Promise<Compensations> =>
    this.api.get(`/api/projects/${projectId}/accounts/${accountId}/compensations`, {}, abort);
}

const base = ({ projectId, priceSchemeId, priceVersionId }: VersionKey): string =>
  `/api/projects/${projectId}/price-schemes/${priceSchemeId}/versions/${priceVersionId}`;
