// SPDX-License-Identifier: Apache-2.0
import type { Subject } from '@wattledger/contracts/http/analytics';
import type { Group } from '../selection/net-terms.ts';
import type { Site } from '../site/site.ts';

/** Names of a group, as the registry tells them now. */
export function subjectOf(site: Site, group: Group): Subject {
  const named = (found: { readonly code: string; readonly name: string } | undefined): Subject => ({
    kind: group.kind,
    id: group.id,
    code: found?.code ?? null,
    name: found?.name ?? null,
  });
  switch (group.kind) {
    case 'point':
      return named(site.points.get(group.id ?? ''));
    case 'place':
      return named(site.places.get(group.id ?? ''));
    case 'tenant':
      return named(site.tenants.get(group.id ?? ''));
    default:
      return named(undefined);
  }
}
