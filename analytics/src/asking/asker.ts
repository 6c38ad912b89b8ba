// SPDX-License-Identifier: Apache-2.0
/** What every question is asked with: the site, its trees, how fresh its points are, the time. */
import { RequestError, type Parts } from '@wattledger/platform';
import type { Grid } from '../calendar/span.ts';
import type { Freshness } from '../freshness/freshness.ts';
import { parseSelection, wholeMedium, type Selection, type SelectionQuery } from '../selection/selection.ts';
import type { Medium, MeteringPointSnapshot } from '@wattledger/contracts';
import type { Site } from '../site/site.ts';
import type { Sites } from '../site/sites.ts';

export interface Asker {
  readonly warehouse: Parts['warehouse'];
  readonly database: Parts['database'];
  readonly clock: Parts['clock'];
  readonly sites: Sites;
  readonly freshness: Freshness;
}

export interface Scope {
  readonly site: Site;
  readonly grid: Grid;
  readonly selection: Selection;
  readonly lastReadingOf: ReadonlyMap<string, number>;
  readonly nowMs: number;
}

export function gridOf(site: Site): Grid {
  return { zone: site.project.zone, slotMinutes: site.project.slotMinutes };
}

async function scopeWith(asker: Asker, site: Site, selection: Selection): Promise<Scope> {
  return {
    site,
    grid: gridOf(site),
    selection,
    lastReadingOf: await asker.freshness.ofProject(site.project.id),
    nowMs: asker.clock.nowMs(),
  };
}

/** @throws RequestError no-such-project and those of parseSelection */
export async function scopeOf(asker: Asker, projectId: string, query: SelectionQuery): Promise<Scope> {
  const site = asker.sites.get(projectId);
  return await scopeWith(asker, site, parseSelection(site, query));
}

/** Everything of one medium. @throws RequestError no-such-project */
export async function scopeOfMedium(asker: Asker, projectId: string, medium: Medium): Promise<Scope> {
  return await scopeWith(asker, asker.sites.get(projectId), wholeMedium(medium));
}

/** @throws RequestError no-such-project, no-such-metering-point */
export function requirePoint(
  asker: Asker,
  projectId: string,
  meteringPointId: string,
): { readonly site: Site; readonly point: MeteringPointSnapshot } {
  const site = asker.sites.get(projectId);
  const point = site.points.get(meteringPointId);
  if (point === undefined) {
    throw new RequestError({
      status: 404,
      code: 'no-such-metering-point',
      message: 'this project has no such metering point',
      hint: "The ids come from the project's own list of metering points.",
    });
  }
  return { site, point };
}
