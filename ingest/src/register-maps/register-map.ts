// SPDX-License-Identifier: Apache-2.0
/** The shape of a register map: what a model's registers mean, as data. One JSON file per model in `models/`. */
import { z } from 'zod';
import { media, quantities, supplyActions, touPeriods } from '@wattledger/contracts';
import { addressSpaces, registerKinds, wordOrders } from '@wattledger/contracts/http/ingest';
import { unitIdMax } from '@wattledger/contracts/http/registry';

export type AddressSpace = (typeof addressSpaces)[number];
export type WordOrder = (typeof wordOrders)[number];

/** Of Modbus registers; and of values of DL/T 645: decimal digits without and with a sign, words of bits. */
const registerTypePattern =
  /^(u16|i16|u32|i32|u64|i64|f32|f64|bytes\[[1-9]\d{0,2}\]|(s?bcd|status)\[[1-9]\d?\])$/;
const dltTypePattern = /^(s?bcd|status)\[/;
const addressShape = z.number().int().min(0).max(0xffff);
const confidenceShape = z.enum(['vendor', 'driver', 'inferred']);

const rowShape = z.strictObject({
  name: z.string().regex(/^[a-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*$/),
  /** counted: billed or countable register; secret: never read, logged or stored. */
  kind: z.enum(registerKinds),
  /** DL/T 645: 0, since its values have data identifiers. */
  address: addressShape,
  /** DL/T 645: what is asked for, e.g. 00010000. */
  dataId: z
    .string()
    .regex(/^[0-9A-F]{8}$/)
    .optional(),
  /** Left out: the space that `readFunctionCode` reads. */
  space: z.enum(addressSpaces).optional(),
  type: z.string().regex(registerTypePattern),
  /** Counted registers: the base unit (Wh, varh, l). Others: the unit of value × 10^scaler. */
  unit: z.string(),
  /** Power of ten from the whole count to `unit`: 0.01 kWh per count is scaler 1, since the unit is Wh. */
  scaler: z.number().int().min(-6).max(6),
  /** Floats that are counted: counts per unit of the float; count = round(value × countsPerUnit), half away from zero. */
  countsPerUnit: z.number().int().positive().optional(),
  quantity: z.enum(quantities).optional(),
  /** The register that is mounted when nobody says otherwise. At most one per map. */
  primary: z.literal(true).optional(),
  /** Read in every poll; other rows only when they are mounted. */
  polled: z.literal(true).optional(),
  /** Largest count before the register starts at zero again, where the encoding tells. */
  registerMax: z.number().int().positive().optional(),
  access: z.enum(['R', 'RW']),
  source: z.array(z.string()).min(1),
  confidence: confidenceShape,
  note: z.string().optional(),
});

/**
 * One cabinet, many users: the map's rows are those of one user, and user n answers at the cabinet's unit id +
 * (n - 1) × unitIdStep. A register is then named `circuit<n>.<row>`, and each circuit is mounted at its own point.
 */
const circuitsShape = z.strictObject({
  max: z.number().int().min(2).max(unitIdMax),
  unitIdStep: z.number().int().min(1).max(64),
  source: z.string(),
  confidence: confidenceShape,
});

const conditionShape = z.strictObject({
  word: z.number().int().min(0).max(7),
  mask: addressShape,
  equals: addressShape,
});
const actionShape = z.strictObject({
  write: z.array(addressShape).min(1).max(8),
  /** All of these hold on the words read back: the switch shows what was asked. */
  confirmedWhen: z.array(conditionShape).min(1),
});
const supplySwitchShape = z.strictObject({
  functionCode: z.union([z.literal(6), z.literal(16)]),
  address: addressShape,
  words: z.number().int().min(1).max(8),
  source: z.string(),
  confidence: confidenceShape,
  actions: z.partialRecord(z.enum(supplyActions), actionShape),
});

/** DL/T 645: orders of control 1C, each proven by a bit of a status word. */
const relayControlShape = z.strictObject({
  /** Row of kind control that holds the status word. */
  statusRow: z.string(),
  /** The bit that is set while the relay is open. */
  openBit: z.number().int().min(0).max(15),
  orders: z.partialRecord(z.enum(supplyActions), z.enum(['1A', '1B', '1C', '3A', '3B'])),
  source: z.string(),
  confidence: confidenceShape,
});

const settingFacts = {
  /** Holding registers by their rows' names, written together by one FC16. */
  rows: z.array(z.string()).min(1),
  /** inferred: only written with the engineer's word that the bytes of such a meter are laid out so. */
  byteOrder: z.enum(['confirmed', 'inferred']),
  source: z.string(),
};
/** What may be set in the meter. Only what is listed here is ever written. */
const settingsShape = z.strictObject({
  /** One byte each, in the order of the rows; the year counts from 2000. */
  clock: z
    .strictObject({
      ...settingFacts,
      bytes: z.array(z.enum(['year', 'month', 'day', 'hour', 'minute', 'second'])).length(6),
    })
    .optional(),
  touPlan: z
    .strictObject({
      ...settingFacts,
      /** The rows are the plan of dates, then the day plans. Order of the three bytes of each entry: */
      dateBytes: z.array(z.enum(['month', 'day', 'plan'])).length(3),
      dayBytes: z.array(z.enum(['rate', 'minute', 'hour'])).length(3),
      rates: z.partialRecord(z.enum(touPeriods), z.number().int().min(0).max(255)),
    })
    .optional(),
});

/**
 * Registers of a meter that keeps a balance itself. A purchase is written with its number and added once; the meter's own
 * count and total prove it.
 */
const meterBalanceShape = z.strictObject({
  /** Rows by name: what remains, all that was ever bought, how often. */
  balance: z.string(),
  purchased: z.string(),
  purchaseCount: z.string(),
  /** Rows that are written together by one FC16: the amount, then the number of the purchase. */
  newPurchase: z.tuple([z.string(), z.string()]),
  /** inferred: only written with the word of somebody who has tried it on such a meter. */
  writing: z.enum(['confirmed', 'inferred']),
  source: z.string(),
});

export const registerMapShape = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
    vendor: z.string(),
    model: z.string(),
    aliases: z.array(z.string()),
    medium: z.enum(media),
    phases: z.number().int().min(0).max(3),
    /** Left out: Modbus. DL/T 645 asks each row by its data identifier; function code and word order say nothing there. */
    protocol: z.enum(['modbus', 'dlt645']).optional(),
    readFunctionCode: z.union([z.literal(3), z.literal(4)]),
    wordOrder: z.enum(wordOrders),
    /** All ones (unsigned), the largest number (signed) and floats that are no numbers say that there is no value. */
    marksAbsent: z.literal(true).optional(),
    circuits: circuitsShape.optional(),
    limits: z.strictObject({
      maxRegistersPerRead: z.number().int().min(1).max(125),
      /** Rest that the meter needs between two questions. */
      minGapMs: z.number().int().min(0).max(5000),
      /** Only even starts and even counts. */
      evenOnly: z.boolean(),
    }),
    /** Spans of undocumented addresses that are known to be readable; bridges may cross them. */
    readableGaps: z.array(
      z.strictObject({
        space: z.enum(addressSpaces),
        from: addressShape,
        to: addressShape,
        source: z.string(),
      }),
    ),
    supplySwitch: supplySwitchShape.nullable(),
    relayControl: relayControlShape.optional(),
    settings: settingsShape.optional(),
    meterBalance: meterBalanceShape.optional(),
    sources: z.record(z.string(), z.string()),
    notes: z.array(z.string()),
    registers: z.array(rowShape).min(1),
  })
  .superRefine((map, context) => {
    for (const fault of faultsOf(map)) context.addIssue({ code: 'custom', message: fault });
  });

export type RegisterMap = z.infer<typeof registerMapShape>;
export type RegisterRow = RegisterMap['registers'][number] & {
  /** Of a circuit: added to the meter's unit id. Left out: 0. */
  readonly unitOffset?: number;
};
export type MeterSettings = NonNullable<RegisterMap['settings']>;
export type MeterBalanceRows = NonNullable<RegisterMap['meterBalance']>;
export type RelayControl = NonNullable<RegisterMap['relayControl']>;
export type SupplySwitch = NonNullable<RegisterMap['supplySwitch']>;

/** Number of 16-bit registers that a type takes. */
export function registersOfType(type: string): number {
  switch (type) {
    case 'u16':
    case 'i16':
      return 1;
    case 'u32':
    case 'i32':
    case 'f32':
      return 2;
    case 'u64':
    case 'i64':
    case 'f64':
      return 4;
    default:
      return Math.ceil(Number(type.slice('bytes['.length, -1)) / 2);
  }
}

export function isFloat(type: string): boolean {
  return type === 'f32' || type === 'f64';
}

export function spaceOf(
  map: Pick<RegisterMap, 'readFunctionCode'>,
  row: Pick<RegisterRow, 'space'>,
): AddressSpace {
  return row.space ?? (map.readFunctionCode === 4 ? 'input' : 'holding');
}

/** How the meters of a map are spoken to. */
export function protocolOf(map: Pick<RegisterMap, 'protocol'>): 'modbus' | 'dlt645' {
  return map.protocol ?? 'modbus';
}

/** Whether some command can drive its supply switch. */
export function canSwitch(map: Pick<RegisterMap, 'supplySwitch' | 'relayControl'>): boolean {
  return map.supplySwitch !== null || map.relayControl !== undefined;
}

/** Rules that a row-by-row shape cannot say. */
function* faultsOf(map: RegisterMap): Generator<string> {
  const names = new Set<string>();
  const owners = new Map<string, string>();
  for (const row of map.registers) {
    if (names.has(row.name)) yield `${row.name} appears twice`;
    names.add(row.name);
    for (const source of row.source)
      if (map.sources[source] === undefined) yield `${row.name}: no source "${source}"`;
    if (row.kind === 'counted' && isFloat(row.type) && row.countsPerUnit === undefined) {
      yield `${row.name}: a counted float needs countsPerUnit`;
    }
    if (row.countsPerUnit !== undefined && !isFloat(row.type))
      yield `${row.name}: countsPerUnit is for floats`;
    if (row.kind === 'secret' && row.polled === true) yield `${row.name}: a secret is never polled`;
    if (row.name.startsWith('secret.') !== (row.kind === 'secret'))
      yield `${row.name}: kind and name disagree`;
    if (row.primary === true && (row.kind !== 'counted' || row.quantity === undefined)) {
      yield `${row.name}: only a counted quantity can be primary`;
    }
    yield* protocolFaults(map, row);
    for (const cell of cellsOf(map, row)) {
      const owner = owners.get(cell);
      if (owner !== undefined) yield `${row.name} and ${owner} overlap at ${cell}`;
      owners.set(cell, row.name);
    }
  }
  if (map.registers.filter((row) => row.primary === true).length > 1) yield 'more than one primary register';
  yield* unitFaults(map);
  yield* circuitFaults(map);
  yield* relayFaults(map);
  yield* settingFaults(map);
  yield* balanceFaults(map);
  const control = map.supplySwitch;
  if (control === null) return;
  for (const [action, steps] of Object.entries(control.actions)) {
    if (steps.write.length !== control.words)
      yield `${action} writes ${steps.write.length} words, not ${control.words}`;
    if (steps.confirmedWhen.some((condition) => condition.word >= control.words))
      yield `${action} looks past its words`;
  }
  if (control.functionCode === 6 && control.words !== 1) yield 'FC06 writes one word';
}

function* settingFaults(map: RegisterMap): Generator<string> {
  for (const setting of [map.settings?.clock, map.settings?.touPlan]) {
    if (setting === undefined) continue;
    if (map.sources[setting.source] === undefined) yield `settings: no source "${setting.source}"`;
    for (const name of setting.rows) {
      const row = map.registers.find((candidate) => candidate.name === name);
      if (row === undefined || row.kind !== 'config' || row.access !== 'RW' || !row.type.startsWith('bytes'))
        yield `settings: ${name} is no row of bytes that may be written`;
    }
  }
}

function* balanceFaults(map: RegisterMap): Generator<string> {
  const rows = map.meterBalance;
  if (rows === undefined) return;
  if (map.sources[rows.source] === undefined) yield `meterBalance: no source "${rows.source}"`;
  const rowNamed = (name: string) => map.registers.find((row) => row.name === name);
  for (const name of [rows.balance, rows.purchased, rows.purchaseCount])
    if (rowNamed(name) === undefined) yield `meterBalance: there is no row ${name}`;
  const [amount, number] = rows.newPurchase.map(rowNamed);
  const written = amount?.access === 'RW' && number?.access === 'RW' && number.type === 'u16';
  if (!written || amount.address + registersOfType(amount.type) !== number.address)
    yield 'meterBalance: amount and number of a purchase are not written together';
}

const baseUnits: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)power\.active\./, 'W'],
  [/(^|\.)power\.reactive\./, 'var'],
  [/(^|\.)power\.apparent\./, 'VA'],
  [/(^|\.)voltage\.l/, 'V'],
  [/(^|\.)current\.l/, 'A'],
];

/** Alarms judge parameters by their names alone: a power in kW would be a thousandth of what it is. */
function* unitFaults(map: RegisterMap): Generator<string> {
  for (const row of map.registers) {
    const unit = row.kind === 'parameter' ? baseUnits.find(([name]) => name.test(row.name))?.[1] : undefined;
    if (unit !== undefined && row.unit !== unit)
      yield `${row.name} is to be in ${unit}: let the scaler lead there`;
  }
}

function* protocolFaults(map: RegisterMap, row: RegisterRow): Generator<string> {
  const isDlt645 = protocolOf(map) === 'dlt645';
  if ((row.dataId !== undefined) !== isDlt645)
    yield `${row.name}: data identifiers are for DL/T 645, all of it`;
  if (dltTypePattern.test(row.type) !== isDlt645)
    yield `${row.name}: ${row.type} is a type of another protocol`;
}

/** What a row takes, so that no two rows take the same. */
function cellsOf(map: RegisterMap, row: RegisterRow): readonly string[] {
  if (row.dataId !== undefined) return [row.dataId];
  const cells: string[] = [];
  for (let address = row.address; address < row.address + registersOfType(row.type); address += 1)
    cells.push(`${spaceOf(map, row)}:${address}`);
  return cells;
}

function* relayFaults({ relayControl, registers, sources, protocol }: RegisterMap): Generator<string> {
  if (relayControl === undefined) return;
  if (protocol !== 'dlt645') yield 'relayControl is for DL/T 645';
  if (sources[relayControl.source] === undefined) yield `relayControl: no source "${relayControl.source}"`;
  const row = registers.find(({ name }) => name === relayControl.statusRow);
  if (row?.kind !== 'control' || row.polled !== true)
    yield 'relayControl: no polled control row to read back';
}

function* circuitFaults(map: RegisterMap): Generator<string> {
  const { circuits } = map;
  if (circuits === undefined) return;
  if (map.sources[circuits.source] === undefined) yield `circuits: no source "${circuits.source}"`;
  // A command names a meter; which of its circuits it means nobody could say.
  if (map.supplySwitch !== null) yield 'a meter of several circuits has no one supply switch';
  if ((circuits.max - 1) * circuits.unitIdStep >= unitIdMax) yield 'the last circuit has no unit id';
}
