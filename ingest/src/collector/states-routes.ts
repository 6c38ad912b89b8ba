// SPDX-License-Identifier: Apache-2.0
/** What meters and gateways are doing, for the wall and the engineer. */
import { z } from 'zod';
import {
  addressOfTransport,
  newId,
  topics,
  type MeterCommand,
  type MeterSnapshot,
} from '@wattledger/contracts';
import {
  commandAcceptedShape,
  gatewayStatesShape,
  meterCommandsShape,
  meterStateDetailShape,
  meterStatesQueryShape,
  meterStatesShape,
  type GatewayState,
  type MeterState,
} from '@wattledger/contracts/http/ingest';
import { defineRoute, RequestError, type Parts, type Route } from '@wattledger/platform';
import { commandsOfMeter } from '../commands/commands-store.ts';
import type { IngestSnapshots } from '../readings-intake/readings-intake-service.ts';
import { intervalSecondsOf } from './poll-targets.ts';
import { readGatewayStates, readMeterStates, type MeterStateRow } from './states-store.ts';

type Snapshots = Pick<IngestSnapshots, 'get' | 'all'>;
type RouteParts = Pick<Parts, 'database' | 'eventLog' | 'clock' | 'actionLog'>;

const projectParams = z.object({ projectId: z.string() });
const meterParams = projectParams.extend({ meterId: z.string() });
/** After this a person who asked has gone. */
const readNowMs = 60_000;
const commandsShown = 20;
const commandsListed = 200;

export function statesRoutes(parts: RouteParts, snapshots: Snapshots): readonly Route[] {
  return [
    meterStatesRoute(parts, snapshots),
    gatewayStatesRoute(parts, snapshots),
    ...meterRoutes(parts, snapshots),
  ];
}

function meterStatesRoute(parts: RouteParts, snapshots: Snapshots): Route {
  return defineRoute({
    method: 'get',
    path: '/api/projects/{projectId}/meter-states',
    summary: 'Last reading, relay and polling state of the meters of a project',
    tag: 'Meters',
    access: { right: 'meter:read' },
    params: projectParams,
    query: meterStatesQueryShape,
    response: meterStatesShape,
    handle: async ({ params, query }) => {
      const wanted = snapshots
        .all('meter', params.projectId)
        .filter(
          (meter) =>
            (query.gatewayId === undefined || meter.gatewayId === query.gatewayId) &&
            (query.after === undefined || meter.id > query.after),
        )
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      const page = wanted.slice(0, query.limit);
      const states = await readMeterStates(
        parts.database,
        page.map((meter) => meter.id),
      );
      const meters = page.map((meter) => meterStateOf(meter, states.get(meter.id), snapshots));
      return {
        asOfMs: parts.clock.nowMs(),
        meters,
        next: wanted.length > page.length ? (page.at(-1)?.id ?? null) : null,
      };
    },
  });
}

function gatewayStatesRoute(parts: RouteParts, snapshots: Snapshots): Route {
  return defineRoute({
    method: 'get',
    path: '/api/projects/{projectId}/gateway-states',
    summary: 'Cycle time, faults and last answer of the gateways of a project',
    tag: 'Meters',
    access: { right: 'meter:read' },
    params: projectParams,
    response: gatewayStatesShape,
    handle: async ({ params }) => {
      const gateways = [...snapshots.all('gateway', params.projectId)].sort((a, b) =>
        a.code < b.code ? -1 : 1,
      );
      const states = await readGatewayStates(
        parts.database,
        gateways.map((gateway) => gateway.id),
      );
      const configured = new Map<string, number>();
      for (const { gatewayId, enabled } of snapshots.all('meter', params.projectId)) {
        if (gatewayId !== null && enabled) configured.set(gatewayId, (configured.get(gatewayId) ?? 0) + 1);
      }
      const answered = gateways.map((gateway): GatewayState => {
        const state = states.get(gateway.id);
        return {
          gatewayId: gateway.id,
          code: gateway.code,
          name: gateway.name,
          transport: gateway.transport.kind,
          address: addressOfTransport(gateway.transport),
          enabled: gateway.enabled,
          online: gateway.enabled ? (state?.liveness.online ?? null) : null,
          lastGoodMs: state?.lastGoodMs ?? null,
          cycleStartedMs: state?.cycleStartedMs ?? null,
          cycleDurationMs: state?.cycleDurationMs ?? null,
          metersConfigured: configured.get(gateway.id) ?? 0,
          metersAnswered: state?.metersAnswered ?? 0,
          missedCycles: state?.liveness.missedCycles ?? 0,
          reconnects: state?.reconnects ?? 0,
          faults: { ...state?.faults },
          lastFault: state?.fault ?? null,
          signalDbm: state?.told.signalDbm ?? null,
          firmware: state?.told.firmware ?? null,
        };
      });
      return { asOfMs: parts.clock.nowMs(), gateways: answered };
    },
  });
}

function meterRoutes(parts: RouteParts, snapshots: Snapshots): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/meters/{meterId}/state',
      summary: 'State of one meter with its last commands',
      tag: 'Meters',
      access: { right: 'meter:read' },
      params: meterParams,
      response: meterStateDetailShape,
      handle: async ({ params }) => {
        const meter = meterOf(snapshots, params.projectId, params.meterId);
        const states = await readMeterStates(parts.database, [meter.id]);
        const commands = await commandsOfMeter(parts.database, meter.id, commandsShown);
        return { state: meterStateOf(meter, states.get(meter.id), snapshots), commands: [...commands] };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/meters/{meterId}/commands',
      summary: 'Commands to one meter with their outcomes, newest first',
      tag: 'Meters',
      access: { right: 'meter:read' },
      params: meterParams,
      response: meterCommandsShape,
      handle: async ({ params }) => {
        const meter = meterOf(snapshots, params.projectId, params.meterId);
        return { commands: [...(await commandsOfMeter(parts.database, meter.id, commandsListed))] };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/projects/{projectId}/meters/{meterId}/read-now',
      summary: 'Read a meter out of turn',
      tag: 'Meters',
      access: { right: 'meter:control' },
      params: meterParams,
      response: commandAcceptedShape,
      successStatus: 202,
      handle: async ({ params, principal, remoteAddress }) => {
        const meter = meterOf(snapshots, params.projectId, params.meterId);
        if (meter.gatewayId === null || meter.modelId === null || !meter.enabled) {
          throw new RequestError({
            status: 409,
            code: 'meter-not-polled',
            message: `Meter ${meter.serial} is not polled.`,
            hint: 'Give it a gateway, a unit id or line address and a model, and enable it.',
          });
        }
        const requestedAt = parts.clock.nowMs();
        const command: MeterCommand = {
          kind: 'read-now',
          commandId: newId('command'),
          projectId: params.projectId,
          meterId: meter.id,
          requestedBy: principal?.id ?? '',
          reason: 'read now',
          requestedAt,
          expiresAt: requestedAt + readNowMs,
        };
        await parts.eventLog.append(topics.meterCommands, [{ key: meter.id, value: command }]);
        await parts.actionLog.record({
          principal,
          projectId: params.projectId,
          action: 'meter.read-now',
          subject: meter.id,
          remoteAddress,
          atMs: requestedAt,
        });
        return { commandId: command.commandId, expiresAtMs: command.expiresAt };
      },
    }),
  ];
}

/** The same answer for a meter that is not there and one of another project. */
function meterOf(snapshots: Snapshots, projectId: string, meterId: string): MeterSnapshot {
  const meter = snapshots.get('meter', meterId);
  if (meter !== undefined && meter.projectId === projectId) return meter;
  throw new RequestError({
    status: 404,
    code: 'meter-unknown',
    message: `This project has no meter "${meterId}".`,
  });
}

export function meterStateOf(
  meter: MeterSnapshot,
  state: MeterStateRow | undefined,
  snapshots: Snapshots,
): MeterState {
  const gateway = meter.gatewayId === null ? undefined : snapshots.get('gateway', meter.gatewayId);
  const polled = meter.enabled && gateway?.enabled === true;
  return {
    meterId: meter.id,
    serial: meter.serial,
    modelId: meter.modelId,
    gatewayId: meter.gatewayId,
    unitId: meter.unitId,
    enabled: meter.enabled,
    switchable: meter.switchable,
    online: polled ? (state?.liveness.online ?? null) : null,
    lastReadingMs: state?.lastGoodMs ?? null,
    lastAttemptMs: state?.lastAttemptMs ?? null,
    relay: state?.relay ?? 'unknown',
    relayAtMs: state?.relayAtMs ?? null,
    registers: [...(state?.registers ?? [])],
    parameters: { ...state?.parameters },
    lastFault: state?.fault ?? null,
    missedCycles: state?.liveness.missedCycles ?? 0,
    polls: state?.polls ?? 0,
    answers: state?.answers ?? 0,
    pollIntervalSeconds: intervalSecondsOf(meter, gateway, snapshots.get('project', meter.projectId)),
  };
}
