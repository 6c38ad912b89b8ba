// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: the house keeps itself. Method: read the repository as text and syntax trees, and list every place that breaks a
 * rule of CONTRIBUTING.md; a rule that cannot be checked here is not a rule.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import {
  guardedLibraries,
  importsOf,
  mayImport,
  packageOf,
  root,
  sourceFiles,
  type SourceFile,
} from './repository.ts';

const isTest = (path: string): boolean => /\.(test|spec)\.ts$/.test(path);
const functionLinesMax = 70;

describe('imports', () => {
  test('follow the arrow contracts ← platform ← services ← app', () => {
    const faults: string[] = [];
    for (const file of sourceFiles()) {
      const from = packageOf(file.path);
      for (const specifier of importsOf(file)) {
        const match = /^@wattledger\/([^/]+)/.exec(specifier);
        const target = match?.[1];
        if (target !== undefined && target !== from && mayImport[from]?.includes(target) !== true) {
          faults.push(`${file.path} imports ${specifier}`);
        }
        if (specifier.startsWith('.')) {
          const resolved = posix.normalize(posix.join(dirname(file.path), specifier));
          if (packageOf(resolved) !== from) faults.push(`${file.path} reaches into ${resolved}`);
        }
      }
    }
    expect(faults).toEqual([]);
  });

  test('only the platform imports what reaches stores and brokers', () => {
    const faults = sourceFiles().flatMap((file) =>
      importsOf(file)
        .filter((specifier) => {
          const library = specifier.startsWith('@')
            ? specifier.split('/').slice(0, 2).join('/')
            : specifier.split('/')[0];
          const allowed = library === undefined ? undefined : guardedLibraries[library];
          return allowed !== undefined && !allowed.test(file.path);
        })
        .map((specifier) => `${file.path} imports ${specifier}`),
    );
    expect(faults).toEqual([]);
  });
});

/** Files that something outside TypeScript starts: programs, configuration, the bundler's entries. */
const entry =
  /(^|\/)(index|main|[a-z-]+-main|polyfills|test-setup|setup-jest)\.ts$|\.config\.ts$|\/bench\/|^bench\/|^tools\/|\.d\.ts$/;

test('no file is dead: every source is reached from an entry or a test', () => {
  const files = new Map(sourceFiles().map((file) => [file.path, file]));
  const reached = new Set<string>();
  const queue = [...files.keys()].filter((path) => entry.test(path) || isTest(path));
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const file = files.get(path);
    if (file === undefined) continue;
    for (const specifier of importsOf(file))
      queue.push(...candidates(path, specifier).filter((target) => files.has(target)));
    // Programs started by path (child processes, workers): a string that names a source file keeps it alive.
    for (const named of file.text.matchAll(/['"`](?:\.{1,2}\/)?([\w./-]+\.ts)['"`]/g)) {
      queue.push(...candidates(path, `./${named[1] ?? ''}`).filter((target) => files.has(target)));
    }
  }
  expect([...files.keys()].filter((path) => !reached.has(path))).toEqual([]);
});

function candidates(from: string, specifier: string): string[] {
  const contracts = /^@wattledger\/contracts\/http\/(.+)$/.exec(specifier);
  if (contracts) return [`contracts/src/http/${contracts[1] ?? ''}.ts`];
  if (!specifier.startsWith('.')) return [];
  const path = posix.normalize(posix.join(dirname(from), specifier));
  return [path, `${path}.ts`, `${path}/index.ts`];
}

test(`no function is longer than ${String(functionLinesMax)} lines`, () => {
  const faults: string[] = [];
  for (const file of sourceFiles().filter(({ path }) => !isTest(path))) {
    const visit = (node: ts.Node): void => {
      if (
        ts.isFunctionDeclaration(node) ||
        ts.isMethodDeclaration(node) ||
        ts.isArrowFunction(node) ||
        ts.isFunctionExpression(node) ||
        ts.isConstructorDeclaration(node)
      ) {
        const lines = linesOf(file, node);
        // A factory's body is a list of its functions; each of those is measured by itself.
        const own = lines - innerFunctionLines(file, node);
        if (own > functionLinesMax)
          faults.push(`${file.path}:${String(lineOf(file, node.getStart()))} ${String(own)} lines`);
      }
      ts.forEachChild(node, visit);
    };
    visit(file.tree);
  }
  expect(faults).toEqual([]);
});

const lineOf = (file: SourceFile, position: number): number =>
  file.tree.getLineAndCharacterOfPosition(position).line + 1;
const linesOf = (file: SourceFile, node: ts.Node): number =>
  lineOf(file, node.getEnd()) - lineOf(file, node.getStart()) + 1;
function innerFunctionLines(file: SourceFile, outer: ts.Node): number {
  let lines = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) lines += linesOf(file, node) - 1;
    else ts.forEachChild(node, visit);
  };
  ts.forEachChild(outer, visit);
  return lines;
}

/** Words the glossary bans as parts of identifiers. */
const bannedWords = ['usage', 'recharge', 'wallet'];

test('identifiers use the words of the glossary', () => {
  const faults: string[] = [];
  for (const file of sourceFiles()) {
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && isDeclared(node)) {
        const words = node.text
          .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
          .toLowerCase()
          .split(/[\s_]+/);
        const word = words.find((candidate) => bannedWords.includes(candidate));
        if (word !== undefined)
          faults.push(
            `${file.path}:${String(lineOf(file, node.getStart()))} "${node.text}": we do not say ${word}`,
          );
      }
      ts.forEachChild(node, visit);
    };
    visit(file.tree);
  }
  expect(faults).toEqual([]);
});

function isDeclared(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isVariableDeclaration(parent) ||
      ts.isFunctionDeclaration(parent) ||
      ts.isParameter(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isInterfaceDeclaration(parent) ||
      ts.isTypeAliasDeclaration(parent) ||
      ts.isClassDeclaration(parent)) &&
    parent.name === node
  );
}

test('no file is named for being nothing in particular', () => {
  const faults = sourceFiles()
    .map(({ path }) => path)
    .filter((path) => /(^|\/)(helpers?|utils?|common|misc)\.ts$/.test(path));
  expect(faults).toEqual([]);
});

test('every source says its licence in one line', () => {
  const faults = sourceFiles()
    .filter(({ text }) => !text.slice(0, 200).includes('SPDX-License-Identifier: Apache-2.0'))
    .map(({ path }) => path);
  expect(faults).toEqual([]);
});

test('the lock file carries no download addresses', () => {
  expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "https?:/);
});
