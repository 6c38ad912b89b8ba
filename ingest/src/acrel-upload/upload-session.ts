// SPDX-License-Identifier: Apache-2.0
/**
 * One connection of a meter that uploads by itself. Readings are acknowledged after they are durable and not before: what
 * is not acknowledged the meter keeps and sends again. Its Modbus registers can be asked through the same connection,
 * one question at a time; the frames carry no id, so an answer that does not come, or that nobody asked for, closes it.
 */
import type { Socket } from 'node:net';
import { Buffer } from 'node:buffer';
import type { Logger } from 'pino';
import type { Clock } from '@wattledger/platform';
import type { CallerPort } from '../callers/called-line.ts';
import type { CallerDesk, Visit } from '../callers/caller-desk.ts';
import type { MeterUpload } from '../callers/meter-upload.ts';
import { modbusDriver } from '../collector/modbus-driver.ts';
import { judge, type ModbusRequest } from '../modbus/frames.ts';
import type { ModbusAnswer } from '../modbus/index.ts';
import { deframeRtu, encodeRtuRequest } from '../modbus/rtu-frames.ts';
import { readSummaryRecord } from './summary-record.ts';
import { isSerial, readLogin, readReadings, timeBody, type UploadSection } from './upload-bodies.ts';
import { encodeFrame, takeFrames, uploadCommands, type UploadFrame } from './upload-frames.ts';

/** Uploads of one connection that wait to become durable; then nothing more is read from it. */
const unstoredMax = 20;
/** A connection that says nothing for so long is gone; one that has not said who it is has less time. */
const loginMs = 30_000;
const idleMs = 45 * 60_000;
/** Bytes that belong to no frame; then the other side does not speak this language. */
const droppedBytesMax = 8_192;

const pieceBytes = 2_048;

export interface SessionOptions {
  readonly socket: Socket;
  readonly desk: CallerDesk;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of two connections of one serial the newer one counts. */
  readonly claimSerial: (serial: string, session: UploadSession) => void;
}

interface Question {
  readonly request: ModbusRequest;
  readonly finish: (answer: ModbusAnswer) => void;
}

export class UploadSession {
  readonly #options: SessionOptions;
  #received: Buffer = Buffer.alloc(0);
  #dropped = 0;
  #visit: Visit | null = null;
  #serial: string | null = null;
  #question: Question | null = null;
  #unstored = 0;
  #storing: Promise<void> = Promise.resolve();

  constructor(options: SessionOptions) {
    this.#options = options;
    const { socket } = options;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.setTimeout(loginMs, () => this.close('it said nothing'));
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#ended());
  }

  get serial(): string | null {
    return this.#serial;
  }

  close(reason: string): void {
    this.#options.logger.debug({ serial: this.#serial, reason }, 'an upload connection is closed');
    this.#options.socket.destroy();
  }

  /** Resolves when everything taken is durable or lost. */
  async settled(): Promise<void> {
    await this.#storing;
  }

  #ended(): void {
    this.#visit?.leave();
    this.#answer({ ok: false, fault: 'no-connection', reason: 'the meter hung up' });
  }

  /** In pieces: what is no upload is known for it before much work was done on it. */
  #take(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && !this.#options.socket.destroyed; at += pieceBytes)
      this.#takePiece(bytes.subarray(at, at + pieceBytes));
  }

  #takePiece(bytes: Buffer): void {
    const { frames, rest, dropped } = takeFrames(Buffer.concat([this.#received, bytes]));
    this.#received = Buffer.from(rest);
    this.#dropped = frames.length > 0 ? 0 : this.#dropped + dropped;
    if (this.#dropped > droppedBytesMax) return this.close('what it says is no upload');
    for (const frame of frames) this.#handle(frame);
  }

  #handle({ command, body }: UploadFrame): void {
    if (this.#options.socket.destroyed) return;
    this.#visit?.heard();
    if (command === uploadCommands.login) this.#login(body);
    else if (command === uploadCommands.time) this.#tellTime();
    else if (command === uploadCommands.readings) this.#takeReadings(body);
    else if (command === uploadCommands.transparent) this.#takeAnswer(body);
    // Heartbeats want no answer; what else there is (parameters, alarms of its own) is of no use here.
  }

  #login(body: Buffer): void {
    const login = readLogin(body);
    if (login === null) return this.close('a login without a serial');
    const { serial, ...facts } = login;
    if (!this.#isFrom(serial)) return;
    const { remoteAddress } = this.#options.socket;
    this.#visit?.describe({ ...facts, remoteAddress: remoteAddress ?? null });
    this.#send(uploadCommands.login);
  }

  /** A connection speaks for one meter. */
  #isFrom(serial: string): boolean {
    if (this.#serial !== null) {
      if (this.#serial === serial) return true;
      this.close(`it said it was ${this.#serial}, now ${serial}`);
      return false;
    }
    this.#serial = serial;
    const { socket, desk, claimSerial } = this.#options;
    socket.setTimeout(idleMs);
    claimSerial(serial, this);
    const identity = { via: 'acrel-upload', serial, dialect: null, productKey: null } as const;
    this.#visit = desk.arrive(identity, this.#port());
    this.#visit.heard();
    return true;
  }

  #tellTime(): void {
    const { clock, desk } = this.#options;
    const zone = this.#visit?.zone ?? desk.defaultZone;
    this.#send(uploadCommands.time, timeBody(clock.nowMs(), zone));
  }

  #takeReadings(body: Buffer): void {
    const { serial, sections, faults } = readReadings(body);
    if (serial !== null && !isSerial(serial)) return this.close('readings of nobody');
    if (serial !== null && !this.#isFrom(serial)) return;
    const visit = this.#visit;
    if (visit === null) return this.close('readings of nobody');
    const uploads = sections.map((section) => this.#uploadOf(section, visit)).filter((one) => one !== null);
    if (uploads.length === 0) {
      this.#options.logger.warn(
        { serial: this.#serial, faults },
        'an upload that is no summary record; it is acknowledged, or it would come for ever',
      );
    }
    this.#store(visit, uploads);
  }

  #uploadOf(section: UploadSection, visit: Visit): MeterUpload | null {
    const record = readSummaryRecord(section.words);
    if (record === null) return null;
    const { registers, parameters, relay, clock, modelId, modelCode } = record;
    const unitId = /^\d{1,3}$/.test(section.address) ? Number(section.address) : section.unitId;
    const serial = this.#serial ?? '';
    if (!visit.claimed) {
      const modelName = modelId === null ? `model code ${modelCode}` : modelId;
      const meter = { serial, unitId, lineAddress: null, modelName };
      visit.describe({ kind: 'meter', modelName, modelId, seen: [meter] });
    }
    return {
      address: { unitId, lineAddress: null },
      time: clock === null ? null : { kind: 'local', localMs: clock },
      registers,
      parameters,
      relay,
    };
  }

  /** Acknowledges in the order of arrival: an acknowledgement does not say of what. */
  #store(visit: Visit, uploads: readonly MeterUpload[]): void {
    const { socket } = this.#options;
    this.#unstored += 1;
    if (this.#unstored >= unstoredMax) socket.pause();
    const taken = visit.take(uploads);
    this.#storing = this.#storing
      .then(async () => await taken)
      .then(() => this.#send(uploadCommands.readings))
      .catch(() => this.close('its readings could not be stored'))
      .finally(() => {
        this.#unstored -= 1;
        if (!socket.destroyed) socket.resume();
      });
    taken.catch(() => undefined);
  }

  #port(): CallerPort {
    return {
      driverOf: ({ ask }) =>
        ask === null ? null : modbusDriver({ ask: async (request) => await this.#ask(request) }, ask),
    };
  }

  async #ask(request: ModbusRequest): Promise<ModbusAnswer> {
    const { socket } = this.#options;
    if (this.#question !== null) throw new Error('a meter is asked one question at a time');
    if (socket.destroyed) return { ok: false, fault: 'no-connection', reason: 'the meter hung up' };
    const timeoutMs = this.#visit?.timeoutMs ?? 0;
    const answer = new Promise<ModbusAnswer>((resolve) => {
      const timer = setTimeout(() => {
        this.#answer({ ok: false, fault: 'no-answer', reason: `no answer within ${timeoutMs} ms` });
        this.close('a late answer could be taken for the next one');
      }, timeoutMs);
      this.#question = {
        request,
        finish: (given) => {
          clearTimeout(timer);
          resolve(given);
        },
      };
    });
    this.#send(uploadCommands.transparent, encodeRtuRequest(request));
    return await answer;
  }

  #takeAnswer(body: Buffer): void {
    const question = this.#question;
    if (question === null) return this.close('an answer that nobody asked for');
    const deframed = body.length === 0 ? { kind: 'more' as const } : deframeRtu(body);
    if (deframed.kind !== 'frame') {
      this.#answer({ ok: false, fault: 'garbled', reason: 'what came is no Modbus answer' });
      return this.close('a garbled answer');
    }
    const verdict = judge(question.request, deframed.frame);
    const atMs = this.#options.clock.nowMs();
    if (verdict.ok) return this.#answer({ ok: true, words: verdict.words, atMs, inPieces: false });
    this.#answer(verdict);
    if (verdict.fault === 'foreign-answer') this.close('an answer to another question');
  }

  #answer(answer: ModbusAnswer): void {
    const question = this.#question;
    this.#question = null;
    question?.finish(answer);
  }

  #send(command: number, body?: Buffer): void {
    const { socket } = this.#options;
    if (!socket.destroyed) socket.write(encodeFrame(command, body));
  }
}
