// SPDX-License-Identifier: Apache-2.0
/** A gateway's transport while somebody types it: every field of every kind, so that changing the kind loses nothing. Pure. */
import type { GatewayTransport, GatewayTransportKind } from '@wattledger/contracts';

/** What the server takes at most; it judges the rest, and says so. */
const baudMax = 921_600;
const calledCharactersMax = 128;
const wordPattern = /^\S+$/;

type OfKind<Kind extends GatewayTransportKind> = Extract<GatewayTransport, { kind: Kind }>;

export interface TransportDraft {
  readonly kind: GatewayTransportKind;
  readonly host: string;
  readonly port: string;
  /** What the gateway calls in with: registration or serial. */
  readonly calledName: string;
  readonly registrationOn: OfKind<'rtu-dial-in'>['registrationOn'];
  readonly heartbeat: string;
  readonly path: string;
  readonly baud: string;
  readonly parity: OfKind<'serial'>['parity'];
  readonly stopBits: OfKind<'serial'>['stopBits'];
  readonly dialect: OfKind<'mqtt'>['dialect'];
  readonly productKey: string;
}

export const emptyTransport: TransportDraft = {
  kind: 'modbus-tcp',
  host: '',
  port: '502',
  calledName: '',
  registrationOn: 'connect',
  heartbeat: '',
  path: '/dev/ttyUSB0',
  baud: '9600',
  parity: 'none',
  stopBits: 1,
  dialect: 'acrel-v1',
  productKey: '',
};

export function draftOf(transport: GatewayTransport): TransportDraft {
  switch (transport.kind) {
    case 'modbus-tcp':
    case 'rtu-over-tcp':
      return { ...emptyTransport, ...transport, port: String(transport.port) };
    case 'rtu-dial-in':
      return {
        ...emptyTransport,
        ...transport,
        calledName: transport.registration,
        heartbeat: transport.heartbeat ?? '',
      };
    case 'serial':
      return { ...emptyTransport, ...transport, baud: String(transport.baud) };
    case 'mqtt':
      return {
        ...emptyTransport,
        ...transport,
        calledName: transport.serial,
        productKey: transport.productKey ?? '',
      };
    case 'acrel-upload':
      return { ...emptyTransport, kind: transport.kind, calledName: transport.serial };
  }
}

/** Null while something lacks or cannot be. */
export function transportOf(draft: TransportDraft): GatewayTransport | null {
  const calledName = draft.calledName.trim();
  switch (draft.kind) {
    case 'modbus-tcp':
    case 'rtu-over-tcp': {
      const [host, port] = [draft.host.trim(), wholeBetween(draft.port, 1, 65_535)];
      return wordPattern.test(host) && port !== null ? { kind: draft.kind, host, port } : null;
    }
    case 'rtu-dial-in': {
      const { kind, registrationOn, heartbeat } = draft;
      if (calledName === '' || calledName.length > calledCharactersMax) return null;
      return {
        kind,
        registration: calledName,
        registrationOn,
        heartbeat: heartbeat === '' ? null : heartbeat,
      };
    }
    case 'serial': {
      const { kind, parity, stopBits } = draft;
      const [path, baud] = [draft.path.trim(), wholeBetween(draft.baud, 1, baudMax)];
      return wordPattern.test(path) && baud !== null ? { kind, path, baud, parity, stopBits } : null;
    }
    case 'mqtt': {
      const productKey = draft.productKey.trim();
      return calledName === ''
        ? null
        : {
            kind: draft.kind,
            dialect: draft.dialect,
            productKey: productKey === '' ? null : productKey,
            serial: calledName,
          };
    }
    case 'acrel-upload':
      return calledName === '' ? null : { kind: draft.kind, serial: calledName };
  }
}

export function wholeBetween(text: string, min: number, max: number): number | null {
  if (!/^\d{1,9}$/.test(text.trim())) return null;
  const value = Number(text.trim());
  return value >= min && value <= max ? value : null;
}
