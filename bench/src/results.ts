// SPDX-License-Identifier: Apache-2.0
/** Results are kept in bench/results.md: one section per benchmark, replaced when it runs again. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, Figure } from './figure.ts';

const path = join(import.meta.dirname, '..', 'results.md');
const head = `# Measured

Each section is written by \`npm run bench -- <name>\` and replaced when it runs again. Ratios are taken within one run, because machines
are noisy; "reach" is what the design asks for on two cores.
`;

export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(
    ({ work, measured, reach, reached, note }) =>
      `| ${work} | ${measured} | ${reach ?? '–'} | ${reached === null ? '–' : reached ? 'yes' : '**no**'} | ${note} |`,
  );
  return ['| work | measured | reach | reached | how |', '|---|---|---|---|---|', ...rows].join('\n');
}

export function keepResults(benchmark: Benchmark, figures: readonly Figure[], at: Date): void {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : head;
  const sections = new Map<string, string>();
  for (const part of before.split(/^## /m).slice(1))
    sections.set(part.slice(0, part.indexOf('\n')).trim(), part.slice(part.indexOf('\n') + 1).trim());
  const machine = `${String(cpus().length)} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${String(Math.round(totalmem() / 2 ** 30))} GiB, ${platform()} ${arch()}, Node ${process.versions.node}`;
  sections.set(
    benchmark.name,
    `${benchmark.about}\n\n${tableOf(figures)}\n\n${at.toISOString().slice(0, 10)}, ${machine}.`,
  );
  const body = [...sections].map(([name, text]) => `## ${name}\n\n${text}\n`).join('\n');
  writeFileSync(path, `${head}\n${body}`);
}
