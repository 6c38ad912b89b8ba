// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { defineRoute } from './define-route.ts';
import { buildOpenApi } from './open-api.ts';

interface Place {
  name: string;
  inside: Place[];
}
const place: z.ZodType<Place> = z.lazy(() => z.object({ name: z.string(), inside: z.array(place) }));

test('the document carries parameters, bodies, answers and rights, and every reference leads somewhere', () => {
  const route = defineRoute({
    method: 'post',
    path: '/api/projects/{projectId}/places',
    summary: 'Add places',
    tag: 'registry',
    access: { right: 'project:write' },
    params: z.object({ projectId: z.string() }),
    query: z.object({ dryRun: z.enum(['0', '1']).default('0').describe('Change nothing') }),
    body: place,
    response: z.object({ made: z.number().int(), tree: place }),
    successStatus: 201,
    handle: async ({ body }) => ({ made: 1, tree: body }),
  });
  const document = buildOpenApi([route], { title: 'Wattledger', version: '1' });
  const text = JSON.stringify(document);
  const operation = (document['paths'] as Record<string, Record<string, Record<string, unknown>>>)[
    '/api/projects/{projectId}/places'
  ]?.['post'];
  expect(operation).toMatchObject({
    operationId: 'postProjectsProjectIdPlaces',
    parameters: [
      { name: 'projectId', in: 'path', required: true, schema: { type: 'string' } },
      {
        name: 'dryRun',
        in: 'query',
        required: false,
        description: 'Change nothing',
        schema: { default: '0', enum: ['0', '1'] },
      },
    ],
    responses: { 201: { content: { 'application/json': { schema: { type: 'object' } } } } },
    security: [{ session: [] }, { apiKey: [] }],
  });
  for (const [, reference] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const target = (reference ?? '')
      .split('/')
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
    expect([reference, typeof target]).toEqual([reference, 'object']);
  }
  expect(text).not.toContain('$defs');
});
