// SPDX-License-Identifier: Apache-2.0
/** Everything of books and documents in one place: its routes, and what the doctor asks of it. */
import type { DoctorCheck, Route } from '@wattledger/platform';
import { chainHolds, createDailyCloseService } from './daily-close/daily-close-service.ts';
import { dailyCloseRoutes } from './daily-close/daily-close-routes.ts';
import { loadCloses } from './daily-close/daily-close-store.ts';
import { onlineSources } from './daily-close/online-sources.ts';
import { documentsRoutes } from './documents/documents-routes.ts';
import { createDocumentsService } from './documents/documents-service.ts';
import { journalRoutes } from './journal/journal-routes.ts';
import { ordersRoutes } from './orders/orders-routes.ts';
import type { BillingParts } from './parts.ts';
import type { PaymentProvider } from './payments/payment-provider.ts';
import { reportsRoutes } from './reports/reports-routes.ts';

export const bookRoutes = (parts: BillingParts, providers: readonly PaymentProvider[]): readonly Route[] => [
  ...documentsRoutes(parts, createDocumentsService(parts)),
  ...ordersRoutes(parts),
  ...reportsRoutes(parts),
  ...journalRoutes(parts),
  ...dailyCloseRoutes(parts, createDailyCloseService(parts, onlineSources(providers))),
];

const closesMax = 100_000;

export const bookChecks = (parts: BillingParts): readonly DoctorCheck[] => [
  {
    name: 'document numbers have no gaps',
    async check() {
      const { rows } = await parts.database.query<{
        project_id: string;
        kind: string;
        documents: number;
        last: number;
      }>(
        `SELECT document.project_id, document.kind, count(*) AS documents, max(document.number) AS last
           FROM billing.documents AS document
          WHERE document.kind <> 'sale'
          GROUP BY document.project_id, document.kind
         HAVING count(*) <> max(document.number)`,
      );
      const faults = rows.map(
        (row) => `${row.project_id} ${row.kind}: ${row.documents} documents up to ${row.last}`,
      );
      return { ok: faults.length === 0, detail: faults.length === 0 ? 'without gaps' : faults.join('; ') };
    },
  },
  {
    name: 'closed days stand in an unbroken chain',
    async check() {
      const { rows } = await parts.database.query<{ project_id: string }>(
        'SELECT DISTINCT closed.project_id FROM billing.day_closes AS closed ORDER BY 1',
      );
      const broken: string[] = [];
      for (const { project_id: projectId } of rows)
        if (!chainHolds(await loadCloses(parts.database, projectId, { limit: closesMax })))
          broken.push(projectId);
      return {
        ok: broken.length === 0,
        detail:
          broken.length === 0 ? `${rows.length} projects with closed days` : `broken in ${broken.join(', ')}`,
      };
    },
  },
];
