// SPDX-License-Identifier: Apache-2.0
/** Who a device over MQTT is: its user name is its serial; its password is its own, or the secret shared by all. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Buffer } from 'node:buffer';

export interface DevicePasswords {
  admits(serial: string, password: Buffer): boolean;
}

const linePattern = /^([\w.:-]{1,64}):([0-9a-f]{64})$/i;

/**
 * @param ownLines lines `serial:SHA-256 of the password in hex`; a serial that has its own is not let in with the shared secret
 * @throws Error naming the first line that is none
 */
export function devicePasswords(sharedSecret: string | null, ownLines: string): DevicePasswords {
  const own = new Map<string, Buffer>();
  for (const [index, line] of ownLines.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const parts = linePattern.exec(line.trim());
    if (parts === null) throw new Error(`line ${index + 1} of the MQTT passwords is not "serial:sha256"`);
    own.set(parts[1] ?? '', Buffer.from(parts[2] ?? '', 'hex'));
  }
  const shared = sharedSecret === null ? null : digest(Buffer.from(sharedSecret));
  return {
    admits: (serial, password) => {
      const wanted = own.get(serial) ?? shared;
      return wanted !== null && timingSafeEqual(digest(password), wanted);
    },
  };
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
