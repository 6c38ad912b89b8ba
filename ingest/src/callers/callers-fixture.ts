// SPDX-License-Identifier: Apache-2.0
/** The ingest service with its ports for callers open, on real parts, and what the registry would tell when it claims. */
import { topics, type DeviceCall, type GatewayTransport, type RegistrySnapshot } from '@wattledger/contracts';
import {
  gatewayIdOf,
  idOf,
  projectId,
  startField,
  until,
  type IngestField,
} from '../collector/ingest-fixture.ts';
import type { CallersOptions } from './callers.ts';

export async function startCallersField(
  name: string,
  callers: CallersOptions,
  pollIntervalSeconds = 1800,
): Promise<IngestField> {
  const field = await startField({
    name,
    gateways: [],
    meters: [],
    pollIntervalSeconds,
    service: { callers },
  });
  await field.tell(field.snapshots);
  await field.service.start();
  return field;
}

export interface ClaimedMeter {
  readonly serial: string;
  readonly modelId: string | null;
  readonly unitId?: number | null;
  readonly lineAddress?: string | null;
}

/** The claim as the registry tells it: a gateway with its meters. */
export async function claim(
  field: IngestField,
  code: string,
  transport: GatewayTransport,
  meters: readonly ClaimedMeter[],
): Promise<void> {
  const gatewayId = gatewayIdOf(code);
  const gateway: RegistrySnapshot = {
    entity: 'gateway',
    id: gatewayId,
    projectId,
    snapshot: {
      id: gatewayId,
      projectId,
      code,
      name: code,
      timeoutMs: 1_000,
      pollIntervalSeconds: null,
      enabled: true,
      transport,
    },
  };
  await field.tell([gateway, ...meters.map((meter) => meterSnapshot(meter, gatewayId))]);
  const wanted = (await gatewaysPolled(field)) + 1;
  await until('the line of the gateway opens', async () => (await gatewaysPolled(field)) >= wanted);
}

async function gatewaysPolled(field: IngestField): Promise<number> {
  return Number((await field.service.health()).facts['gatewaysPolled']);
}

function meterSnapshot(meter: ClaimedMeter, gatewayId: string): RegistrySnapshot {
  const { serial, modelId, unitId = null, lineAddress = null } = meter;
  return {
    entity: 'meter',
    id: idOf(serial),
    projectId,
    snapshot: {
      id: idOf(serial),
      projectId,
      serial,
      modelId,
      gatewayId,
      unitId,
      lineAddress,
      pollIntervalSeconds: null,
      switchable: true,
      enabled: true,
    },
  };
}

export async function callsOf(field: IngestField, serial: string): Promise<readonly DeviceCall[]> {
  return (await field.read(topics.deviceCalls)).filter((call) => call.serial === serial);
}

export interface KnownReading {
  readonly instantMs: number;
  readonly value: number;
  readonly source: string;
}

/** Readings of one register in the meter log, in the order of their coming. */
export async function readingsOf(
  field: IngestField,
  serial: string,
  register = 'energy.active.total',
): Promise<readonly KnownReading[]> {
  return (await field.readings())
    .filter(({ meterId }) => meterId === idOf(serial))
    .flatMap(({ series, source }) =>
      series
        .filter((one) => one.register === register)
        .flatMap(({ instants, values }) =>
          instants.map((instantMs, index) => ({ instantMs, value: values[index] ?? -1, source })),
        ),
    );
}
