// SPDX-License-Identifier: Apache-2.0
import type { Tree } from '@wattledger/contracts/http/registry';

type SubItem = Tree['points'][number]['subItem'];
/** In the order of the overview. The contracts' own list stands beside shapes that would bring a validator into the browser. */
export const subItems = [
  'lighting',
  'air-conditioning',
  'power',
  'special',
  'tenant',
  'other',
] as const satisfies readonly SubItem[];
