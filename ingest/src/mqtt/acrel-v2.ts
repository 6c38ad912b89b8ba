// SPDX-License-Identifier: Apache-2.0
/**
 * Acrel's second MQTT language. A command that was answered with res 1 is accepted, not done: what the meter tells of its
 * switch afterwards decides. Facts: docs/protocols/acrel-mqtt.md.
 */
import type { RelayState, SupplyAction } from '@wattledger/contracts';
import type { MeterUpload, UploadAddress, UploadedRegister } from '../callers/meter-upload.ts';
import type { MeterDriver, SwitchAttempt } from '../collector/meter-driver.ts';
import type { MeterTarget } from '../collector/poll-targets.ts';
import type { OpenSpeaker, Talk } from './dialect.ts';
import {
  listIn,
  parametersIn,
  signalOf,
  textOf,
  timeOf,
  wholeOf,
  fieldsIn,
  type Fields,
} from './message-fields.ts';
import { Waits } from './upload-waits.ts';

const parameterNames = {
  Ua: 'voltage.l1',
  Ub: 'voltage.l2',
  Uc: 'voltage.l3',
  U: 'voltage.l1',
  Ia: 'current.l1',
  Ib: 'current.l2',
  Ic: 'current.l3',
  I: 'current.l1',
  Pa: 'power.active.l1',
  Pb: 'power.active.l2',
  Pc: 'power.active.l3',
  P: 'power.active.total',
  Q: 'power.reactive.total',
  S: 'power.apparent.total',
  PF: 'pf.total',
  F: 'frequency',
  PT: 'ratio.pt',
  CT: 'ratio.ct',
  Balance: 'prepaid.balance',
} as const;
const registerNames: Readonly<Record<string, string | null>> = {
  EPI: null,
  EPE: 'energy.export.total',
  EPIJ: 'energy.active.tip',
  EPIF: 'energy.active.peak',
  EPIP: 'energy.active.flat',
  EPIG: 'energy.active.valley',
};

/** How often the meter is asked to tell of its switch before it is said not to obey. */
const looksMax = 3;

export const openAcrelV2: OpenSpeaker = (talk) => {
  const uploads = new Waits<MeterUpload>();
  const answers = new Waits<Fields>();
  return {
    hear: async (channel, message) => {
      if (channel === 'sys') return await hearSystem(talk, message);
      if (channel === 'indicate') return answers.tell(message);
      const told = uploadsIn(message);
      await talk.visit().take(told);
      for (const upload of told) uploads.tell(upload);
    },
    driverOf: (meter, understand) => ({
      poll: async () => {
        const upload = await refreshed(talk, uploads, meter);
        if (upload !== null) return understand(upload);
        return { answer: null, fault: { kind: 'no-answer', text: 'asked to tell, it told nothing' } };
      },
      switchSupply: async (action) => await switchSupply(talk, { uploads, answers }, meter, action),
    }),
  };
};

async function hearSystem(talk: Talk, message: Fields): Promise<void> {
  const method = textOf(message['method']) ?? '';
  const told = { ...message, ...fieldsIn(message['payload']) };
  if (method === 'login' || method === 'info') {
    talk.visit().describe({
      modelName: textOf(told['devname']),
      firmware: textOf(told['softversion']),
      simId: textOf(told['ccid']),
      signalDbm: signalOf(told['rssi']),
      ...(wholeOf(told['upInterval'], 1, 1440) === null
        ? {}
        : { uploadIntervalMinutes: wholeOf(told['upInterval'], 1, 1440) }),
    });
  }
  if (method === 'topology' || method === 'call_topo') {
    talk.visit().describe({ topology: topologyIn(talk, message) });
  }
  if (method !== 'login' && method !== 'time' && method !== 'topology') return;
  const { msgid } = message;
  const { serial: sn } = talk.identity;
  await talk.say('sys', { msgid, method, sn, res: 1, timestamp: talk.clock.nowMs() });
  if (method === 'login') await talk.say('sys', request(talk, 'call_topo'));
}

let lastMessage = 0;
function request(talk: Talk, method: string, payload?: Fields): Fields {
  lastMessage = (lastMessage + 1) % 1_000_000;
  const timestamp = talk.clock.nowMs();
  const msgid = `${timestamp}${String(lastMessage).padStart(6, '0')}`;
  return {
    msgid,
    method,
    sn: talk.identity.serial,
    timestamp,
    ...(payload === undefined ? {} : { payload }),
  };
}

/** Devices differ in what they call the list; what is in it has an address or a number of its own. */
function topologyIn(talk: Talk, message: Fields) {
  const payload = message['payload'];
  const lists = [payload, ...['topology', 'meters', 'list', 'data'].map((name) => fieldsIn(payload)[name])];
  const items = lists.filter((list) => Array.isArray(list)).flatMap((list) => listIn(list));
  return items.flatMap((item) => {
    const lineAddress = textOf(item['addr']);
    const serial = textOf(item['sn']) ?? textOf(item['meterSN']);
    if (lineAddress === null && serial === null) return [];
    return [
      {
        serial: serial ?? `${talk.identity.serial}-${lineAddress ?? ''}`,
        unitId: null,
        lineAddress: lineAddress ?? serial,
        modelName: textOf(item['meterName']) ?? textOf(item['devname']),
      },
    ];
  });
}

export function uploadsIn(message: Fields): readonly MeterUpload[] {
  return listIn(message['reported']).map((reported): MeterUpload => {
    const addr = textOf(reported['addr']) ?? textOf(message['addr']);
    const registers: UploadedRegister[] = [];
    for (const [field, name] of Object.entries(registerNames)) {
      const text = textOf(reported[field]);
      if (text !== null) registers.push({ kind: 'decimal', name, text, unitPower: 3, circuit: null });
    }
    return {
      address: { unitId: null, lineAddress: addr },
      time: timeOf(reported['timestamp'] ?? message['timestamp']),
      registers,
      parameters: parametersIn(reported, parameterNames),
      relay: relayIn(reported['SwitchSta']),
    };
  });
}

/** 1 closed, 0 open: to be seen on a device. */
function relayIn(value: unknown): RelayState | null {
  const told = wholeOf(value, 0, 1);
  if (told === null) return value === undefined ? null : 'unknown';
  return told === 1 ? 'closed' : 'open';
}

function isOf(meter: MeterTarget, { lineAddress }: UploadAddress): boolean {
  return lineAddress === null || lineAddress === meter.place.lineAddress || lineAddress === meter.serial;
}

async function refreshed(
  talk: Talk,
  uploads: Waits<MeterUpload>,
  meter: MeterTarget,
): Promise<MeterUpload | null> {
  const told = uploads.next(talk.visit().timeoutMs, (upload) =>
    isOf(meter, upload.address) ? upload : null,
  );
  await talk.say('indicate', request(talk, 'operate', { addr: meter.place.lineAddress, method: 'REFRESH' }));
  return await told;
}

async function switchSupply(
  talk: Talk,
  waits: { readonly uploads: Waits<MeterUpload>; readonly answers: Waits<Fields> },
  meter: MeterTarget,
  action: SupplyAction,
): ReturnType<MeterDriver['switchSupply']> {
  const none = { relay: 'unknown', atMs: null } as const;
  if (action === 'release') return { kind: 'refused', ...none, evidence: 'acrel-v2 has no word for release' };
  const forceSwitch = action === 'connect' ? 1 : 0;
  const payload = { addr: meter.place.lineAddress, method: 'FORCESWITCH', ForceSwitch: forceSwitch };
  const asked = request(talk, 'operate', payload);
  const answered = waits.answers.next(talk.visit().timeoutMs, (answer) =>
    textOf(answer['msgid']) === asked['msgid'] ? answer : null,
  );
  await talk.say('indicate', asked);
  const answer = await answered;
  const said = `FORCESWITCH ${forceSwitch} to ${meter.place.lineAddress ?? 'itself'}`;
  if (answer === null) return { kind: 'unreachable', ...none, evidence: `${said}: no answer` };
  if (wholeOf(answer['res'], 0, 1) !== 1) {
    const evidence = `${said}: refused, errcode ${textOf(answer['errcode']) ?? 'not told'}`;
    return { kind: 'refused', ...none, evidence };
  }
  return await confirmed(talk, waits.uploads, meter, action, `${said}: accepted`);
}

/** Accepted is not done: the meter is asked to tell, until its switch shows it. */
async function confirmed(
  talk: Talk,
  uploads: Waits<MeterUpload>,
  meter: MeterTarget,
  action: SupplyAction,
  said: string,
): Promise<SwitchAttempt> {
  const wanted: RelayState = action === 'connect' ? 'closed' : 'open';
  let relay: RelayState = 'unknown';
  let atMs: number | null = null;
  for (let look = 1; look <= looksMax; look += 1) {
    const upload = await refreshed(talk, uploads, meter);
    if (upload === null || upload.relay === null) continue;
    relay = upload.relay;
    atMs = talk.clock.nowMs();
    if (relay === wanted) return { kind: 'confirmed', relay, atMs, evidence: `${said}; SwitchSta ${relay}` };
  }
  const evidence = `${said}; ${atMs === null ? 'no SwitchSta came' : `SwitchSta ${relay}`}`;
  return { kind: atMs === null ? 'unreachable' : 'disobeyed', relay, atMs, evidence };
}
