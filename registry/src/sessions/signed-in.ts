// SPDX-License-Identifier: Apache-2.0
import type { Principal } from '@wattledger/contracts';
import { RequestError } from '@wattledger/platform';

/** The principal of a route that is not public: the platform has let nobody else through. */
export function signedIn(context: { readonly principal: Principal | null }): Principal {
  if (context.principal === null) {
    throw new RequestError({
      status: 401,
      code: 'not-signed-in',
      message: 'Nobody is signed in.',
      hint: 'Sign in and try again.',
    });
  }
  return context.principal;
}
