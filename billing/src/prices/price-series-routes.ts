// SPDX-License-Identifier: Apache-2.0
import {
  billingProjectParamsShape,
  priceSeriesAdditionShape,
  priceSeriesBodyShape,
  priceSeriesListShape,
  priceSeriesParamsShape,
  priceSeriesPointsQueryShape,
  priceSeriesPointsShape,
} from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import { projectOf, whoOf, type BillingParts } from '../parts.ts';
import type { PriceSeriesService } from './price-series-service.ts';

const tag = 'Prices';
const base = '/api/projects/{projectId}/price-series';
/** A year of half-hours as CSV is under 1 MB, as JSON under 1.2 MB. */
const bodyBytesMax = 8_000_000;

export function priceSeriesRoutes(parts: BillingParts, series: PriceSeriesService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: base,
      summary: 'Price series of the project',
      tag,
      access: { right: 'price:read' },
      params: billingProjectParamsShape,
      response: priceSeriesListShape,
      handle: async ({ params }) => ({
        currency: projectOf(parts, params.projectId).currency,
        series: [...(await series.list(params.projectId))],
      }),
    }),
    defineRoute({
      method: 'get',
      path: `${base}/{priceSeriesId}/points`,
      summary: 'Prices of a series in a span',
      tag,
      access: { right: 'price:read' },
      params: priceSeriesParamsShape,
      query: priceSeriesPointsQueryShape,
      response: priceSeriesPointsShape,
      handle: async ({ params, query }) => {
        const { currency } = projectOf(parts, params.projectId);
        const { minutes, points } = await series.points(params.projectId, params.priceSeriesId, query);
        return { currency, minutes, points: [...points] };
      },
    }),
    defineRoute({
      method: 'post',
      path: base,
      summary: 'Begin a price series or add to it, from CSV or JSON; a dry run lists the faults',
      tag,
      access: { right: 'price:write' },
      params: billingProjectParamsShape,
      body: priceSeriesBodyShape,
      bodyBytesMax,
      response: priceSeriesAdditionShape,
      handle: async ({ params, body, principal, remoteAddress }) => {
        const { projectId } = params;
        const addition = await series.add(projectId, body, whoOf(principal));
        if (addition.priceSeriesId !== null && !addition.dryRun) {
          await parts.actionLog.record({
            principal,
            projectId,
            action: 'price-series.add',
            subject: addition.priceSeriesId,
            after: { name: body.name, added: addition.added, fromMs: addition.fromMs, toMs: addition.toMs },
            remoteAddress,
            atMs: parts.clock.nowMs(),
          });
        }
        return addition;
      },
    }),
  ];
}
