// SPDX-License-Identifier: Apache-2.0
/** Between the cells of a gateway's row and how it is spoken to. Pure. */
import type { GatewayTransport } from '@wattledger/contracts';
import { given } from './plan-context.ts';
import type { SiteRow } from './site-tables.ts';

type GatewayRow = SiteRow<'gateways'>;
type TransportOf<Kind extends GatewayTransport['kind']> = Extract<GatewayTransport, { kind: Kind }>;

/** The row over what is known. A cell that its kind needs and that is not there is told, and read as empty. */
export function transportOf(
  values: GatewayRow,
  before: GatewayTransport | undefined,
  tell: (column: string, message: string) => void,
): GatewayTransport {
  const kind = given(values.transport, before?.kind, 'modbus-tcp');
  const needed = (
    column: keyof GatewayRow,
    cell: string | null | undefined,
    known: string | undefined,
  ): string => {
    const value = given(cell, known, '');
    if (value === '') tell(column, `a gateway of transport ${kind} needs it`);
    return value;
  };
  switch (kind) {
    case 'modbus-tcp':
    case 'rtu-over-tcp': {
      const known = before !== undefined && 'host' in before ? before : undefined;
      const host = needed('host', values.host, known?.host);
      return { kind, host, port: given(values.port, known?.port, 502) };
    }
    case 'rtu-dial-in':
      return dialInOf(values, before?.kind === kind ? before : undefined, needed);
    case 'serial':
      return serialOf(values, before?.kind === kind ? before : undefined, needed);
    case 'mqtt': {
      const known = before?.kind === kind ? before : undefined;
      return {
        kind,
        dialect: given(values.dialect, known?.dialect, 'wattledger'),
        productKey: given(values.product_key, known?.productKey, null),
        serial: needed('serial', values.serial, known?.serial),
      };
    }
    case 'acrel-upload': {
      const known = before?.kind === kind ? before : undefined;
      return { kind, serial: needed('serial', values.serial, known?.serial) };
    }
  }
}

type Needed = (
  column: keyof GatewayRow,
  cell: string | null | undefined,
  known: string | undefined,
) => string;

function dialInOf(
  values: GatewayRow,
  known: TransportOf<'rtu-dial-in'> | undefined,
  needed: Needed,
): TransportOf<'rtu-dial-in'> {
  return {
    kind: 'rtu-dial-in',
    registration: needed('registration', values.registration, known?.registration),
    registrationOn: given(values.registration_on, known?.registrationOn, 'connect'),
    heartbeat: given(values.heartbeat, known?.heartbeat, null),
  };
}

function serialOf(
  values: GatewayRow,
  known: TransportOf<'serial'> | undefined,
  needed: Needed,
): TransportOf<'serial'> {
  return {
    kind: 'serial',
    path: needed('path', values.path, known?.path),
    baud: given(values.baud, known?.baud, 9600),
    parity: given(values.parity, known?.parity, 'none'),
    stopBits: given(values.stop_bits, known?.stopBits, 1),
  };
}

const noCells = {
  host: null,
  port: null,
  registration: null,
  registration_on: null,
  heartbeat: null,
  path: null,
  baud: null,
  parity: null,
  stop_bits: null,
  serial: null,
  dialect: null,
  product_key: null,
};

/** The cells that give the same transport again. */
export function transportCells(
  transport: GatewayTransport,
): Pick<GatewayRow, keyof typeof noCells | 'transport'> {
  const cells = { ...noCells, transport: transport.kind };
  switch (transport.kind) {
    case 'modbus-tcp':
    case 'rtu-over-tcp':
      return { ...cells, host: transport.host, port: transport.port };
    case 'rtu-dial-in':
      return {
        ...cells,
        registration: transport.registration,
        registration_on: transport.registrationOn,
        heartbeat: transport.heartbeat,
      };
    case 'serial': {
      const { path, baud, parity, stopBits } = transport;
      return { ...cells, path, baud, parity, stop_bits: stopBits };
    }
    case 'mqtt': {
      const { dialect, productKey, serial } = transport;
      return { ...cells, dialect, product_key: productKey, serial };
    }
    case 'acrel-upload':
      return { ...cells, serial: transport.serial };
  }
}

/** What a gateway calls in with; null: we open the line. */
export function calledNameOf(transport: GatewayTransport): string | null {
  if (transport.kind === 'rtu-dial-in') return transport.registration;
  return 'serial' in transport ? transport.serial : null;
}
