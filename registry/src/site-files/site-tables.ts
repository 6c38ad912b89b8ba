// SPDX-License-Identifier: Apache-2.0
/**
 * The site file's sheets and columns, as one table: reading, writing, the template and docs/operating/site-file.md
 * all follow it. The JSON form has an array per sheet, of objects with the same column names.
 */
import {
  gatewayTransportKinds,
  mqttDialects,
  parities,
  registrationMoments,
  stopBitsAllowed,
  media,
  pointRoles,
  quantities,
  slotMinutesAllowed,
  subItems,
  touPeriods,
} from '@wattledger/contracts';
import {
  baudMax,
  baudMin,
  calledBytesMax,
  calledTextPattern,
  hostPattern,
  placeKinds,
  serialPathPattern,
  unitIdMax,
  unitIdMin,
} from '@wattledger/contracts/http/registry';
import {
  boolean,
  choice,
  choiceOfNumbers,
  clock,
  instant,
  integer,
  localDay,
  matching,
  monthDay,
  multiplier,
  number,
  registerValue,
  text,
  type CellKind,
} from './site-cells.ts';

export interface Column<T, Required extends boolean = boolean> {
  readonly kind: CellKind<T>;
  readonly required: Required;
  /** One line for the person who fills in the file. */
  readonly about: string;
}

const must = <T>(kind: CellKind<T>, about: string): Column<T, true> => ({ kind, required: true, about });
const may = <T>(kind: CellKind<T>, about: string): Column<T, false> => ({ kind, required: false, about });

const code = text(64);
const name = text(200);
const area = number(0, 100_000_000);
const interval = integer(1, 86_400);
const registerName = matching(
  /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  64,
  'a register name such as energy.active.total',
);

const calledName = matching(
  calledTextPattern,
  4 + 2 * calledBytesMax,
  `at most ${calledBytesMax} plain characters, or bytes written as hex:00ff…`,
);

const mounting = {
  register: registerName,
  quantity: choice(quantities),
  power: integer(1, 1_000_000_000_000),
  max: integer(1, Number.MAX_SAFE_INTEGER),
};

/** Columns of a mounting: of the meter mounted last in sheet metering_points, of each in sheet mountings. */
const mountingColumns = {
  quantity: may(
    mounting.quantity,
    "active-import (electricity's default), active-export, water-volume, gas-volume",
  ),
  mounted_from: may(instant, 'when the meter was mounted; blank: from the beginning'),
  mounted_to: may(instant, 'when it was taken off; blank: still mounted'),
  multiplier: may(multiplier, 'CT × PT ratio: 40, 1.5 or 200/5; blank: 1'),
  register_max: may(
    mounting.max,
    'largest count of the register before it starts at zero again; blank: unknown',
  ),
  power_max: may(
    mounting.power,
    'most power the point can carry, in W (water: litres, gas: dm³ per hour); blank: unknown',
  ),
  opening: may(
    registerValue,
    'reading at mounted_from in kWh (m³), as the register shows it; blank: not read',
  ),
  closing: may(registerValue, 'reading at mounted_to; blank: not read'),
};

export const siteColumns = {
  project: {
    code: must(code, 'the name people and files use; kept for good'),
    name: must(name, 'the name on the screen'),
    zone: must(text(64), 'IANA time zone, e.g. Asia/Shanghai'),
    currency: must(
      matching(/^[A-Z]{3}$/, 3, 'a currency code such as CNY'),
      'ISO 4217 code, e.g. CNY; kept for good',
    ),
    slot_minutes: may(choiceOfNumbers(slotMinutesAllowed), '15, 30 or 60; blank: 30'),
    poll_interval_seconds: may(interval, 'how often meters are read; blank: 1800'),
    area_m2: may(area, 'floor area in m²'),
    address: may(text(500), 'postal address'),
    latitude: may(number(-90, 90), 'degrees north'),
    longitude: may(number(-180, 180), 'degrees east'),
    id: may(
      matching(/^prj_[a-z0-9_-]{1,60}$/, 64, 'a project id such as prj_tower'),
      'id to be used in addresses; blank: made from the code',
    ),
    calendar_id: may(text(64), 'name of the tariff calendar for programs; blank: calendar'),
    calendar_name: may(name, 'name of the tariff calendar on the screen'),
  },
  day_profiles: {
    profile: must(code, 'name of the day profile, e.g. workday'),
    from: must(
      clock,
      'local time from which the period holds until the next row; the first of a profile is 00:00',
    ),
    period: must(choice(touPeriods), touPeriods.join(', ')),
  },
  seasons: {
    name: must(code, 'e.g. summer'),
    from: must(monthDay, 'MM-DD from which the season holds until the next one'),
    monday: must(code, 'day profile of Mondays'),
    tuesday: must(code, 'day profile of Tuesdays'),
    wednesday: must(code, 'day profile of Wednesdays'),
    thursday: must(code, 'day profile of Thursdays'),
    friday: must(code, 'day profile of Fridays'),
    saturday: must(code, 'day profile of Saturdays'),
    sunday: must(code, 'day profile of Sundays'),
  },
  special_days: {
    day: must(localDay, 'a date with its own day profile, e.g. a holiday'),
    profile: must(code, 'day profile of that date'),
  },
  places: {
    code: must(code, 'unique in the project'),
    name: must(name, 'the name on the screen'),
    kind: must(choice(placeKinds), 'area, building, floor or room'),
    parent: may(code, 'code of the place it lies in'),
    use: may(text(64), 'shop, office, flat, hotel, workshop, plant, common … a word of your own'),
    area_m2: may(area, 'floor area in m²'),
    sort_order: may(integer(-1_000_000, 1_000_000), 'smaller stands first; blank: 0'),
  },
  tenants: {
    code: must(code, 'unique in the project'),
    name: must(name, 'the name on bills'),
    class: may(text(64), 'word by which tenants are grouped; blank: standard'),
    phone: may(matching(/^\+?[0-9 ()./-]{4,32}$/, 33, 'a telephone number'), 'for messages'),
    email: may(matching(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 254, 'an e-mail address'), 'for messages'),
  },
  gateways: {
    code: must(code, 'unique in the project'),
    name: must(name, 'the name on the screen'),
    transport: may(
      choice(gatewayTransportKinds),
      `one of ${gatewayTransportKinds.join(', ')}; blank: modbus-tcp`,
    ),
    host: may(
      matching(hostPattern, 253, 'a host name or an address'),
      'modbus-tcp, rtu-over-tcp: host name or address on the network',
    ),
    port: may(integer(1, 65_535), 'modbus-tcp, rtu-over-tcp: blank: 502'),
    registration: may(calledName, 'rtu-dial-in: what the gateway says of itself when it calls in'),
    registration_on: may(
      choice(registrationMoments),
      'rtu-dial-in: said once on connect, or before every-packet; blank: connect',
    ),
    heartbeat: may(calledName, 'rtu-dial-in: what the gateway sends to keep the line open; blank: nothing'),
    path: may(matching(serialPathPattern, 210, 'a serial port'), 'serial: port such as /dev/ttyUSB0'),
    baud: may(integer(baudMin, baudMax), 'serial: blank: 9600'),
    parity: may(choice(parities), 'serial: none, even or odd; blank: none'),
    stop_bits: may(choiceOfNumbers(stopBitsAllowed), 'serial: 1 or 2; blank: 1'),
    serial: may(code, 'mqtt, acrel-upload: serial that the gateway calls in with'),
    dialect: may(choice(mqttDialects), `mqtt: ${mqttDialects.join(', ')}`),
    product_key: may(text(64), 'mqtt: product key in its topics; blank: none'),
    timeout_ms: may(integer(50, 60_000), 'how long an answer may take; blank: 1000'),
    poll_interval_seconds: may(interval, "blank: the project's"),
    enabled: may(boolean, 'yes or no; blank: yes'),
  },
  meters: {
    serial: must(code, 'as on the plate; unique in the project'),
    model: may(
      matching(/^[a-z0-9][a-z0-9.-]*$/, 64, 'a register map id such as acrel-dtsy1352'),
      'register map, e.g. acrel-dtsy1352; blank: readings come by file or push',
    ),
    gateway: may(code, 'code of the gateway'),
    unit_id: may(integer(unitIdMin, unitIdMax), 'address on the bus, 1 to 247'),
    line_address: may(code, '12 digits of DL/T 645, or the name the gateway gives the meter'),
    poll_interval_seconds: may(interval, "blank: the gateway's, else the project's"),
    switchable: may(boolean, 'has a relay that we may drive; blank: no'),
    enabled: may(boolean, 'yes or no; blank: yes'),
  },
  metering_points: {
    code: must(code, 'unique in the project'),
    name: must(name, 'the name on the screen'),
    medium: may(choice(media), 'electricity, water or gas; blank: electricity'),
    role: may(choice(pointRoles), 'supply, main, feeder, sub or generation; blank: sub'),
    sub_item: may(choice(subItems), `${subItems.join(', ')}; blank: other`),
    place: may(code, 'code of the place'),
    tenant: may(code, 'code of the tenant'),
    area_m2: may(area, 'floor area served, in m²'),
    headcount: may(integer(0, 1_000_000), 'people served'),
    parent: may(code, 'code of the point that measures this one too'),
    parent_from: may(instant, 'since when; blank: from the beginning'),
    parent_to: may(instant, 'until when; blank: still'),
    meter_serial: may(code, 'serial of the meter mounted here; blank: none'),
    register: may(
      mounting.register,
      'register of the meter that counts here, e.g. energy.active.total; needed with a meter',
    ),
    ...mountingColumns,
  },
  parent_links: {
    point: must(code, 'code of the point'),
    parent: must(code, 'code of its parent'),
    parent_from: may(instant, 'since when; blank: from the beginning'),
    parent_to: may(instant, 'until when; blank: still'),
  },
  mountings: {
    point: must(code, 'code of the point'),
    meter_serial: must(code, 'serial of the meter'),
    register: must(mounting.register, 'register that counts here'),
    ...mountingColumns,
  },
};

export type SheetName = keyof typeof siteColumns;
export const sheetNames = Object.keys(siteColumns) as readonly SheetName[];

/** Sheets that a file may leave out are all but the project. */
export const requiredSheets: readonly SheetName[] = ['project'];

/** A row as it was read: undefined where the sheet has no such column, null where the cell is blank. */
export type SiteRow<Sheet extends SheetName> = {
  readonly [Name in keyof (typeof siteColumns)[Sheet]]: (typeof siteColumns)[Sheet][Name] extends Column<
    infer T,
    infer Required
  >
    ? Required extends true
      ? T
      : T | null | undefined
    : never;
};

/** A row with the number a spreadsheet shows for it (the header is 1). */
export interface Numbered<Row> {
  readonly row: number;
  readonly values: Row;
}
export type SiteTables = { readonly [Sheet in SheetName]: readonly Numbered<SiteRow<Sheet>>[] };
