// SPDX-License-Identifier: Apache-2.0
import {
  searchQueryShape,
  staffCreateBodyShape,
  staffListShape,
  staffParamsShape,
  staffPatchBodyShape,
  staffRolesBodyShape,
  staffSecretShape,
  staffShape,
} from '@wattledger/contracts/http/registry';
import { defineRoute, type Route } from '@wattledger/platform';
import { actorOf } from '../changes/actor.ts';
import { signedIn } from '../sessions/signed-in.ts';
import type { StaffService } from './staff-service.ts';

const tag = 'Staff';
const reads = { right: 'staff:read', anyProject: true } as const;
const writes = { right: 'staff:write', anyProject: true } as const;

export function staffRoutes(staff: StaffService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/staff',
      summary: 'People with a role in a project whose staff the caller may read',
      tag,
      access: reads,
      query: searchQueryShape,
      response: staffListShape,
      handle: async (context) => await staff.list(signedIn(context), context.query),
    }),
    defineRoute({
      method: 'post',
      path: '/api/staff',
      summary: 'Add a person; a password made here is in this answer and nowhere else',
      tag,
      access: writes,
      body: staffCreateBodyShape,
      response: staffSecretShape,
      successStatus: 201,
      handle: async (context) => await staff.create(actorOf(context), context.body),
    }),
    defineRoute({
      method: 'get',
      path: '/api/staff/{staffId}',
      summary: 'One person',
      tag,
      access: reads,
      params: staffParamsShape,
      response: staffShape,
      handle: async (context) => await staff.get(signedIn(context), context.params.staffId),
    }),
    defineRoute({
      method: 'patch',
      path: '/api/staff/{staffId}',
      summary: 'Change name or e-mail, disable or enable',
      tag,
      access: writes,
      params: staffParamsShape,
      body: staffPatchBodyShape,
      response: staffShape,
      handle: async (context) => await staff.patch(actorOf(context), context.params.staffId, context.body),
    }),
    defineRoute({
      method: 'put',
      path: '/api/staff/{staffId}/roles',
      summary: 'Set the roles in the projects that the caller administers',
      tag,
      access: writes,
      params: staffParamsShape,
      body: staffRolesBodyShape,
      response: staffShape,
      handle: async (context) =>
        await staff.setRoles(actorOf(context), context.params.staffId, context.body.roles),
    }),
    defineRoute({
      method: 'post',
      path: '/api/staff/{staffId}/password',
      summary: 'Set a new random password; it is in this answer and nowhere else',
      tag,
      access: writes,
      params: staffParamsShape,
      response: staffSecretShape,
      handle: async (context) => await staff.resetPassword(actorOf(context), context.params.staffId),
    }),
  ];
}
