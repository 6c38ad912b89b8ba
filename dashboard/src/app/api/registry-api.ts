// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type {
  ActionList,
  ActionVerify,
  ChangePasswordBody,
  MeteringPointDetail,
  RoleGrant,
  SessionList,
  Staff,
  StaffCreateBody,
  StaffList,
  StaffPatchBody,
  StaffSecret,
} from '@wattledger/contracts/http/registry';
import { Api, type Query } from './api.ts';

/** What exists and who may. Shapes and meaning: contracts/src/http/registry.ts. */
@Injectable({ providedIn: 'root' })
export class RegistryApi {
  private readonly api = inject(Api);

  point = (projectId: string, pointId: string, abort?: AbortSignal): Promise<MeteringPointDetail> =>
    this.api.get(`/api/projects/${projectId}/metering-points/${pointId}`, {}, abort);

  sessions = (abort?: AbortSignal): Promise<SessionList> => this.api.get('/api/sessions', {}, abort);

  revokeSession = (sessionId: string): Promise<void> => this.api.delete(`/api/sessions/${sessionId}`);

  revokeOtherSessions = (): Promise<{ readonly revoked: number }> => this.api.delete('/api/sessions');

  changePassword = (body: ChangePasswordBody): Promise<void> => this.api.post('/api/session/password', body);

  staff = (query: Query, abort?: AbortSignal): Promise<StaffList> => this.api.get('/api/staff', query, abort);

  addStaff = (body: StaffCreateBody): Promise<StaffSecret> => this.api.post('/api/staff', body);

  changeStaff = (staffId: string, body: StaffPatchBody): Promise<Staff> =>
    this.api.patch(`/api/staff/${staffId}`, body);

  setRoles = (staffId: string, roles: readonly RoleGrant[]): Promise<Staff> =>
    this.api.put(`/api/staff/${staffId}/roles`, { roles });

  resetPassword = (staffId: string): Promise<StaffSecret> =>
    this.api.post(`/api/staff/${staffId}/password`, {});

  actions = (query: Query, abort?: AbortSignal): Promise<ActionList> =>
    this.api.get('/api/actions', query, abort);

  projectActions = (projectId: string, query: Query, abort?: AbortSignal): Promise<ActionList> =>
    this.api.get(`/api/projects/${projectId}/actions`, query, abort);

  verifyActions = (): Promise<ActionVerify> => this.api.get('/api/actions/verify');
}
