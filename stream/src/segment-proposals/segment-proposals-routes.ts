// SPDX-License-Identifier: Apache-2.0
import { projectParamsShape } from '@wattledger/contracts/http/registry';
import {
  proposalParamsShape,
  proposalRejectBodyShape,
  segmentProposalsShape,
} from '@wattledger/contracts/http/segment-proposals';
import { defineRoute, type Parts, type Route } from '@wattledger/platform';
import { createSegmentProposalsService } from './segment-proposals-service.ts';

type RouteParts = Pick<Parts, 'database' | 'warehouse' | 'clock' | 'actionLog'>;

export function createSegmentProposalsRoutes(parts: RouteParts): readonly Route[] {
  const proposals = createSegmentProposalsService(parts);
  const { actionLog, clock } = parts;
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/segment-proposals',
      summary:
        'What may have happened to registers that wait for a decision, by rule, with the change that would settle it',
      tag: 'readings',
      access: { right: 'meter:read' },
      params: projectParamsShape,
      response: segmentProposalsShape,
      handle: async ({ params }) => await proposals.list(params.projectId),
    }),
    defineRoute({
      method: 'post',
      path: '/api/projects/{projectId}/segment-proposals/{proposalId}/reject',
      summary: 'Leave a register as it is; the same evidence is not proposed again',
      tag: 'readings',
      access: { right: 'project:write' },
      params: proposalParamsShape,
      body: proposalRejectBodyShape,
      response: segmentProposalsShape,
      handle: async ({ params: { projectId, proposalId }, body: { reason }, principal, remoteAddress }) => {
        const by = { id: principal?.id ?? '', name: principal?.name ?? '' };
        await proposals.reject(projectId, proposalId, reason, by);
        await actionLog.record({
          principal,
          projectId,
          action: 'segment-proposal.reject',
          subject: `segment-proposal/${proposalId}`,
          after: { reason },
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return await proposals.list(projectId);
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/projects/{projectId}/segment-proposals/{proposalId}/restore',
      summary: 'Take the rejection of a proposal back',
      tag: 'readings',
      access: { right: 'project:write' },
      params: proposalParamsShape,
      response: segmentProposalsShape,
      handle: async ({ params: { projectId, proposalId }, principal, remoteAddress }) => {
        await proposals.restore(projectId, proposalId);
        await actionLog.record({
          principal,
          projectId,
          action: 'segment-proposal.restore',
          subject: `segment-proposal/${proposalId}`,
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return await proposals.list(projectId);
      },
    }),
  ];
}
