// SPDX-License-Identifier: Apache-2.0
import {
  billingProjectParamsShape,
  priceNoticeQueryShape,
  priceNoticeShape,
  pricePreviewBodyShape,
  pricePreviewShape,
  priceSchemeBodyShape,
  priceSchemeListShape,
  priceSchemeParamsShape,
  priceSchemeShape,
  priceVersionBodyShape,
  priceVersionParamsShape,
  priceVersionShape,
  type PriceVersion,
} from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';
import { projectOf, whoOf, type BillingParts } from '../parts.ts';
import { loadNotice } from './notice-read.ts';
import { priceSeriesRoutes } from './price-series-routes.ts';
import { createPriceSeriesService } from './price-series-service.ts';
import type { PricesService } from './prices-service.ts';

const tag = 'Prices';
const base = '/api/projects/{projectId}/price-schemes';

export function pricesRoutes(parts: BillingParts, prices: PricesService): readonly Route[] {
  return [
    ...readingRoutes(parts, prices),
    ...draftingRoutes(parts, prices),
    ...previewRoutes(parts, prices),
    ...stepRoutes(parts, prices),
    ...priceSeriesRoutes(parts, createPriceSeriesService(parts)),
  ];
}

function readingRoutes(parts: BillingParts, prices: PricesService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: base,
      summary: 'Price schemes with all their versions',
      tag,
      access: { right: 'price:read' },
      params: billingProjectParamsShape,
      response: priceSchemeListShape,
      handle: async ({ params }) => {
        const { currency, zone } = projectOf(parts, params.projectId);
        return { currency, zone, schemes: [...(await prices.list(params.projectId))] };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${base}/{priceSchemeId}`,
      summary: 'One price scheme',
      tag,
      access: { right: 'price:read' },
      params: priceSchemeParamsShape,
      response: priceSchemeShape,
      handle: async ({ params }) => await prices.get(params.projectId, params.priceSchemeId),
    }),
    defineRoute({
      method: 'get',
      path: `${base}/{priceSchemeId}/versions/{priceVersionId}/notice`,
      summary: 'Differences that a retroactive version posted',
      tag,
      access: { right: 'price:read' },
      params: priceVersionParamsShape,
      query: priceNoticeQueryShape,
      response: priceNoticeShape,
      handle: async ({ params, query }) => {
        const { currency } = projectOf(parts, params.projectId);
        const differences = await loadNotice(parts, {
          ...params,
          after: query.after ?? null,
          limit: query.limit,
        });
        const next = differences.length === query.limit ? (differences.at(-1)?.postingId ?? null) : null;
        return { currency, differences: [...differences], next };
      },
    }),
  ];
}

function draftingRoutes(parts: BillingParts, prices: PricesService): readonly Route[] {
  const { actionLog, clock } = parts;
  return [
    defineRoute({
      method: 'post',
      path: base,
      summary: 'Create a price scheme',
      tag,
      access: { right: 'price:write' },
      params: billingProjectParamsShape,
      body: priceSchemeBodyShape,
      response: priceSchemeShape,
      successStatus: 201,
      handle: async ({ params, body, principal, remoteAddress }) => {
        const { projectId } = params;
        const scheme = await prices.createScheme(projectId, body, whoOf(principal));
        await actionLog.record({
          principal,
          projectId,
          action: 'price-scheme.create',
          subject: scheme.priceSchemeId,
          after: body,
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return scheme;
      },
    }),
    defineRoute({
      method: 'post',
      path: `${base}/{priceSchemeId}/versions`,
      summary: 'Draft a version',
      tag,
      access: { right: 'price:write' },
      params: priceSchemeParamsShape,
      body: priceVersionBodyShape,
      response: priceVersionShape,
      successStatus: 201,
      handle: async ({ params, body, principal, remoteAddress }) => {
        const { projectId, priceSchemeId } = params;
        const version = await prices.draftVersion(projectId, priceSchemeId, body, whoOf(principal));
        await actionLog.record({
          principal,
          projectId,
          action: 'price-version.draft',
          subject: version.priceVersionId,
          after: body,
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return version;
      },
    }),
  ];
}

function previewRoutes(parts: BillingParts, prices: PricesService): readonly Route[] {
  return [
    defineRoute({
      method: 'post',
      path: `${base}/{priceSchemeId}/versions/preview`,
      summary: 'Faults of a draft, or its bill for a sample month; nothing is written',
      tag,
      access: { right: 'price:read' },
      params: priceSchemeParamsShape,
      body: pricePreviewBodyShape,
      response: pricePreviewShape,
      handle: async ({ params, body }) => {
        projectOf(parts, params.projectId);
        return await prices.preview(params.projectId, params.priceSchemeId, body, body.sample);
      },
    }),
  ];
}

const steps = [
  { step: 'submit', summary: 'Submit a draft for approval' },
  { step: 'approve', summary: 'Approve a version; another person than drafted or submitted it' },
  { step: 'withdraw', summary: 'Withdraw a version; what it has charged is charged anew by what then holds' },
] as const;

function stepRoutes(parts: BillingParts, prices: PricesService): readonly Route[] {
  const { actionLog, clock } = parts;
  const take: Record<
    (typeof steps)[number]['step'],
    (p: string, s: string, v: string, by: Who) => Promise<PriceVersion>
  > = {
    submit: prices.submit,
    approve: prices.approve,
    withdraw: prices.withdraw,
  };
  return steps.map(({ step, summary }) =>
    defineRoute({
      method: 'post',
      path: `${base}/{priceSchemeId}/versions/{priceVersionId}/${step}`,
      summary,
      tag,
      access: { right: 'price:write' },
      params: priceVersionParamsShape,
      response: priceVersionShape,
      handle: async ({ params, principal, remoteAddress }) => {
        const { projectId, priceSchemeId, priceVersionId } = params;
        const version = await take[step](projectId, priceSchemeId, priceVersionId, whoOf(principal));
        await actionLog.record({
          principal,
          projectId,
          action: `price-version.${step}`,
          subject: priceVersionId,
          after: { state: version.state },
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return version;
      },
    }),
  );
}
