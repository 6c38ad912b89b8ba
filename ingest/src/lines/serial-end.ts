// SPDX-License-Identifier: Apache-2.0
/** A serial port of this machine (RS-485). Nothing keeps an answer on a wire: after a doubt it is waited out. */
import type { GatewayTransport } from '@wattledger/contracts';
import { SerialPort } from 'serialport';
import type { ByteLine, LineEnd } from './line-end.ts';

type SerialTransport = Extract<GatewayTransport, { readonly kind: 'serial' }>;

const dataBits = 8;
/** A character of Modbus RTU and of DL/T 645 takes eleven bits: start, eight, parity or a second stop bit, stop. */
const bitsPerCharacter = 11;

export function serialEnd({ path, baud, parity, stopBits }: SerialTransport): LineEnd {
  return {
    name: path,
    parting: 'fence',
    afterDoubt: 'drain',
    backsOff: true,
    marks: [],
    byteMs: (bitsPerCharacter * 1000) / baud,
    open: async () =>
      await new Promise<ByteLine | string>((resolve) => {
        const settings = { path, baudRate: baud, dataBits, parity, stopBits } as const;
        const port = new SerialPort({ ...settings, lock: true, autoOpen: false });
        port.on('error', () => undefined);
        port.open((error) => resolve(error === null ? byteLineOf(port) : error.message));
      }),
  };
}

function byteLineOf(port: SerialPort): ByteLine {
  return {
    write: (bytes) => void port.write(bytes),
    destroy: () => {
      if (port.isOpen) port.close(() => undefined);
    },
    on: (event: string, take: (argument: never) => void) => port.on(event as 'data', take as () => void),
  };
}
