// SPDX-License-Identifier: Apache-2.0
import type { MeterDriver } from './meter-driver.ts';
import type { Asker } from '../modbus/index.ts';
import { orderBalance } from './modbus-balance.ts';
import { readClock } from './modbus-clock.ts';
import { pollMeter } from './meter-poll.ts';
import { writeSetting } from './modbus-setting.ts';
import { switchSupply } from './modbus-supply.ts';
import type { MeterTarget } from './poll-targets.ts';

/** A meter whose registers are asked by address, on a connection of its gateway. */
export function modbusDriver(asker: Asker, ask: NonNullable<MeterTarget['ask']>): MeterDriver {
  return {
    poll: async () => await pollMeter(asker, ask),
    switchSupply: async (action) => await switchSupply(asker, ask, action),
    readClock: async (time) => await readClock(asker, ask, time),
    writeSetting: async (setting, time) =>
      setting.kind === 'meter-balance' || setting.kind === 'meter-credit'
        ? await orderBalance(asker, ask, setting)
        : await writeSetting(asker, ask, setting, time),
  };
}
