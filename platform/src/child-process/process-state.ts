// SPDX-License-Identifier: Apache-2.0
/** What the system knows of another process: from /proc on Linux (small images have no ps), by ps elsewhere. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ProcessState {
  /** When it began, in the system's own words: tells a living owner from a stranger that got its number later. */
  readonly began: string;
  readonly command: string;
}

/** null when no such process runs. One that has ended but was not yet collected (in containers without an init) does not run. */
export async function processState(pid: number): Promise<ProcessState | null> {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  try {
    return process.platform === 'linux' ? await stateFromProc(pid) : await stateFromPs(pid);
  } catch {
    return null;
  }
}

async function stateFromProc(pid: number): Promise<ProcessState | null> {
  const [stat, command] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/cmdline`, 'utf8'),
  ]);
  // proc(5): "pid (name) state ppid …"; the name may hold anything, so fields are counted from its last bracket. Field 3 is the state, 22 the start.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  return { began: fields[19] ?? '', command: command.replaceAll('\0', ' ').trim() };
}

async function stateFromPs(pid: number): Promise<ProcessState | null> {
  const { stdout } = await run('ps', ['-o', 'stat=,lstart=,command=', '-p', String(pid)], {
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  // e.g. "Ss   Fri Nov 20 08:03:11 2026 /usr/bin/postgres -D …"
  const match = /^(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d{4})\s*(.*)$/.exec(stdout.trim());
  if (match === null || match[1]?.startsWith('Z') === true) return null;
  return { began: match[2] ?? '', command: match[3] ?? '' };
}
