// SPDX-License-Identifier: Apache-2.0
/** How a gateway or a meter stands, in one word. Pure. */
import type { GatewayState, MeterState } from '@wattledger/contracts/http/ingest';
import type { GatewayTransportKind } from '@wattledger/contracts';
import type { IconName } from '../look/icons.ts';
import { callingKinds } from './transport-words.ts';

export const deviceStates = ['online', 'faulty', 'offline', 'waiting', 'disabled', 'not-polled'] as const;
export type DeviceState = (typeof deviceStates)[number];

export const deviceStateLooks: Readonly<
  Record<DeviceState, { readonly icon: IconName; readonly tone: 'good' | 'warn' | 'bad' | 'info' | '' }>
> = {
  online: { icon: 'check', tone: 'good' },
  faulty: { icon: 'warning', tone: 'warn' },
  offline: { icon: 'offline', tone: 'bad' },
  waiting: { icon: 'rates', tone: 'info' },
  disabled: { icon: 'minus', tone: '' },
  'not-polled': { icon: 'unopened', tone: '' },
};

/** True for gateways that open the connection themselves. */
function callsIn(kind: GatewayTransportKind): boolean {
  return callingKinds.some((calling) => calling === kind);
}

/** @param metersSilent how many of its meters should answer and do not */
export function stateOfGateway(
  gateway: { readonly enabled: boolean; readonly transport: { readonly kind: GatewayTransportKind } },
  state: GatewayState | undefined,
  metersSilent: number,
): DeviceState {
  if (!gateway.enabled) return 'disabled';
  if (state === undefined || state.online === null) {
    return callsIn(gateway.transport.kind) ? 'waiting' : 'not-polled';
  }
  // Expected, and never heard of: that is no outage yet.
  if (!state.online) {
    return state.lastGoodMs === null && callsIn(gateway.transport.kind) ? 'waiting' : 'offline';
  }
  return metersSilent > 0 ? 'faulty' : 'online';
}

export function stateOfMeter(
  meter: { readonly enabled: boolean; readonly gatewayId: string | null },
  state: Pick<MeterState, 'online' | 'missedCycles' | 'lastReadingMs'> | undefined,
): DeviceState {
  if (!meter.enabled) return 'disabled';
  if (meter.gatewayId === null) return 'not-polled';
  if (state === undefined || state.online === null) return 'waiting';
  if (!state.online) return state.lastReadingMs === null ? 'waiting' : 'offline';
  return state.missedCycles > 0 ? 'faulty' : 'online';
}
