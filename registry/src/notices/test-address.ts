// SPDX-License-Identifier: Apache-2.0
import { recipientShape, type NoticeChannel } from '@wattledger/contracts/http/alarms';
import { invalid } from '../changes/faults.ts';

/** The address of a test message, held to what a scheme would take. @throws RequestError invalid */
export function checkedAddress(channel: NoticeChannel, address: string | null): string {
  const checked = recipientShape.safeParse({
    to: { kind: 'address', name: 'test', address: address ?? '' },
    channel,
    language: 'en',
    kinds: null,
    severityMin: 'information',
    afterMinutes: 0,
  });
  if (checked.success) return address ?? '';
  throw invalid([{ path: 'address', message: checked.error.issues[0]?.message ?? 'an address' }]);
}
