// SPDX-License-Identifier: Apache-2.0
import { OperatingError } from '@wattledger/platform';
import type { ControlHandler } from '../control/control-server.ts';
import type { System } from '../wire.ts';

interface RebuildCommand {
  readonly project?: string;
  readonly from?: string;
  readonly compare?: boolean;
}

/** Folds the kept readings again; compares, or replaces what is derived. 1 when a comparison finds a difference. */
export function rebuildHandler(system: System): ControlHandler {
  return async (options, print) => {
    const { project, from, compare } = options as RebuildCommand;
    const result = await system.services.stream.rebuild({
      ...(project === undefined ? {} : { projectId: project }),
      ...(from === undefined ? {} : { fromMs: instantOf(from) }),
      compareOnly: compare === true,
      onProgress: ({ done, total }) => {
        print({ kind: 'text', text: `${String(done)} of ${String(total)} meters` });
      },
    });
    const { meters, slotsCompared, slotsDifferent } = result;
    print({
      kind: slotsDifferent === 0 ? 'text' : 'error',
      text: `${String(meters)} meters, ${slotsCompared.toLocaleString('en')} slots folded again, ${String(slotsDifferent)} different${compare === true || slotsDifferent === 0 ? '' : ' and replaced'}.`,
    });
    return compare === true && slotsDifferent > 0 ? 1 : 0;
  };
}

function instantOf(day: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms))
    throw new OperatingError('date-invalid', `--from takes a day as YYYY-MM-DD, not "${day}"`, {
      retryable: false,
    });
  return ms;
}
