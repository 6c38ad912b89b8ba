// SPDX-License-Identifier: Apache-2.0
import {
  claimAnswerShape,
  claimBodyShape,
  deviceLookupQueryShape,
  deviceLookupShape,
  unclaimedDevicesQueryShape,
  unclaimedDevicesShape,
} from '@wattledger/contracts/http/claims';
import { projectParamsShape } from '@wattledger/contracts/http/registry';
import { defineRoute, type Route } from '@wattledger/platform';
import { actorOf } from '../changes/actor.ts';
import type { ClaimsService } from './claims-service.ts';
import type { UnclaimedDevicesService } from './unclaimed-devices-service.ts';

const tag = 'Claims';
/** A whole cabinet row by row is larger than most bodies. */
const bodyBytesMax = 4_000_000;

export function unclaimedDeviceRoutes(
  devices: UnclaimedDevicesService,
  claims: ClaimsService,
): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/unclaimed-devices',
      summary: 'Gateways and meters that called in and belong to no project, newest call first',
      tag,
      access: { right: 'project:write', anyProject: true },
      query: unclaimedDevicesQueryShape,
      response: unclaimedDevicesShape,
      handle: async ({ query }) => await devices.list(query),
    }),
    defineRoute({
      method: 'get',
      path: '/api/unclaimed-devices/lookup',
      summary: 'What is known of the device with this serial or label',
      tag,
      access: { right: 'project:write', anyProject: true },
      query: deviceLookupQueryShape,
      response: deviceLookupShape,
      handle: async ({ query, principal }) => await devices.lookup(principal, query.label),
    }),
    defineRoute({
      method: 'post',
      path: '/api/projects/{projectId}/claims',
      summary: 'Claim a device: its gateway, meters, metering points and mountings in one step',
      tag,
      access: { right: 'project:write' },
      params: projectParamsShape,
      body: claimBodyShape,
      bodyBytesMax,
      response: claimAnswerShape,
      successStatus: 201,
      handle: async (context) => await claims.claim(actorOf(context), context.params.projectId, context.body),
    }),
  ];
}
