// SPDX-License-Identifier: Apache-2.0
/**
 * An Acrel meter with a modem of its own: a real TCP client that logs in, uploads, keeps what is not acknowledged, and
 * answers Modbus through the same connection. Faults: cut frames, a heartbeat in the middle of a frame, history after an
 * outage out of order and twice, a relay that does not move.
 */
import { Socket } from 'node:net';
import { Buffer } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeFrame, takeFrames, uploadCommands } from '../acrel-upload/upload-frames.ts';
import { crc16 } from '../modbus/rtu-frames.ts';
import { summaryBytes, type SummaryImage } from './summary-image.ts';

export interface UploadMeterOptions {
  readonly port: number;
  readonly serial: string;
  readonly unitId?: number;
  readonly uploadIntervalMinutes?: number;
}

const controlAddress = 0x57;
const connectionsMax = 10;
const betweenConnectionsMs = 200;
const heartbeat = encodeFrame(uploadCommands.heartbeat);

export class SimulatedUploadMeter {
  readonly #options: Required<UploadMeterOptions>;
  #socket: Socket | null = null;
  #received: Buffer = Buffer.alloc(0);
  /** Who waits for the next frame of a command. */
  readonly #waiting = new Map<number, ((body: Buffer | null) => void)[]>();
  /** Forced mode, forced open. */
  readonly control: [number, number] = [0, 0];
  /** false: it acknowledges a write and leaves the relay as it is. */
  obeys = true;
  /** false: it says nothing to Modbus questions. */
  answers = true;
  image: SummaryImage;

  constructor(options: UploadMeterOptions, image: SummaryImage) {
    this.#options = { unitId: 1, uploadIntervalMinutes: 0, ...options };
    this.image = image;
  }

  get isConnected(): boolean {
    return this.#socket !== null;
  }

  /** Opens the connection and logs in. Resolves with the acknowledgement. @throws Error when the other side hangs up */
  async connect(): Promise<void> {
    await this.open();
    const acknowledged = this.#next(uploadCommands.login);
    this.#write(encodeFrame(uploadCommands.login, loginBody(this.#options)));
    await acknowledged;
  }

  async open(): Promise<void> {
    const socket = new Socket();
    this.#received = Buffer.alloc(0);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(this.#options.port, '127.0.0.1', () => resolve());
    });
    this.#socket = socket;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = null;
      for (const waiting of this.#waiting.values()) for (const done of waiting.splice(0)) done(null);
    });
  }

  disconnect(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  async askTime(): Promise<Buffer> {
    const told = this.#next(uploadCommands.time);
    this.#write(encodeFrame(uploadCommands.time));
    return await told;
  }

  heartbeat(): void {
    this.#write(heartbeat);
  }

  /** Resolves when it is acknowledged. @throws Error when the connection ends before */
  async upload(image: SummaryImage = this.image): Promise<void> {
    const acknowledged = this.#next(uploadCommands.readings);
    this.#write(this.frameOf(image));
    await acknowledged;
  }

  /** As a real one does: what was not acknowledged goes out again over a new connection. @throws Error after ten of them */
  async uploadUntilTaken(image: SummaryImage = this.image): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        if (!this.isConnected) await this.connect();
        await this.upload(image);
        return;
      } catch (error) {
        if (tries >= connectionsMax) throw error;
        await sleep(betweenConnectionsMs);
      }
    }
  }

  /** Like `upload`, in pieces with a heartbeat between them. */
  async uploadAround(image: SummaryImage = this.image): Promise<void> {
    const acknowledged = this.#next(uploadCommands.readings);
    const frame = this.frameOf(image);
    this.#write(frame.subarray(0, 60));
    this.#write(heartbeat);
    this.#write(frame.subarray(60));
    await acknowledged;
  }

  /** Sends the beginning of an upload and no more. */
  cutUpload(bytes: number, image: SummaryImage = this.image): void {
    this.#write(this.frameOf(image).subarray(0, bytes));
  }

  /** Sends a whole upload and is gone before the acknowledgement. */
  uploadAndHangUp(image: SummaryImage = this.image): void {
    this.#socket?.end(this.frameOf(image));
    this.#socket = null;
  }

  raw(bytes: Buffer): void {
    this.#write(bytes);
  }

  frameOf(image: SummaryImage): Buffer {
    const { serial, unitId } = this.#options;
    const answer = rtu(
      unitId,
      3,
      Buffer.concat([Buffer.from([summaryBytes(image).length]), summaryBytes(image)]),
    );
    const section = Buffer.concat([Buffer.from(`[[${unitId}((`), answer, Buffer.from('))]]')]);
    return encodeFrame(uploadCommands.readings, Buffer.concat([padded(serial, 20), section]));
  }

  #write(bytes: Buffer): void {
    this.#socket?.write(bytes);
  }

  async #next(command: number): Promise<Buffer> {
    const waiting = this.#waiting.get(command) ?? [];
    this.#waiting.set(command, waiting);
    const body = await new Promise<Buffer | null>((resolve) => waiting.push(resolve));
    if (body === null) throw new Error('the other side hung up');
    return body;
  }

  #take(bytes: Buffer): void {
    const { frames, rest } = takeFrames(Buffer.concat([this.#received, bytes]));
    this.#received = Buffer.from(rest);
    for (const { command, body } of frames) {
      if (command === uploadCommands.transparent) this.#answer(body);
      else this.#waiting.get(command)?.shift()?.(body);
    }
  }

  /** Modbus RTU: reads and writes of the two control words, reads of the energies. */
  #answer(question: Buffer): void {
    const { unitId } = this.#options;
    if (!this.answers || question.readUInt8(0) !== unitId) return;
    const functionCode = question.readUInt8(1);
    const address = question.readUInt16BE(2);
    const count = question.readUInt16BE(4);
    if (functionCode === 16) {
      if (this.obeys && address === controlAddress) {
        this.control[0] = question.readUInt16BE(7);
        this.control[1] = question.readUInt16BE(9);
        if (this.control[0] === 1) this.image = { ...this.image, closed: this.control[1] === 0 };
      }
      this.#reply(rtu(unitId, 16, question.subarray(2, 6)));
      return;
    }
    const words = Buffer.alloc(2 * count);
    for (let index = 0; index < count; index += 1)
      words.writeUInt16BE(this.#word(address + index), 2 * index);
    this.#reply(rtu(unitId, functionCode, Buffer.concat([Buffer.from([2 * count]), words])));
  }

  #word(address: number): number {
    if (address === controlAddress) return this.control[0];
    if (address === controlAddress + 1) return this.control[1];
    const count = this.image.counts[address >> 1] ?? 0;
    if (address < 10) return address % 2 === 0 ? count >>> 16 : count & 0xffff;
    return 0;
  }

  #reply(answer: Buffer): void {
    this.#write(encodeFrame(uploadCommands.transparent, answer));
  }
}

function padded(text: string, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.write(text, 'latin1');
  return buffer;
}

function loginBody({ serial, uploadIntervalMinutes }: Required<UploadMeterOptions>): Buffer {
  const told = Buffer.from([20, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, uploadIntervalMinutes]);
  return Buffer.concat([padded(serial, 20), padded('89860012345678901234', 30), told]);
}

function rtu(unitId: number, functionCode: number, rest: Buffer): Buffer {
  const summed = Buffer.concat([Buffer.from([unitId, functionCode]), rest]);
  const crc = Buffer.alloc(2);
  crc.writeUInt16LE(crc16(summed));
  return Buffer.concat([summed, crc]);
}
