// SPDX-License-Identifier: Apache-2.0
/** Acrel's first MQTT language ("acrelHW"): gateways tell, and ask for the time. Facts: docs/protocols/acrel-mqtt.md. */
import { DateTime } from 'luxon';
import type { MeterUpload, UploadedRegister } from '../callers/meter-upload.ts';
import type { MeterDriver } from '../collector/meter-driver.ts';
import type { OpenSpeaker, Talk } from './dialect.ts';
import {
  fieldsIn,
  listIn,
  parametersIn,
  signalOf,
  textOf,
  timeOf,
  wholeOf,
  type Fields,
} from './message-fields.ts';

const parameterNames = {
  ua: 'voltage.l1',
  ub: 'voltage.l2',
  uc: 'voltage.l3',
  ia: 'current.l1',
  ib: 'current.l2',
  ic: 'current.l3',
  pa: 'power.active.l1',
  pb: 'power.active.l2',
  pc: 'power.active.l3',
  p: 'power.active.total',
  qa: 'power.reactive.l1',
  qb: 'power.reactive.l2',
  qc: 'power.reactive.l3',
  q: 'power.reactive.total',
  pfa: 'pf.l1',
  pfb: 'pf.l2',
  pfc: 'pf.l3',
  pf: 'pf.total',
  hz: 'frequency',
  pt: 'ratio.pt',
  ct: 'ratio.ct',
} as const;
/** kWh of the secondary side: CT and PT belong to the mounting. null: the register that is mounted when nobody says otherwise. */
const registerNames: Readonly<Record<string, string | null>> = {
  wh: null,
  wl: 'energy.export.total',
};
const otherUnits = { varh: 'energy.reactive.import', varl: 'energy.reactive.export' } as const;

export const openAcrelV1: OpenSpeaker = (talk) => ({
  hear: async (channel, message) => {
    if (channel === 'login') return await login(talk, message);
    if (channel === 'time') return await tellTime(talk);
    if (channel === 'para' || channel === 'topology') return learn(talk, channel, message);
    if (channel !== 'data' && channel !== 'hstdata') return;
    const uploads = uploadsIn(message);
    talk.visit().describe({ seen: meterList(pointsIn(message)) });
    await talk.visit().take(uploads);
  },
  driverOf: () => onlyTells,
});

async function login(talk: Talk, message: Fields): Promise<void> {
  talk.visit().describe({
    modelName: talk.identity.productKey,
    firmware: textOf(message['ver']),
    signalDbm: signalOf(message['rssi']),
    simId: textOf(message['ccid']),
  });
  await talk.say('login', { type: 'login', res: 1 });
}

async function tellTime(talk: Talk): Promise<void> {
  const local = DateTime.fromMillis(talk.clock.nowMs(), { zone: talk.visit().zone });
  await talk.say('time', { type: 'time', res: 1, time: local.toFormat('yyyyMMddHHmmss') });
}

function learn(talk: Talk, channel: string, message: Fields): void {
  const minutes = wholeOf(message['upInterval'], 1, 1440);
  if (minutes !== null) talk.visit().describe({ uploadIntervalMinutes: minutes });
  const meters = meterList(pointsIn(message));
  if (meters.length === 0) return;
  talk.visit().describe(channel === 'topology' ? { topology: meters } : { seen: meters });
}

/** A message speaks of one meter, or has a list of them. */
function pointsIn(message: Fields): readonly Fields[] {
  for (const list of ['data', 'meters', 'topology']) {
    const items = listIn(message[list]);
    if (items.length > 0) return items.map((item) => ({ ...message, ...item, ...pointValues(item) }));
  }
  return [message];
}

/** The ADW300 writes its values as pairs of id and val. */
function pointValues(item: Fields): Fields {
  return Object.fromEntries(
    listIn(item['point']).flatMap((point) => {
      const id = textOf(point['id']);
      return id === null ? [] : [[id, point['val']]];
    }),
  );
}

function meterList(points: readonly Fields[]) {
  return points.flatMap((point) => {
    const serial = textOf(point['meterSN']);
    if (serial === null) return [];
    return [{ serial, unitId: null, lineAddress: serial, modelName: textOf(point['meterName']) }];
  });
}

export function uploadsIn(message: Fields): readonly MeterUpload[] {
  return pointsIn(message).map((point): MeterUpload => {
    const circuit = wholeOf(point['ch'], 1, 255);
    const registers: UploadedRegister[] = [];
    for (const [field, name] of Object.entries({ ...registerNames, ...otherUnits })) {
      const text = textOf(point[field]);
      if (text !== null) registers.push({ kind: 'decimal', name, text, unitPower: 3, circuit });
    }
    return {
      address: { unitId: null, lineAddress: textOf(point['meterSN']) },
      time: timeOf(point['time']),
      registers,
      parameters: parametersIn(fieldsIn(point), parameterNames),
      relay: null,
      missing: point['meterStatus'] === 'missing',
    };
  });
}

/** What its commands look like is not public. */
const onlyTells: MeterDriver = {
  poll: async () =>
    await Promise.resolve({
      answer: null,
      fault: { kind: 'no-answer', text: 'a gateway that speaks acrel-v1 only tells, it cannot be asked' },
    }),
  switchSupply: async () =>
    await Promise.resolve({
      kind: 'refused',
      relay: 'unknown',
      atMs: null,
      evidence: 'the commands of acrel-v1 are not public; connect the gateway with acrel-v2 or over Modbus',
    }),
};
