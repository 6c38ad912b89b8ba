// SPDX-License-Identifier: Apache-2.0
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { controlSocketPath, type ControlCommand, type ControlLine } from './control-protocol.ts';

/** Is a product running on this data directory? */
export function isRunning(dataDirectory: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request(
      { socketPath: controlSocketPath(dataDirectory), path: '/ping', method: 'GET', timeout: 2_000 },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    ping.on('timeout', () => ping.destroy());
    ping.on('error', () => {
      resolve(false);
    });
    ping.end();
  });
}

/**
 * Runs a command in the running product, printing its lines as they come.
 * @returns the exit code; 1 when the product stopped before it answered
 */
export function runInRunningProduct(
  dataDirectory: string,
  command: ControlCommand,
  options: unknown,
  print: (line: ControlLine) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath: controlSocketPath(dataDirectory),
        path: `/${command}`,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        let exitCode = 1;
        const lines = createInterface({ input: response });
        lines.on('line', (text) => {
          const line = JSON.parse(text) as ControlLine;
          if (line.kind === 'exit') exitCode = line.code;
          else print(line);
        });
        lines.on('close', () => {
          resolve(exitCode);
        });
      },
    );
    call.on('error', reject);
    call.end(JSON.stringify(options));
  });
}
