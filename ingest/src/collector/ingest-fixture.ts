// SPDX-License-Identifier: Apache-2.0
/** The ingest service on real parts with a simulated field behind it, for tests. */
import {
  flatCalendar,
  topics,
  type AlarmSignal,
  type CommandOutcome,
  type MeterCommand,
  type MeterLogRecord,
  type RegistrySnapshot,
  type Telemetry,
  type Topic,
} from '@wattledger/contracts';
import type { MeterStates } from '@wattledger/contracts/http/ingest';
import { systemClock } from '@wattledger/platform';
import { serveRoutes, startTestParts, type TestHttp, type TestParts } from '@wattledger/platform/testing';
import { createIngestService, type IngestOptions, type IngestService } from '../ingest-service.ts';
import { createSimulatedFleet, type MeterSpec, type SimulatedFleet } from '../simulated-fleet/index.ts';

export const projectId = 'prj_test';
export const siteCode = 'S';

export interface IngestField {
  readonly parts: TestParts;
  readonly fleet: SimulatedFleet;
  http: TestHttp;
  service: IngestService;
  /** Tells what exists, as the registry would. */
  tell(changes: readonly RegistrySnapshot[]): Promise<void>;
  readonly snapshots: readonly RegistrySnapshot[];
  command(
    command: Partial<MeterCommand> & { readonly commandId: string; readonly serial: string },
  ): Promise<void>;
  read<T>(topic: Topic<T>): Promise<readonly T[]>;
  readings(): Promise<readonly Extract<MeterLogRecord, { kind: 'readings' }>[]>;
  outcomes(): Promise<readonly CommandOutcome[]>;
  alarms(): Promise<readonly AlarmSignal[]>;
  telemetry(): Promise<readonly Telemetry[]>;
  states(): Promise<MeterStates>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const idOf = (serial: string): string => `mtr_${serial.toLowerCase()}`;
export const gatewayIdOf = (code: string): string => `gtw_${code.toLowerCase()}`;

/** Waits for what must come; the deadline only ends a test that would never end. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  for (let tries = 0; tries < 6000; tries += 1) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what} did not happen`);
}

export interface FieldOptions {
  readonly name: string;
  readonly gateways: readonly string[];
  readonly rtuGateways?: readonly string[];
  readonly meters: readonly MeterSpec[];
  readonly pollIntervalSeconds?: number;
  readonly timeoutMs?: number;
  readonly answerDelayMs?: readonly [number, number];
  readonly service?: IngestOptions;
}

/** Real parts on the machine's clock: sockets and schedules need one that runs. */
export async function startField(options: FieldOptions): Promise<IngestField> {
  const { gateways, meters } = options;
  const testParts = await startTestParts({ name: options.name });
  const parts: TestParts = { ...testParts, clock: { ...testParts.clock, nowMs: systemClock.nowMs } };
  const fleet = createSimulatedFleet({
    seed: 1,
    directory: null,
    historyDays: 2,
    clock: systemClock,
    answerDelayMs: options.answerDelayMs ?? [0, 1],
    sites: [
      {
        code: siteCode,
        zone: 'Asia/Shanghai',
        calendar: flatCalendar,
        gateways,
        rtuGateways: options.rtuGateways ?? [],
        meters,
      },
    ],
  });
  await fleet.start();
  const service = createIngestService(parts, options.service);
  await service.migrate();
  const snapshots = snapshotsOf(options, fleet);
  const tell = async (changes: readonly RegistrySnapshot[]): Promise<void> => {
    await parts.eventLog.append(
      topics.registrySnapshots,
      changes.map((value) => ({ key: `${value.entity}/${value.id}`, value })),
    );
  };
  const http = await serveRoutes({ parts, routes: service.routes });
  const read = async <T>(topic: Topic<T>): Promise<readonly T[]> => {
    const rows = await parts.database.query<{ payload: string }>(
      'SELECT b.payload::text AS payload FROM event_log.batches b WHERE b.topic = $1 ORDER BY b.first_offset',
      [topic.name],
    );
    return rows.rows.flatMap((row) => (JSON.parse(row.payload) as [string, T][]).map(([, value]) => value));
  };
  const field: IngestField = {
    parts,
    fleet,
    http,
    service,
    tell,
    snapshots,
    read,
    command: async ({ serial, ...rest }) => {
      const now = systemClock.nowMs();
      const command = {
        kind: 'switch-supply',
        action: 'disconnect',
        projectId,
        meterId: idOf(serial),
        requestedBy: 'test',
        reason: 'test',
        requestedAt: now,
        expiresAt: now + 60_000,
        ...rest,
      } as MeterCommand;
      await parts.eventLog.append(topics.meterCommands, [{ key: command.meterId, value: command }]);
    },
    readings: async () => (await read(topics.meterLog)).filter((record) => record.kind === 'readings'),
    outcomes: async () => await read(topics.commandOutcomes),
    alarms: async () => await read(topics.alarmSignals),
    telemetry: async () => await read(topics.telemetry),
    states: async () =>
      (await field.http.send('GET', `/api/projects/${projectId}/meter-states`)).body as MeterStates,
    restart: async () => {
      await field.http.stop();
      await field.service.stop();
      field.service = createIngestService(parts, options.service);
      await field.service.start();
      field.http = await serveRoutes({ parts, routes: field.service.routes });
    },
    stop: async () => {
      await field.http.stop();
      await field.service.stop();
      await fleet.stop();
      await parts.stop();
    },
  };
  return field;
}

function snapshotsOf(options: FieldOptions, fleet: SimulatedFleet): readonly RegistrySnapshot[] {
  const { gateways, meters, pollIntervalSeconds = 1, timeoutMs = 200 } = options;
  return [
    {
      entity: 'project',
      id: projectId,
      projectId,
      snapshot: {
        id: projectId,
        code: 'T',
        name: 'Test',
        zone: 'Asia/Shanghai',
        currency: 'CNY',
        slotMinutes: 30,
        pollIntervalSeconds,
        calendar: flatCalendar,
        areaM2: null,
        address: null,
        latitude: null,
        longitude: null,
      },
    },
    ...gateways.map((code): RegistrySnapshot => ({
      entity: 'gateway',
      id: gatewayIdOf(code),
      projectId,
      snapshot: {
        id: gatewayIdOf(code),
        projectId,
        code,
        name: code,
        timeoutMs,
        pollIntervalSeconds: null,
        enabled: true,
        transport: {
          kind: options.rtuGateways?.includes(code) === true ? 'rtu-over-tcp' : 'modbus-tcp',
          host: '127.0.0.1',
          port: fleet.portOf(siteCode, code),
        },
      },
    })),
    ...meters.map((meter): RegistrySnapshot => ({
      entity: 'meter',
      id: idOf(meter.serial),
      projectId,
      snapshot: {
        id: idOf(meter.serial),
        projectId,
        serial: meter.serial,
        modelId: meter.modelId,
        unitId: meter.unitId,
        lineAddress: null,
        pollIntervalSeconds: null,
        gatewayId: meter.gateway === null ? null : gatewayIdOf(meter.gateway),
        switchable: meter.modelId.startsWith('acrel'),
        enabled: true,
      },
    })),
  ];
}
