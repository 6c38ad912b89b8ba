// SPDX-License-Identifier: Apache-2.0
/** Limits of the event log and the check that names them. The same on both adapters, so that moving to Kafka changes nothing. */
import type { Topic } from '@wattledger/contracts';
import { OperatingError } from '../errors.ts';
import type { NewRecord } from './port.ts';

/** One record as JSON. Kafka brokers refuse more than 1 MiB by default. */
export const recordBytesMax = 1_000_000;
/** One append. */
export const appendBytesMax = 32_000_000;
export const appendRecordsMax = 100_000;
export const keyLengthMax = 256;
/** Default upper limit of a consumed batch. */
export const batchBytesMaxDefault = 8_000_000;

export interface EncodedRecord {
  readonly key: string;
  /** The value as JSON. */
  readonly json: string;
  readonly bytes: number;
}

/**
 * @throws OperatingError record-too-large, append-too-large, record-key-invalid (none is retryable: split the work)
 */
export function encodeRecords<T>(
  topic: Topic<T>,
  records: readonly NewRecord<T>[],
): readonly EncodedRecord[] {
  if (records.length > appendRecordsMax)
    throw tooLarge(
      `${records.length} records in one append to ${topic.name}; the limit is ${appendRecordsMax}`,
    );
  let total = 0;
  return records.map(({ key, value }) => {
    if (key.length === 0 || key.length > keyLengthMax) {
      throw new OperatingError(
        'record-key-invalid',
        `a key of ${topic.name} has ${key.length} characters: 1 to ${keyLengthMax} are allowed`,
        { retryable: false },
      );
    }
    const json = JSON.stringify(value) as string | undefined;
    if (json === undefined)
      throw new OperatingError('record-key-invalid', `the value of ${topic.name}/${key} is undefined`, {
        retryable: false,
      });
    const bytes = Buffer.byteLength(json);
    if (bytes > recordBytesMax) {
      throw new OperatingError(
        'record-too-large',
        `the record ${topic.name}/${key} has ${bytes} bytes; the limit is ${recordBytesMax}: split it`,
        { retryable: false },
      );
    }
    total += bytes;
    if (total > appendBytesMax)
      throw tooLarge(`one append to ${topic.name} has more than ${appendBytesMax} bytes`);
    return { key, json, bytes };
  });
}

function tooLarge(message: string): OperatingError {
  return new OperatingError('append-too-large', `${message}: append in parts`, { retryable: false });
}
