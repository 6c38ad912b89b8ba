// SPDX-License-Identifier: Apache-2.0
import { askDoctor, pipelineWaiting } from '../doctor/doctor.ts';
import type { ControlHandler } from '../control/control-server.ts';
import type { System } from '../wire.ts';

/** Asks every invariant and prints each answer; 1 when one fails. */
export function doctorHandler(system: System): ControlHandler {
  return async (_options, print) => {
    const checks = system.all.flatMap((service) => service.doctorChecks);
    const report = await askDoctor({
      checks,
      nowMs: system.parts.clock.nowMs(),
      waiting: () => pipelineWaiting(system),
      onChecked: ({ name, ok, detail }) => {
        print({ kind: ok ? 'text' : 'error', text: `${ok ? 'ok  ' : 'FAIL'} ${name}: ${detail}` });
      },
    });
    const failed = report.checks.filter(({ ok }) => !ok).length;
    print({
      kind: 'text',
      text: report.ok
        ? `All ${String(report.checks.length)} invariants hold.`
        : `${String(failed)} of ${String(report.checks.length)} invariants do not hold.`,
    });
    return report.ok ? 0 : 1;
  };
}
