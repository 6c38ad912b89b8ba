// SPDX-License-Identifier: Apache-2.0
/** `npm run bench [-- name …]`: runs benchmarks one after the other, prints their tables, keeps them in bench/results.md. */
import { benchmarks } from './benchmarks.ts';
import { keepResults, tableOf } from './results.ts';

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  console.error(
    `no benchmark named ${unknown.join(', ')}; there are: ${benchmarks.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
for (const benchmark of benchmarks) {
  if (asked.length > 0 && !asked.includes(benchmark.name)) continue;
  console.log(`\n## ${benchmark.name}\n${benchmark.about}\n`);
  const figures = await benchmark.run();
  console.log(tableOf(figures));
  keepResults(benchmark, figures, new Date());
}
process.exit(0);
