// SPDX-License-Identifier: Apache-2.0
/** Child processes that must not outlive us, even when we are killed. */
import { spawn, type ChildProcess } from 'node:child_process';

/** Lets this process end although the child's pipes are open. */
export function unreference(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) (stream as { unref?: () => void } | null)?.unref?.();
}

/**
 * Signals process `pid` when this process has ended. A shell waits on a pipe from us: when we die, even by kill -9, it
 * reads the end of file. Kill the returned process to call it off.
 */
export function stopWithParent(pid: number, signal: 'INT' | 'TERM' | 'KILL'): ChildProcess {
  const watchdog = spawn('sh', ['-c', `read -r _; kill -${signal} ${pid} 2>/dev/null`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.stdin?.on('error', () => undefined);
  unreference(watchdog);
  return watchdog;
}
