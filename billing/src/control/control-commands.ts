// SPDX-License-Identifier: Apache-2.0
/** Records of the topic meter-commands that control makes. Pure but for their ids. */
import { newId, type MeterCommand, type MeterSetting } from '@wattledger/contracts';
import type { BatchAction } from '@wattledger/contracts/http/commands';

/** The command of an item that is no order: a reading or a setting. */
export function itemCommand(
  batch: {
    readonly projectId: string;
    readonly action: BatchAction;
    readonly setting: MeterSetting | null;
    readonly reason: string;
    readonly by: { readonly name: string };
    readonly requestedAtMs: number;
    readonly expiresAtMs: number | null;
  },
  meterId: string,
  bulk: boolean,
): MeterCommand {
  const common = {
    commandId: newId('command'),
    projectId: batch.projectId,
    meterId,
    requestedBy: batch.by.name,
    reason: batch.reason,
    requestedAt: batch.requestedAtMs,
    expiresAt: batch.expiresAtMs ?? batch.requestedAtMs,
    bulk,
  };
  return batch.setting === null
    ? { kind: 'read-now', ...common }
    : { kind: 'write-setting', setting: batch.setting, ...common };
}

export const cancelRecord = (
  command: { readonly commandId: string; readonly projectId: string; readonly meterId: string },
  requestedBy: string,
  requestedAt: number,
): MeterCommand => ({
  kind: 'cancel',
  commandId: command.commandId,
  projectId: command.projectId,
  meterId: command.meterId,
  requestedBy,
  requestedAt,
});
