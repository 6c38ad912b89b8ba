// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type {
  ClaimAnswer,
  ClaimBody,
  DeviceLookup,
  UnclaimedDevices,
} from '@wattledger/contracts/http/claims';
import type {
  MeterState,
  RegisterMapSummary,
  RegisterMaps,
  SwitchPasswordBody,
  SwitchPasswordState,
} from '@wattledger/contracts/http/ingest';
import type {
  GatewayCreateBody,
  GatewayDetail,
  GatewayPatchBody,
  MeterDetail,
  MeterPatchBody,
  ProjectDetail,
  ProjectPatchBody,
} from '@wattledger/contracts/http/registry';
import { Api, type Query } from './api.ts';
import { MeteringApi } from './metering-api.ts';

/** A meter, or a gateway for all meters behind it. */
export interface PasswordSubject {
  readonly projectId: string;
  readonly kind: 'meters' | 'gateways';
  readonly id: string;
}

function passwordPath({ projectId, kind, id }: PasswordSubject): string {
  return `/api/projects/${projectId}/${kind}/${id}/switch-password`;
}

/** 50 pages of 10,000 meters: more than any project has. */
const statePagesMax = 50;

/** Gateways, meters and what calls in unclaimed. Shapes: contracts/src/http/{registry,claims,ingest}.ts. */
@Injectable({ providedIn: 'root' })
export class DevicesApi {
  private readonly api = inject(Api);
  private readonly metering = inject(MeteringApi);

  unclaimed = (query: Query, abort?: AbortSignal): Promise<UnclaimedDevices> =>
    this.api.get('/api/unclaimed-devices', query, abort);

  lookup = (label: string, abort?: AbortSignal): Promise<DeviceLookup> =>
    this.api.get('/api/unclaimed-devices/lookup', { label }, abort);

  claim = (projectId: string, body: ClaimBody, key: string): Promise<ClaimAnswer> =>
    this.api.post(`/api/projects/${projectId}/claims`, body, key);

  gateway = (projectId: string, gatewayId: string, abort?: AbortSignal): Promise<GatewayDetail> =>
    this.api.get(`/api/projects/${projectId}/gateways/${gatewayId}`, {}, abort);

  addGateway = (projectId: string, body: GatewayCreateBody, key: string): Promise<GatewayDetail> =>
    this.api.post(`/api/projects/${projectId}/gateways`, body, key);

  changeGateway = (projectId: string, gatewayId: string, body: GatewayPatchBody): Promise<GatewayDetail> =>
    this.api.patch(`/api/projects/${projectId}/gateways/${gatewayId}`, body);

  removeGateway = (projectId: string, gatewayId: string): Promise<void> =>
    this.api.delete(`/api/projects/${projectId}/gateways/${gatewayId}`);

  changeMeter = (projectId: string, meterId: string, body: MeterPatchBody): Promise<MeterDetail> =>
    this.api.patch(`/api/projects/${projectId}/meters/${meterId}`, body);

  changeProject = (projectId: string, body: ProjectPatchBody): Promise<ProjectDetail> =>
    this.api.patch(`/api/projects/${projectId}`, body);

  registerMaps = (abort?: AbortSignal): Promise<RegisterMaps> =>
    this.api.get('/api/register-maps', {}, abort);

  registerMap = (modelId: string, abort?: AbortSignal): Promise<RegisterMapSummary> =>
    this.api.get(`/api/register-maps/${modelId}`, {}, abort);

  /** What is stored is never told, only when. */
  switchPassword = (subject: PasswordSubject, abort?: AbortSignal): Promise<SwitchPasswordState> =>
    this.api.get(passwordPath(subject), {}, abort);

  storeSwitchPassword = (subject: PasswordSubject, body: SwitchPasswordBody): Promise<void> =>
    this.api.put(passwordPath(subject), body);

  forgetSwitchPassword = (subject: PasswordSubject): Promise<void> => this.api.delete(passwordPath(subject));

  /** States of all meters of a project, or of one gateway. */
  async meterStates(
    projectId: string,
    gatewayId: string | null,
    abort?: AbortSignal,
  ): Promise<readonly MeterState[]> {
    const found: MeterState[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < statePagesMax; pages += 1) {
      const page = await this.metering.meterStates(projectId, abort, { gatewayId, after });
      found.push(...page.meters);
      if (page.next === null) break;
      after = page.next;
    }
    return found;
  }
}
