// SPDX-License-Identifier: Apache-2.0
/**
 * Lets the packets of one MQTT connection through and ends it at one that says it is larger than we take: the broker's
 * parser would wait for it with up to 256 MB in memory.
 */
import { Transform, type TransformCallback } from 'node:stream';
import type { Buffer } from 'node:buffer';

export class PacketGuard extends Transform {
  readonly #bytesMax: number;
  /** Bytes of the packet in hand that are still to come. */
  #left = 0;
  /** While the length is read: its bytes so far; −1: the packet's first byte comes next. */
  #lengthBytes = -1;

  constructor(bytesMax: number) {
    super();
    this.#bytesMax = bytesMax;
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#left > 0 && this.#lengthBytes < 0) {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        at += taken;
        continue;
      }
      if (!this.#step(bytes.readUInt8(at)))
        return done(new Error('an MQTT packet larger than is taken here'));
      at += 1;
    }
    done(null, bytes);
  }

  /** @returns false when the packet is too large */
  #step(byte: number): boolean {
    if (this.#lengthBytes < 0) {
      this.#lengthBytes = 0;
      this.#left = 0;
      return true;
    }
    this.#left += (byte & 0x7f) * 128 ** this.#lengthBytes;
    this.#lengthBytes += 1;
    if (this.#left > this.#bytesMax || this.#lengthBytes > 4) return false;
    if ((byte & 0x80) === 0) this.#lengthBytes = -1;
    return true;
  }
}
