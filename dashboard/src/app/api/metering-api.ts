// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type {
  CommandAccepted,
  GatewayStates,
  MeterStateDetail,
  MeterStates,
} from '@wattledger/contracts/http/ingest';
import type { EnergyClosure, HeldReadings, HeldRegisters } from '@wattledger/contracts/http/stream';
import type { MountingAnswer } from '@wattledger/contracts/http/registry';
import type { ProposedRequest, SegmentProposals } from '@wattledger/contracts/http/segment-proposals';
import { Api, type Query } from './api.ts';

/** What meters and gateways do, and what became of their readings. Shapes: contracts/src/http/{ingest,stream}.ts. */
@Injectable({ providedIn: 'root' })
export class MeteringApi {
  private readonly api = inject(Api);

  meterStates = (projectId: string, abort?: AbortSignal, query: Query = {}): Promise<MeterStates> =>
    this.api.get(`/api/projects/${projectId}/meter-states`, query, abort);

  gatewayStates = (projectId: string, abort?: AbortSignal): Promise<GatewayStates> =>
    this.api.get(`/api/projects/${projectId}/gateway-states`, {}, abort);

  meterState = (projectId: string, meterId: string, abort?: AbortSignal): Promise<MeterStateDetail> =>
    this.api.get(`/api/projects/${projectId}/meters/${meterId}/state`, {}, abort);

  readNow = (projectId: string, meterId: string, reason: string): Promise<CommandAccepted> =>
    this.api.post(`/api/projects/${projectId}/meters/${meterId}/read-now`, { reason });

  heldReadings = (projectId: string, query: Query, abort?: AbortSignal): Promise<HeldReadings> =>
    this.api.get(`/api/projects/${projectId}/held-readings`, query, abort);

  heldRegisters = (projectId: string, abort?: AbortSignal): Promise<HeldRegisters> =>
    this.api.get(`/api/projects/${projectId}/held-registers`, {}, abort);

  segmentProposals = (projectId: string, abort?: AbortSignal): Promise<SegmentProposals> =>
    this.api.get(`/api/projects/${projectId}/segment-proposals`, {}, abort);

  rejectProposal = (projectId: string, proposalId: string, reason: string): Promise<SegmentProposals> =>
    this.api.post(`/api/projects/${projectId}/segment-proposals/${proposalId}/reject`, { reason });

  restoreProposal = (projectId: string, proposalId: string): Promise<SegmentProposals> =>
    this.api.post(`/api/projects/${projectId}/segment-proposals/${proposalId}/restore`, {});

  changeMounting = (
    projectId: string,
    change: (ProposedRequest | { readonly action: 'undo'; readonly changeId: string }) & {
      readonly reason: string;
    },
  ): Promise<MountingAnswer> => this.api.post(`/api/projects/${projectId}/mountings`, change);

  closure = (projectId: string, pointId: string, abort?: AbortSignal): Promise<EnergyClosure> =>
    this.api.get(`/api/projects/${projectId}/metering-points/${pointId}/closure`, {}, abort);
}
