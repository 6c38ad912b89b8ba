// SPDX-License-Identifier: Apache-2.0
/** Readings pushed by others: judged whole, appended, answered only after they are durable. */
import { mayDo, topics, type MeterSnapshot, type Principal, type ReadingBatch } from '@wattledger/contracts';
import type { PushReadings, ReadingsAccepted, RegisterState } from '@wattledger/contracts/http/ingest';
import { RequestError, type Parts, type SnapshotCopy, type Transaction } from '@wattledger/platform';
import { mountedRegisters } from '../collector/poll-targets.ts';
import { readMeterStates } from '../collector/states-store.ts';
import type { IngestMetrics } from '../metrics/ingest-metrics.ts';
import { findRow, registerMaps } from '../register-maps/index.ts';
import { judgePushedReadings, type KnownMeters } from './pushed-readings.ts';
import { writePushedStates } from './pushed-states-store.ts';

export type IngestSnapshots = SnapshotCopy<'project' | 'gateway' | 'meter' | 'metering-point'>;

/** The meters of one project, as the registry last told. Serials are unique within a project. */
export function knownMetersOf(
  snapshots: Pick<IngestSnapshots, 'get' | 'all'>,
  projectId: string,
): KnownMeters {
  let serials: Map<string, MeterSnapshot> | null = null;
  let mounted: ReadonlyMap<string, ReadonlySet<string>> | null = null;
  const none: ReadonlySet<string> = new Set();
  return {
    byId: (meterId) => {
      const meter = snapshots.get('meter', meterId);
      return meter?.projectId === projectId ? meter : undefined;
    },
    bySerial: (serial) => {
      serials ??= new Map(snapshots.all('meter', projectId).map((meter) => [meter.serial, meter]));
      return serials.get(serial);
    },
    mountedRegisters: (meterId) => {
      mounted ??= mountedRegisters(snapshots.all('metering-point', projectId));
      return mounted.get(meterId) ?? none;
    },
  };
}

/**
 * @throws RequestError 403 right-missing, 404 project-unknown, 422 readings-refused with every fault by its index
 */
export async function acceptPushedReadings(
  parts: Pick<Parts, 'database' | 'eventLog' | 'clock'>,
  snapshots: Pick<IngestSnapshots, 'get' | 'all'>,
  metrics: Pick<IngestMetrics, 'received'>,
  principal: Principal | null,
  { projectId, readings }: PushReadings,
): Promise<ReadingsAccepted> {
  // The path names no project: the right is asked here, with the same answer whether or not the project exists.
  if (principal === null || !mayDo(principal, 'readings:write', projectId)) {
    throw new RequestError({
      status: 403,
      code: 'right-missing',
      message: 'This needs the right readings:write in this project, which you do not have.',
      hint: 'Use an API key made for this project.',
    });
  }
  if (snapshots.get('project', projectId) === undefined) {
    throw new RequestError({
      status: 404,
      code: 'project-unknown',
      message: `There is no project "${projectId}".`,
      hint: 'GET /api/projects lists those you may use.',
    });
  }
  const receivedAtMs = parts.clock.nowMs();
  const judgement = judgePushedReadings(
    readings,
    knownMetersOf(snapshots, projectId),
    registerMaps,
    receivedAtMs,
  );
  if (!judgement.ok) {
    throw new RequestError({
      status: 422,
      code: 'readings-refused',
      message: `${judgement.faults.length} of ${readings.length} readings are at fault; none was accepted.`,
      hint: 'Correct them and send the whole batch again; readings that were accepted before have no further effect.',
      faults: judgement.faults,
    });
  }
  const { batches } = judgement;
  await parts.database.transaction(async (transaction) => {
    await parts.eventLog.append(
      topics.meterLog,
      batches.map((value) => ({ key: value.meterId, value })),
      transaction,
    );
    await rememberNewest(transaction, batches, snapshots);
  });
  metrics.received('push', judgement.readings);
  return { accepted: judgement.readings, meters: batches.length, receivedAtMs };
}

/** The wall shows pushed meters too: their newest value per register. */
async function rememberNewest(
  transaction: Transaction,
  batches: readonly ReadingBatch[],
  snapshots: Pick<IngestSnapshots, 'get'>,
): Promise<void> {
  const before = await readMeterStates(
    transaction,
    batches.map(({ meterId }) => meterId),
  );
  const rows = batches.map(({ meterId, projectId, series }) => {
    const newest = new Map<string, RegisterState>(
      (before.get(meterId)?.registers ?? []).map((state) => [state.register, state]),
    );
    for (const { register, scaler, quality, instants, values } of series) {
      if (quality === 3) continue;
      for (const [index, instantMs] of instants.entries()) {
        const known = newest.get(register);
        if (known !== undefined && known.instantMs > instantMs) continue;
        newest.set(register, {
          register,
          value: values[index] ?? 0,
          scaler,
          unit: unitOf(snapshots.get('meter', meterId), register),
          instantMs,
        });
      }
    }
    const registers = [...newest.values()];
    return {
      meterId,
      projectId,
      registers,
      lastGoodMs: Math.max(0, ...registers.map(({ instantMs }) => instantMs)),
    };
  });
  await writePushedStates(
    transaction,
    rows.filter(({ registers }) => registers.length > 0),
  );
}

/** Base unit of a register: its map's, else told from the name. */
function unitOf(meter: MeterSnapshot | undefined, register: string): string {
  const map = registerMaps.get(meter?.modelId ?? '');
  const row = map === undefined ? undefined : findRow(map, register);
  return row?.unit ?? (register.startsWith('energy.') ? 'Wh' : register.startsWith('volume.') ? 'l' : '');
}
