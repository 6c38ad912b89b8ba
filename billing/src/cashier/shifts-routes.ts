// SPDX-License-Identifier: Apache-2.0
import { mayDo, type Principal } from '@wattledger/contracts';
import {
  billingProjectParamsShape,
  closeShiftBodyShape,
  counterPolicyShape,
  handInBodyShape,
  openShiftBodyShape,
  ownShiftShape,
  shiftListQueryShape,
  shiftListShape,
  shiftParamsShape,
  shiftShape,
} from '@wattledger/contracts/http/billing';
import { defineRoute, RequestError, type Route } from '@wattledger/platform';
import { projectOf, requestIdOf, whoOf, type BillingParts } from '../parts.ts';
import type { ShiftsService } from './shifts-service.ts';

const tag = 'Counter';
const project = '/api/projects/{projectId}';

export function shiftsRoutes(parts: BillingParts, shifts: ShiftsService): readonly Route[] {
  return [
    ...readingRoutes(parts, shifts),
    ...policyRoutes(parts, shifts),
    openRoute(parts, shifts),
    handInRoute(parts, shifts),
    closeRoute(parts, shifts),
  ];
}

/** A drawer has a person behind it. @throws RequestError 403 person-required */
function personOf(principal: Principal | null) {
  if (principal?.kind === 'staff') return whoOf(principal);
  throw new RequestError({
    status: 403,
    code: 'person-required',
    message: 'A shift belongs to a person, not to an API key.',
    hint: 'Sign in as the cashier.',
  });
}

const mayForOthers = (principal: Principal | null, projectId: string): boolean =>
  principal !== null && mayDo(principal, 'books:write', projectId);

function readingRoutes(parts: BillingParts, shifts: ShiftsService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: `${project}/shifts`,
      summary: 'Shifts of the cashiers, newest first',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      query: shiftListQueryShape,
      response: shiftListShape,
      handle: async ({ params: { projectId }, query }) => {
        const { currency } = projectOf(parts, projectId);
        const found = await shifts.list({ ...query, projectId });
        const next = found.length === query.limit ? (found.at(-1)?.shiftNumber ?? null) : null;
        return { currency, shifts: [...found], next };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${project}/shifts/mine`,
      summary: 'Your open shift, and what the project asks of its counter',
      tag,
      access: { right: 'vend:write' },
      params: billingProjectParamsShape,
      response: ownShiftShape,
      handle: async ({ params: { projectId }, principal }) => {
        const { currency } = projectOf(parts, projectId);
        const [policy, shift] = await Promise.all([
          shifts.policy(projectId),
          shifts.openShiftOf(projectId, whoOf(principal).id),
        ]);
        return { currency, policy, shift };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${project}/shifts/{shiftId}`,
      summary: 'One shift',
      tag,
      access: { right: 'account:read' },
      params: shiftParamsShape,
      response: shiftShape,
      handle: async ({ params: { projectId, shiftId } }) => {
        const [shift] = await shifts.list({ projectId, shiftId, limit: 1 });
        if (shift === undefined) {
          throw new RequestError({
            status: 404,
            code: 'shift-unknown',
            message: `This project has no shift "${shiftId}".`,
            hint: 'List the shifts of the project.',
          });
        }
        return shift;
      },
    }),
  ];
}

function policyRoutes(parts: BillingParts, shifts: ShiftsService): readonly Route[] {
  const path = `${project}/counter-policy`;
  return [
    defineRoute({
      method: 'get',
      path,
      summary: 'What the project asks of its counter',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      response: counterPolicyShape,
      handle: async ({ params }) => {
        projectOf(parts, params.projectId);
        return await shifts.policy(params.projectId);
      },
    }),
    defineRoute({
      method: 'put',
      path,
      summary: 'Change what the project asks of its counter',
      tag,
      access: { right: 'books:write' },
      params: billingProjectParamsShape,
      body: counterPolicyShape,
      response: counterPolicyShape,
      handle: async ({ params: { projectId }, body, principal, remoteAddress }) => {
        const before = await shifts.policy(projectId);
        await shifts.setPolicy(projectId, body, whoOf(principal));
        await parts.actionLog.record({
          principal,
          projectId,
          action: 'counter.policy',
          subject: projectId,
          before,
          after: body,
          remoteAddress,
          atMs: parts.clock.nowMs(),
        });
        return await shifts.policy(projectId);
      },
    }),
  ];
}

const openRoute = ({ actionLog, clock }: BillingParts, shifts: ShiftsService): Route =>
  defineRoute({
    method: 'post',
    path: `${project}/shifts`,
    summary: 'Open a shift with its float',
    tag,
    access: { right: 'vend:write' },
    params: billingProjectParamsShape,
    body: openShiftBodyShape,
    response: shiftShape,
    successStatus: 201,
    handle: async ({ params: { projectId }, body, principal, idempotencyKey, remoteAddress }) => {
      const requestId = requestIdOf(idempotencyKey, body.requestId);
      const shift = await shifts.open(projectId, { requestId, float: body.float }, personOf(principal));
      await actionLog.record({
        principal,
        projectId,
        action: 'shift.open',
        subject: shift.shiftId,
        after: body.float,
        remoteAddress,
        atMs: clock.nowMs(),
      });
      return shift;
    },
  });

const handInRoute = ({ actionLog, clock }: BillingParts, shifts: ShiftsService): Route =>
  defineRoute({
    method: 'post',
    path: `${project}/shifts/{shiftId}/hand-ins`,
    summary: 'Hand in cash during the shift',
    tag,
    access: { right: 'vend:write' },
    params: shiftParamsShape,
    body: handInBodyShape,
    response: shiftShape,
    successStatus: 201,
    handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
      const { projectId, shiftId } = params;
      const request = { ...body, shiftId, requestId: requestIdOf(idempotencyKey, body.requestId) };
      const others = mayForOthers(principal, projectId);
      const shift = await shifts.handIn(projectId, request, personOf(principal), others);
      await actionLog.record({
        principal,
        projectId,
        action: 'shift.hand-in',
        subject: shiftId,
        after: body,
        remoteAddress,
        atMs: clock.nowMs(),
      });
      return shift;
    },
  });

const closeRoute = ({ actionLog, clock }: BillingParts, shifts: ShiftsService): Route =>
  defineRoute({
    method: 'post',
    path: `${project}/shifts/{shiftId}/close`,
    summary: 'Count the drawer and close the shift, for ever',
    tag,
    access: { right: 'vend:write' },
    params: shiftParamsShape,
    body: closeShiftBodyShape,
    response: shiftShape,
    handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
      const { projectId, shiftId } = params;
      const request = { ...body, shiftId, requestId: requestIdOf(idempotencyKey, body.requestId) };
      const others = mayForOthers(principal, projectId);
      const shift = await shifts.close(projectId, request, personOf(principal), others);
      await actionLog.record({
        principal,
        projectId,
        action: 'shift.close',
        subject: shiftId,
        after: shift.closing,
        remoteAddress,
        atMs: clock.nowMs(),
      });
      return shift;
    },
  });
