// SPDX-License-Identifier: Apache-2.0
/**
 * argon2id by node:crypto, kept in the PHC text form `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, so that the cost can be
 * raised later while old hashes still verify. Cost as OWASP names it for argon2id: 19 MiB, 2 passes (21 ms here).
 */
import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto';
import { promisify } from 'node:util';
import { RequestError } from '@wattledger/platform';

const deriveKey = promisify(argon2);

const memoryKiB = 19_456;
const passes = 2;
const lanes = 1;
const hashBytes = 32;
const saltBytes = 16;

/** Each hash takes a thread and 19 MiB; the rest of the process needs its threads too. */
const hashesAtOnceMax = 2;
/** About two seconds' worth; whoever comes then is told to come again. */
const waitingMax = 200;

let running = 0;
const waiting: (() => void)[] = [];

async function withTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= hashesAtOnceMax) {
    if (waiting.length >= waitingMax) {
      throw new RequestError({
        status: 503,
        code: 'busy',
        message: 'Too many people are signing in at this moment.',
        hint: 'Try again in a few seconds.',
      });
    }
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
  } else {
    running += 1;
  }
  try {
    return await work();
  } finally {
    // The turn is handed on, or given back when nobody waits.
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

/** PHC text of a password under a fresh salt. @throws RequestError busy */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(saltBytes);
  const key = await derive(password, {
    nonce,
    memory: memoryKiB,
    passes,
    parallelism: lanes,
    tagLength: hashBytes,
  });
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${base64(nonce)}$${base64(key)}`;
}

/** Whether a password fits a PHC text; compares in constant time. @throws RequestError busy */
export async function passwordFits(password: string, phc: string): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(phc);
  if (match === null) throw new Error('a stored password hash is not argon2id in PHC form');
  const [, memory = '', time = '', parallelism = '', salt = '', hash = ''] = match;
  const expected = Buffer.from(hash, 'base64');
  const key = await derive(password, {
    nonce: Buffer.from(salt, 'base64'),
    memory: Number(memory),
    passes: Number(time),
    parallelism: Number(parallelism),
    tagLength: expected.length,
  });
  return timingSafeEqual(key, expected);
}

async function derive(password: string, parameters: Omit<Argon2Parameters, 'message'>): Promise<Buffer> {
  // NFKC: the same letters typed on another keyboard or system are the same password.
  const message = Buffer.from(password.normalize('NFKC'), 'utf8');
  return await withTurn(async () => Buffer.from(await deriveKey('argon2id', { ...parameters, message })));
}

let decoy: Promise<string> | undefined;
/** Verifies against nothing, at the same cost: an unknown login must not answer faster than a wrong password. */
export async function spendPasswordTime(password: string): Promise<void> {
  decoy ??= hashPassword(randomBytes(24).toString('base64url'));
  await passwordFits(password, await decoy);
}

/** A password for somebody else to type once: 20 characters without look-alikes, 100 bits. */
export function randomPassword(): string {
  const alphabet = '23456789abcdefghijkmnpqrstuvwxyz';
  const text = [...randomBytes(20)].map((byte) => alphabet[byte & 31]).join('');
  return text.replaceAll(/(.{5})(?=.)/g, '$1-');
}
