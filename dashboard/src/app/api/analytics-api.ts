// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type {
  ComparedAnswer,
  EnergyAnswer,
  EnergyFlowAnswer,
  GroupOverview,
  LoadProfileAnswer,
  LossAnswer,
  LossSeriesAnswer,
  MultiRateAnswer,
  ParameterNames,
  ParametersAnswer,
  PointSummary,
  ProjectOverview,
  RankingAnswer,
  ReadingsAnswer,
  SlotEvidenceAnswer,
} from '@wattledger/contracts/http/analytics';
import { Api, type Query } from './api.ts';

/** Questions about energy. Shapes and meaning: contracts/src/http/analytics.ts. */
@Injectable({ providedIn: 'root' })
export class AnalyticsApi {
  private readonly api = inject(Api);

  groupOverview = (abort?: AbortSignal): Promise<GroupOverview> => this.api.get('/api/overview', {}, abort);

  overview = (projectId: string, abort?: AbortSignal): Promise<ProjectOverview> =>
    this.api.get(`/api/projects/${projectId}/overview`, {}, abort);

  energy = (projectId: string, query: Query, abort?: AbortSignal): Promise<EnergyAnswer> =>
    this.api.get(`/api/projects/${projectId}/energy`, query, abort);

  ranking = (projectId: string, query: Query, abort?: AbortSignal): Promise<RankingAnswer> =>
    this.api.get(`/api/projects/${projectId}/ranking`, query, abort);

  yearOnYear = (projectId: string, query: Query, abort?: AbortSignal): Promise<ComparedAnswer> =>
    this.api.get(`/api/projects/${projectId}/year-on-year`, query, abort);

  monthOnMonth = (projectId: string, query: Query, abort?: AbortSignal): Promise<ComparedAnswer> =>
    this.api.get(`/api/projects/${projectId}/month-on-month`, query, abort);

  loss = (projectId: string, query: Query, abort?: AbortSignal): Promise<LossAnswer> =>
    this.api.get(`/api/projects/${projectId}/loss`, query, abort);

  lossSeries = (
    projectId: string,
    pointId: string,
    query: Query,
    abort?: AbortSignal,
  ): Promise<LossSeriesAnswer> => this.api.get(`/api/projects/${projectId}/loss/${pointId}`, query, abort);

  energyFlow = (projectId: string, query: Query, abort?: AbortSignal): Promise<EnergyFlowAnswer> =>
    this.api.get(`/api/projects/${projectId}/energy-flow`, query, abort);

  multiRate = (projectId: string, query: Query, abort?: AbortSignal): Promise<MultiRateAnswer> =>
    this.api.get(`/api/projects/${projectId}/multi-rate`, query, abort);

  loadProfile = (projectId: string, query: Query, abort?: AbortSignal): Promise<LoadProfileAnswer> =>
    this.api.get(`/api/projects/${projectId}/load-profile`, query, abort);

  pointSummary = (projectId: string, pointId: string, abort?: AbortSignal): Promise<PointSummary> =>
    this.api.get(`/api/projects/${projectId}/metering-points/${pointId}/summary`, {}, abort);

  readings = (
    projectId: string,
    pointId: string,
    query: Query,
    abort?: AbortSignal,
  ): Promise<ReadingsAnswer> =>
    this.api.get(`/api/projects/${projectId}/metering-points/${pointId}/readings`, query, abort);

  slotEvidence = (
    projectId: string,
    pointId: string,
    slotStart: string,
    abort?: AbortSignal,
  ): Promise<SlotEvidenceAnswer> =>
    this.api.get(`/api/projects/${projectId}/metering-points/${pointId}/slot-evidence`, { slotStart }, abort);

  parameterNames = (projectId: string, meterId: string, abort?: AbortSignal): Promise<ParameterNames> =>
    this.api.get(`/api/projects/${projectId}/meters/${meterId}/parameters/names`, {}, abort);

  parameters = (
    projectId: string,
    meterId: string,
    query: Query,
    abort?: AbortSignal,
  ): Promise<ParametersAnswer> =>
    this.api.get(`/api/projects/${projectId}/meters/${meterId}/parameters`, query, abort);
}
