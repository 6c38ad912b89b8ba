// SPDX-License-Identifier: Apache-2.0
/** OpenAPI 3.1 document from the routes' zod shapes. JSON Schema is 3.1's own schema language, so zod's form goes in as it is. */
import { problemShape } from '@wattledger/contracts';
import { z } from 'zod';
import { pathParametersOf } from './check-routes.ts';
import type { Access, Route } from './port.ts';

export interface OpenApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
}
type Json = Record<string, unknown>;

/** Schemas that other schemas name are moved to components, where references in the whole document can reach them. */
class Components {
  readonly schemas: Record<string, Json> = {};

  schemaOf(shape: z.ZodType, io: 'input' | 'output', owner: string): Json {
    const {
      $schema: _dialect,
      $defs,
      ...schema
    } = z.toJSONSchema(shape, { io, unrepresentable: 'any', target: 'draft-2020-12' }) as Json & {
      $defs?: Record<string, Json>;
    };
    const rename = (name: string): string => (name.startsWith('__') ? `${owner}${name}` : name);
    for (const [name, definition] of Object.entries($defs ?? {}))
      this.schemas[rename(name)] = rebased(definition, rename, owner) as Json;
    const own = rebased(schema, rename, owner) as Json;
    if (JSON.stringify(own).includes(`"#/components/schemas/${owner}"`)) {
      this.schemas[owner] = own;
      return { $ref: `#/components/schemas/${owner}` };
    }
    return own;
  }
}

function rebased(value: unknown, rename: (name: string) => string, owner: string): unknown {
  if (Array.isArray(value)) return value.map((item) => rebased(item, rename, owner));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (key !== '$ref' || typeof item !== 'string') return [key, rebased(item, rename, owner)];
      return [
        key,
        item === '#'
          ? `#/components/schemas/${owner}`
          : item.replace(
              /^#\/\$defs\/(.+)$/,
              (_match, name: string) => `#/components/schemas/${rename(name)}`,
            ),
      ];
    }),
  );
}

function accessText(access: Access): string {
  if (access === 'public') return 'Open to everybody.';
  if (access === 'signed-in') return 'Needs a session or an API key.';
  return `Needs the right \`${access.right}\`${access.anyProject === true ? ' in at least one project' : ''}.`;
}

function operationId(route: Route): string {
  const words = route.path
    .replace(/^\/api\//, '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  return [route.method, ...words]
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
}

function parametersOf(route: Route, components: Components, id: string): readonly Json[] {
  const inPath = pathParametersOf(route.path);
  const sources = [
    { shape: route.params, place: 'path' },
    { shape: route.query, place: 'query' },
  ] as const;
  return sources.flatMap(({ shape, place }) => {
    if (shape === undefined) return [];
    const schema = components.schemaOf(shape, 'input', `${id}_${place}`) as {
      properties?: Record<string, Json>;
      required?: string[];
    };
    return Object.entries(schema.properties ?? {})
      .filter(([name]) => place === 'query' || inPath.includes(name))
      .map(([name, property]) => {
        const { description, ...rest } = property;
        return {
          name,
          in: place,
          required: place === 'path' || (schema.required ?? []).includes(name),
          ...(description === undefined ? {} : { description }),
          schema: rest,
        };
      });
  });
}

function operationOf(route: Route, components: Components): Json {
  const id = operationId(route);
  const parameters = parametersOf(route, components, id);
  const status = route.successStatus ?? (route.response === null ? 204 : 200);
  const success: Json = { description: route.response === null ? 'Done.' : 'The answer.' };
  if (route.response !== null)
    success['content'] = {
      'application/json': { schema: components.schemaOf(route.response, 'output', `${id}_answer`) },
    };
  const operation: Json = {
    operationId: id,
    summary: route.summary,
    description: accessText(route.access),
    tags: [route.tag],
    responses: { [status]: success, default: { $ref: '#/components/responses/Problem' } },
  };
  if (parameters.length > 0) operation['parameters'] = parameters;
  if (route.bodyKind === 'stream')
    operation['requestBody'] = { content: { 'application/octet-stream': { schema: {} } } };
  else if (route.body !== undefined)
    operation['requestBody'] = {
      required: true,
      content: { 'application/json': { schema: components.schemaOf(route.body, 'input', `${id}_body`) } },
    };
  operation['security'] = route.access === 'public' ? [] : [{ session: [] }, { apiKey: [] }];
  return operation;
}

/** The document served at /api/openapi.json. */
export function buildOpenApi(routes: readonly Route[], info: OpenApiInfo): Json {
  const components = new Components();
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = (paths[route.path] ??= {});
    path[route.method] = operationOf(route, components);
  }
  const problem = components.schemaOf(problemShape, 'output', 'Problem');
  components.schemas['Problem'] = problem;
  return {
    openapi: '3.1.0',
    info,
    paths,
    components: {
      schemas: components.schemas,
      responses: {
        Problem: {
          description: 'What went wrong and what to do next.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'wattledger_session',
          description: 'Set by signing in.',
        },
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key as Authorization: Bearer …' },
      },
    },
  };
}
