// SPDX-License-Identifier: Apache-2.0
/** DKGA02 of IEC 62055-41: the key of one meter, from the vending key of its supply group. */
import { Buffer } from 'node:buffer';
import { createCipheriv } from 'node:crypto';
import type { StsTerms } from '@wattledger/contracts/http/billing';

export type StsKeyTerms = Pick<StsTerms, 'meterPan' | 'supplyGroupCode' | 'tariffIndex' | 'keyRevision'>;

/** A key of one meter, unique to its supply group; the other key types are for tests and for common groups. */
const keyType = 2;

/** @returns the key as EA07 takes it: the byte that is printed first is the least */
export function decoderKeyOf(vendingKey: Buffer, terms: StsKeyTerms): bigint {
  const mixed = xor(panBlock(terms.meterPan), controlBlock(terms));
  const derived = xor(xor(desBlock(vendingKey, mixed), mixed), vendingKey);
  return BigInt(`0x${derived.toString('hex')}`);
}

/** The last five digits of the issuer's number and the meter's eleven; the check digit says nothing new. */
const panBlock = (pan: string): Buffer => Buffer.from(`${pan.slice(1, 6)}${pan.slice(6, 17)}`, 'hex');

const controlBlock = ({ supplyGroupCode, tariffIndex, keyRevision }: StsKeyTerms): Buffer =>
  Buffer.from(`${keyType}${supplyGroupCode}${tariffIndex}${keyRevision}ffffff`, 'hex');

const xor = (one: Buffer, other: Buffer): Buffer =>
  Buffer.from(one.map((byte, index) => byte ^ (other[index] ?? 0)));

/** Single DES: triple DES with one key three times is the same, and is what OpenSSL still offers. */
function desBlock(key: Buffer, block: Buffer): Buffer {
  const cipher = createCipheriv('des-ede3', Buffer.concat([key, key, key]), null);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}
