// SPDX-License-Identifier: Apache-2.0
/** The repository as tidy sees it: the tracked and new source files, parsed. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export const root = join(import.meta.dirname, '..', '..');

/** Packages in the order of the import arrow; a package may import those listed for it. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  platform: ['contracts'],
  registry: ['contracts', 'platform'],
  ingest: ['contracts', 'platform'],
  stream: ['contracts', 'platform'],
  billing: ['contracts', 'platform'],
  analytics: ['contracts', 'platform'],
  dashboard: ['contracts'],
  app: ['contracts', 'platform', 'registry', 'ingest', 'stream', 'billing', 'analytics'],
  simulation: ['contracts', 'platform', 'registry', 'ingest', 'stream', 'billing', 'analytics', 'app'],
  bench: ['contracts', 'platform', 'registry', 'ingest', 'stream', 'billing', 'analytics', 'app'],
  tools: [],
};

/** Only these folders may import the packages that reach the outside stores. */
export const guardedLibraries: Readonly<Record<string, RegExp>> = {
  kafkajs: /^platform\//,
  '@platformatic/kafka': /^platform\//,
  '@confluentinc/kafka-javascript': /^platform\//,
  pg: /^platform\//,
  '@clickhouse/client': /^platform\//,
  chdb: /^platform\//,
  'modbus-serial': /^ingest\//,
  aedes: /^ingest\/src\/mqtt\//,
  mqtt: /^ingest\/src\/(mqtt|simulated-callers)\//,
};

export interface SourceFile {
  /** Relative to the repository, with '/'. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

let sources: readonly SourceFile[] | undefined;

/** All TypeScript files that git tracks or would track. */
export function sourceFiles(): readonly SourceFile[] {
  if (sources !== undefined) return sources;
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  sources = [...new Set(listed.split('\n'))]
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true) };
    });
  return sources;
}

/** What a file imports or re-exports, as written. */
export function importsOf(file: SourceFile): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      found.push(node.moduleSpecifier.text);
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      if (specifier && ts.isStringLiteral(specifier)) found.push(specifier.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file.tree);
  return found;
}

export const packageOf = (path: string): string => path.slice(0, path.indexOf('/'));
