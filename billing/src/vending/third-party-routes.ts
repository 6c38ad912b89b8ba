// SPDX-License-Identifier: Apache-2.0
/**
 * For kiosks and chains of shops that sell for us with an API key of `vend:write` alone: they find an account by what the customer
 * shows, and see no more of the tenant than initials and stage.
 */
import {
  billingProjectParamsShape,
  thirdPartyVendBodyShape,
  thirdPartyVendShape,
  vendLookupQueryShape,
  vendLookupShape,
} from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import type { AccountsService } from '../accounts/accounts-service.ts';
import { projectOf, requestIdOf, whoOf, type BillingParts } from '../parts.ts';
import type { VendsService } from './vends-service.ts';

const tag = 'Top ups by third parties';
const project = '/api/projects/{projectId}';
const foundMax = 20;

export function thirdPartyRoutes(
  parts: BillingParts,
  services: { readonly vends: VendsService; readonly accounts: Pick<AccountsService, 'row'> },
): readonly Route[] {
  return [lookupRoute(parts), vendRoute(parts, services)];
}

const lookupRoute = (parts: BillingParts): Route =>
  defineRoute({
    method: 'get',
    path: `${project}/vend-lookup`,
    summary: "Open accounts of a meter's serial number or a tenant's code: initials and stage, nothing more",
    tag,
    access: { right: 'vend:write' },
    params: billingProjectParamsShape,
    query: vendLookupQueryShape,
    response: vendLookupShape,
    handle: async ({ params: { projectId }, query }) => {
      const { currency } = projectOf(parts, projectId);
      const tenants = parts.registry.all('tenant', projectId).filter(({ code }) => code === query.tenantCode);
      const { rows } = await parts.database.query<{
        account_id: string;
        tenant_id: string;
        stage: 'normal' | 'alarm-1' | 'alarm-2' | 'arrears';
      }>(
        `SELECT account.account_id, account.tenant_id, account.stage
           FROM billing.accounts AS account
          WHERE account.project_id = $1 AND account.state = 'open'
            AND (account.tenant_id = ANY ($2::text[])
                 OR EXISTS (SELECT FROM billing.account_points AS point
                             WHERE point.account_id = account.account_id AND point.metering_point_id = ANY ($3::text[])
                               AND point.opened_at_ms <= $4 AND (point.closed_at_ms IS NULL OR point.closed_at_ms > $4)))
          ORDER BY account.account_id
          LIMIT $5`,
        [
          projectId,
          tenants.map(({ id }) => id),
          pointsOfSerial(parts, projectId, query.meterSerial),
          parts.clock.nowMs(),
          foundMax,
        ],
      );
      return {
        currency,
        accounts: rows.map((row) => ({
          accountId: row.account_id,
          tenantInitials: initialsOf(parts.registry.get('tenant', row.tenant_id)?.name ?? ''),
          stage: row.stage,
        })),
      };
    },
  });

/** Points at which the meter is mounted now. */
function pointsOfSerial(
  parts: BillingParts,
  projectId: string,
  serial: string | undefined,
): readonly string[] {
  if (serial === undefined) return [];
  const nowMs = parts.clock.nowMs();
  const meters = new Set(
    parts.registry
      .all('meter', projectId)
      .filter((meter) => meter.serial === serial)
      .map((meter) => meter.id),
  );
  return parts.registry
    .all('metering-point', projectId)
    .filter(({ mountings }) =>
      mountings.some(
        ({ meterId, fromMs, toMs }) =>
          meters.has(meterId) && fromMs <= nowMs && (toMs === null || toMs > nowMs),
      ),
    )
    .map(({ id }) => id);
}

/** "Green Tea House" → "G. T. H.": the first character of each word, of which Chinese has one. */
export const initialsOf = (name: string): string =>
  name
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => `${[...word][0] ?? ''}.`)
    .join(' ');

const vendRoute = (
  parts: BillingParts,
  { vends, accounts }: { readonly vends: VendsService; readonly accounts: Pick<AccountsService, 'row'> },
): Route =>
  defineRoute({
    method: 'post',
    path: `${project}/third-party-vends`,
    summary: 'Top up sold by a third party, which pays us by transfer',
    tag,
    access: { right: 'vend:write' },
    params: billingProjectParamsShape,
    body: thirdPartyVendBodyShape,
    response: thirdPartyVendShape,
    successStatus: 201,
    handle: async ({ params: { projectId }, body, principal, idempotencyKey, remoteAddress }) => {
      const { accountId, amountMicros, reference } = body;
      const requestId = requestIdOf(idempotencyKey, body.requestId);
      // The customer has paid the third party; what we receive is its transfer.
      const request = { requestId, accountId, amountMicros, reference, means: 'transfer' as const };
      const vend = await vends.vend(projectId, request, whoOf(principal));
      const { stage } = await accounts.row(projectId, accountId);
      const { vendId, receiptNumber, parts: vendParts, recordedAtMs } = vend;
      await parts.actionLog.record({
        principal,
        projectId,
        action: 'vend.third-party',
        subject: vendId,
        after: body,
        remoteAddress,
        atMs: parts.clock.nowMs(),
      });
      return {
        vendId,
        receiptNumber,
        accountId,
        amountMicros,
        parts: vendParts,
        reference,
        tenantInitials: initialsOf(vend.tenantName),
        stage,
        recordedAtMs,
      };
    },
  });
