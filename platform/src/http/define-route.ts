// SPDX-License-Identifier: Apache-2.0
import type { DefineRoute, Route } from './port.ts';

/** Declares a route with its shapes; checks at once what would otherwise fail at the first request. */
export const defineRoute: DefineRoute = (route) => {
  if (!/^\/(api\/[a-zA-Z0-9_{}./-]*|metrics)$/.test(route.path))
    throw new Error(`route path "${route.path}" must begin with /api/ and write parameters as {name}`);
  return route as unknown as Route;
};
