// SPDX-License-Identifier: Apache-2.0
/** Questions of DL/T 645 as a line takes them. */
import { Buffer } from 'node:buffer';
import type { Exchange, Verdict } from '../lines/exchange.ts';
import {
  controls,
  dataIdBytes,
  deframe645,
  encodeFrame,
  judge645,
  wildcardAddress,
  type Control,
} from './frames.ts';

interface Asked {
  readonly address: string;
  readonly control: Control;
  readonly contents: Buffer;
  /** What the contents of the answer begin with. */
  readonly leading: Buffer;
  /** Bytes behind it; null: whatever comes. */
  readonly length: number | null;
}

/** Preamble, frame and identifier around what was asked for. */
const aroundBytes = 24;
const nothing = Buffer.alloc(0);

function exchangeOf(asked: Asked): Exchange {
  const { address, control, contents, leading, length } = asked;
  return {
    encode: () => encodeFrame(address, control, contents),
    deframe: deframe645,
    judge: (frame): Verdict => {
      const verdict = judge645(frame, { address, control, leading });
      if (!verdict.ok || length === null || verdict.words.length === length) return verdict;
      const reason = `${verdict.words.length} bytes, ${length} were asked`;
      return { ok: false, fault: 'wrong-length', reason };
    },
    shape: `${address}/${control}/${leading.toString('hex')}`,
    isWrite: control === controls.relay || control === controls.write,
    // The check sum covers the whole frame.
    loneBytes: Infinity,
    answerBytes: aroundBytes + (length ?? 0),
    fence: () => readExchange(address, leading.equals(dataIdBytes(fenceId)) ? otherFenceId : fenceId, null),
  };
}
const fenceId = '04000101';
const otherFenceId = '00010000';

/** Reads one value. @param length bytes of the value; null: whatever comes */
export function readExchange(address: string, dataId: string, length: number | null): Exchange {
  const leading = dataIdBytes(dataId);
  return exchangeOf({ address, control: controls.read, contents: leading, leading, length });
}

/** Asks the one meter on a line for its address. */
export function readAddressExchange(): Exchange {
  const asked = { address: wildcardAddress, control: controls.readAddress, contents: nothing };
  return exchangeOf({ ...asked, leading: nothing, length: 6 });
}

/** Class, password and operator code with which a meter lets itself be switched. */
export interface SwitchPassword {
  readonly passwordClass: number;
  /** Six digits. */
  readonly password: string;
  /** Eight digits. */
  readonly operatorCode: string;
}
/** Writes a part of the clock. @param value in the order of the wire */
export function writeExchange(
  address: string,
  dataId: string,
  password: SwitchPassword,
  value: Buffer,
): Exchange {
  const contents = Buffer.concat([dataIdBytes(dataId), passwordBytes(password), value]);
  return exchangeOf({ address, control: controls.write, contents, leading: nothing, length: 0 });
}

function passwordBytes({ passwordClass, password, operatorCode }: SwitchPassword): Buffer {
  return Buffer.concat([
    Buffer.from([passwordClass]),
    Buffer.from(password, 'hex').reverse(),
    Buffer.from(operatorCode, 'hex').reverse(),
  ]);
}

/** trip, let close by hand, close, protect against tripping, release from protection. */
export const relayOrders = { '1A': 0x1a, '1B': 0x1b, '1C': 0x1c, '3A': 0x3a, '3B': 0x3b } as const;
export type RelayOrder = keyof typeof relayOrders;

/** @param expiresMs the meter refuses the order when its clock is past this */
export function relayExchange(
  address: string,
  order: RelayOrder,
  password: SwitchPassword,
  expiresMs: number,
): Exchange {
  const contents = Buffer.concat([
    passwordBytes(password),
    Buffer.from([relayOrders[order], 0]),
    deadlineBytes(expiresMs),
  ]);
  return exchangeOf({ address, control: controls.relay, contents, leading: nothing, length: 0 });
}

/** Second, minute, hour, day, month, year. */
function deadlineBytes(ms: number): Buffer {
  const digits = new Date(ms).toISOString().slice(2, 19).replaceAll(/\D/g, '');
  return Buffer.from(digits, 'hex').reverse();
}
