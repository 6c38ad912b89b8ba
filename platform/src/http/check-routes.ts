// SPDX-License-Identifier: Apache-2.0
/** What can be wrong with a set of routes before any request: found at start, not by a user. */
import type { Route } from './port.ts';

export function pathParametersOf(path: string): readonly string[] {
  return [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? '');
}

/** @throws Error that lists every fault: doubled routes, path parameters without a shape, shapes without a path parameter */
export function checkRoutes(routes: readonly Route[]): void {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const route of routes) {
    const label = `${route.method.toUpperCase()} ${route.path}`;
    const pattern = `${route.method} ${route.path.replace(/\{[^}]+\}/g, '{}')}`;
    if (seen.has(pattern)) faults.push(`${label} is declared twice`);
    seen.add(pattern);
    const inPath = pathParametersOf(route.path);
    const inShape = Object.keys(
      (route.params as { shape?: Record<string, unknown> } | undefined)?.shape ?? {},
    );
    for (const name of inPath)
      if (!inShape.includes(name)) faults.push(`${label}: path parameter {${name}} has no shape`);
    for (const name of inShape)
      if (!inPath.includes(name))
        faults.push(`${label}: params shape has "${name}", which is not in the path`);
    if (
      route.access !== 'public' &&
      route.access !== 'signed-in' &&
      route.access.anyProject === true &&
      inPath.includes('projectId')
    ) {
      faults.push(`${label}: anyProject would let a right in one project open another`);
    }
  }
  if (faults.length > 0) throw new Error(`routes cannot be served:\n  ${faults.join('\n  ')}`);
}
