// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import {
  batchDetailQueryShape,
  batchListQueryShape,
  batchPreviewShape,
  batchRequestShape,
  batchTargetShape,
  commandBatchDetailShape,
  commandBatchesShape,
  commandBatchShape,
  meterControlShape,
  meterOrdersShape,
  type CommandBatch,
  type ControlRefusal,
} from '@wattledger/contracts/http/commands';
import type { Principal } from '@wattledger/contracts';
import { defineRoute, RequestError, type Route } from '@wattledger/platform';
import { requestIdOf, type BillingParts } from '../parts.ts';
import type { ControlService } from './control-service.ts';

const tag = 'Control';
const project = '/api/projects/{projectId}';
const projectParams = z.object({ projectId: z.string() });
const batchParams = projectParams.extend({ batchId: z.string() });
const meterParams = projectParams.extend({ meterId: z.string() });
/** Ten thousand ids of meters. */
const bodyBytesMax = 2 * 1024 * 1024;

export function controlRoutes(parts: BillingParts, control: ControlService): readonly Route[] {
  return [
    ...givingRoutes(parts, control),
    ...lookingRoutes(control),
    changeRoute(parts, control, 'retry'),
    changeRoute(parts, control, 'cancel'),
  ];
}

function givingRoutes(parts: BillingParts, control: ControlService): readonly Route[] {
  return [
    defineRoute({
      method: 'post',
      path: `${project}/command-batches/preview`,
      summary: 'How many meters an action would reach, and which it would not',
      tag,
      access: { right: 'meter:control' },
      params: projectParams,
      body: batchTargetShape,
      bodyBytesMax,
      response: batchPreviewShape,
      handle: async ({ params, body }) => await control.preview(params.projectId, body),
    }),
    defineRoute({
      method: 'post',
      path: `${project}/command-batches`,
      summary: 'Connect, disconnect, force, read or set many meters',
      tag,
      access: { right: 'meter:control' },
      params: projectParams,
      body: batchRequestShape,
      bodyBytesMax,
      response: commandBatchShape,
      successStatus: 202,
      handle: async ({ params, body, principal, remoteAddress, idempotencyKey }) => {
        const requestId = requestIdOf(idempotencyKey, body.requestId);
        const by = { principal: signedIn(principal), remoteAddress };
        const { batch, fresh } = await control.order(params.projectId, { ...body, requestId }, by);
        if (fresh) await recordBatch(parts, batch, 'command-batch.create', by);
        return batch;
      },
    }),
    defineRoute({
      method: 'post',
      path: `${project}/meters/{meterId}/control`,
      summary: 'Connect, disconnect, force, read or set one meter',
      tag,
      access: { right: 'meter:control' },
      params: meterParams,
      body: meterControlShape,
      response: commandBatchShape,
      successStatus: 202,
      handle: async ({ params, body, principal, remoteAddress, idempotencyKey }) => {
        const requestId = requestIdOf(idempotencyKey, body.requestId);
        const meterIds = [params.meterId];
        const { refused } = await control.preview(params.projectId, { meterIds, action: body.action });
        if (refused[0] !== undefined) throw refusalError(refused[0].refusal, refused[0].serial);
        const by = { principal: signedIn(principal), remoteAddress };
        const { batch, fresh } = await control.order(params.projectId, { ...body, meterIds, requestId }, by);
        if (fresh) await recordBatch(parts, batch, 'command-batch.create', by);
        return batch;
      },
    }),
  ];
}

function lookingRoutes(control: ControlService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: `${project}/command-batches`,
      summary: 'Batches of commands with their progress, newest first',
      tag,
      access: { right: 'meter:read' },
      params: projectParams,
      query: batchListQueryShape,
      response: commandBatchesShape,
      handle: async ({ params, query }) => ({
        batches: [...(await control.batches(params.projectId, query.limit))],
      }),
    }),
    defineRoute({
      method: 'get',
      path: `${project}/command-batches/{batchId}`,
      summary: 'One batch with the outcome of each meter and its evidence',
      tag,
      access: { right: 'meter:read' },
      params: batchParams,
      query: batchDetailQueryShape,
      response: commandBatchDetailShape,
      handle: async ({ params, query }) => await control.detail(params.projectId, params.batchId, query),
    }),
    defineRoute({
      method: 'get',
      path: `${project}/meter-orders`,
      summary: 'What is ordered and what is reported of meters without an account',
      tag,
      access: { right: 'meter:read' },
      params: projectParams,
      response: meterOrdersShape,
      handle: async ({ params }) => ({ orders: [...(await control.orders(params.projectId))] }),
    }),
  ];
}

function changeRoute(parts: BillingParts, control: ControlService, change: 'retry' | 'cancel'): Route {
  return defineRoute({
    method: 'post',
    path: `${project}/command-batches/{batchId}/${change}`,
    summary: change === 'retry' ? 'Try again what failed' : 'Take back what still waits',
    tag,
    access: { right: 'meter:control' },
    params: batchParams,
    response: commandBatchShape,
    handle: async ({ params, principal, remoteAddress }) => {
      const by = { principal: signedIn(principal), remoteAddress };
      const batch = await control[change](params.projectId, params.batchId, by);
      await recordBatch(parts, batch, `command-batch.${change}`, by);
      return batch;
    },
  });
}

function signedIn(principal: Principal | null): Principal {
  if (principal === null) throw new Error('a route with a right always has a principal');
  return principal;
}

/** Who gave it, why and to how many; how each meter ended is recorded when it does. */
async function recordBatch(
  { actionLog, clock }: BillingParts,
  batch: CommandBatch,
  action: string,
  by: { readonly principal: Principal; readonly remoteAddress: string },
): Promise<void> {
  await actionLog.record({
    ...by,
    projectId: batch.projectId,
    action,
    subject: batch.batchId,
    after: {
      action: batch.action,
      setting: batch.setting,
      reason: batch.reason,
      meters: batch.meters,
      counts: batch.counts,
    },
    atMs: clock.nowMs(),
  });
}

const hints: Readonly<Record<ControlRefusal, string>> = {
  'unknown-meter': 'Look it up again: it may have been removed.',
  'not-polled': 'Give it a gateway, an address and a model, and enable it.',
  'not-switchable': 'Its registry entry says that it has no supply switch of ours to drive.',
  'shared-meter': 'Its relay serves others too: nobody may cut them. Give each account a meter of its own.',
  'account-governs':
    "The account's balance decides about this supply. Choose forced-on, forced-off or automatic for the account.",
  'protected-supply': 'Take the protection off the account first, if it is wrong.',
  'forced-on': 'Somebody forced this supply on. Set it to automatic first, if that no longer holds.',
  'forced-off': 'Somebody forced this supply off. Set it to automatic first, if that no longer holds.',
  'no-order': 'Nobody gave this meter an order, so there is none to end.',
};

function refusalError(refusal: ControlRefusal, serial: string): RequestError {
  const known = refusal !== 'unknown-meter';
  return new RequestError({
    status: known ? 409 : 404,
    code: known ? refusal : 'meter-unknown',
    message: known ? `Meter ${serial} was left as it is.` : `This project has no meter "${serial}".`,
    hint: hints[refusal],
  });
}
