// SPDX-License-Identifier: Apache-2.0
/** The thing with the fields that a patch gives; a field left out stays, null is a value like any other. */
export function withGiven<T extends object>(
  thing: T,
  patch: { readonly [K in keyof T]?: T[K] | undefined },
): T {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  return { ...thing, ...Object.fromEntries(given) };
}
