// SPDX-License-Identifier: Apache-2.0
/** Memory and processor time of processes, as Linux tells them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Ticks of /proc/…/stat in a second: the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** The database's processes: the one that its directory names, and those it has started. Empty where /proc is not. */
function databasePids(directory: string): readonly string[] {
  if (!existsSync('/proc/self/smaps_rollup')) return [];
  const [first] = readFileSync(join(directory, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  return readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && (pid === first || fieldOf(pid, 'status', /^PPid:\s+(\d+)/m) === first),
  );
}

/** Own share of each of the database's processes: they share most of their pages. null: the system does not tell. */
export function databaseMb(directory: string): number | null {
  const pids = databasePids(directory);
  if (pids.length === 0) return null;
  return (
    pids.reduce((sum, pid) => sum + Number(fieldOf(pid, 'smaps_rollup', /^Pss:\s+(\d+)/m) ?? 0), 0) / 1_024
  );
}

/** Processor time of the database's processes so far, of those that have ended too. */
export function databaseSeconds(directory: string): number {
  const ticks = databasePids(directory).map((pid) => {
    // After the name in brackets: state, ten more, then own and ended children's time in user and system mode.
    const times = fieldOf(pid, 'stat', /\) \S(?: \S+){10} (\d+ \d+ \d+ \d+)/)?.split(' ') ?? [];
    return times.reduce((sum, time) => sum + Number(time), 0);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / ticksPerSecond;
}

function fieldOf(pid: string, file: string, pattern: RegExp): string | undefined {
  try {
    return pattern.exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1];
  } catch {
    // Ended meanwhile.
    return undefined;
  }
}
