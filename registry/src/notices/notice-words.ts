// SPDX-License-Identifier: Apache-2.0
/** The words of messages that leave the product; screens have their own. */
import type { AlarmKind, AlarmSeverity } from '@wattledger/contracts';
import type { NoticeEvent } from '@wattledger/contracts/http/alarms';
import type { TemplateBody } from '@wattledger/contracts/http/notices';
import type { languages } from '@wattledger/contracts/http/registry';

export type Language = (typeof languages)[number];

export const kindNames: Readonly<Record<Language, Readonly<Record<AlarmKind, string>>>> = {
  en: {
    'gateway-offline': 'Gateway offline',
    'meter-offline': 'Meter offline',
    'low-balance-1': 'Balance low',
    'low-balance-2': 'Balance very low',
    arrears: 'In arrears',
    'relay-not-obeying': 'Relay does not obey',
    'reading-held': 'Reading held',
    'energy-not-closing': 'Energy does not add up',
    overload: 'Overload',
    'over-consumption': 'Over-consumption',
    'voltage-loss': 'Voltage loss',
    'reverse-flow': 'Reverse flow or wrong wiring',
    'phase-imbalance': 'Phase imbalance',
    'abnormal-consumption': 'Unusual consumption',
    'stale-reading': 'Reading out of date',
    'clock-drift': 'Meter clock wrong',
  },
  zh: {
    'gateway-offline': '网关离线',
    'meter-offline': '电表离线',
    'low-balance-1': '余额不足',
    'low-balance-2': '余额严重不足',
    arrears: '欠费',
    'relay-not-obeying': '继电器拒动',
    'reading-held': '读数待确认',
    'energy-not-closing': '电量不平衡',
    overload: '过载',
    'over-consumption': '超量用电',
    'voltage-loss': '失压',
    'reverse-flow': '反向潮流或接线错误',
    'phase-imbalance': '三相不平衡',
    'abnormal-consumption': '用电异常',
    'stale-reading': '读数过期',
    'clock-drift': '电表时钟偏差',
  },
};

export const severityNames: Readonly<Record<Language, Readonly<Record<AlarmSeverity, string>>>> = {
  en: { information: 'Information', warning: 'Warning', critical: 'Critical' },
  zh: { information: '提示', warning: '警告', critical: '严重' },
};

/** Facts worth a word in a message; the others stand on the screen only. */
export const factNames: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    powerW: 'power (W)',
    currentA: 'current (A)',
    limit: 'limit',
    dayWh: 'today (Wh)',
    usualWh: 'usual (Wh)',
    voltageV: 'voltage (V)',
    phase: 'phase',
    percent: 'percent',
    exportWh: 'export (Wh)',
    driftSeconds: 'drift (s)',
    register: 'register',
    lossPercent: 'loss (%)',
    localDay: 'day',
  },
  zh: {
    powerW: '功率 (W)',
    currentA: '电流 (A)',
    limit: '限值',
    dayWh: '当日用电 (Wh)',
    usualWh: '平常 (Wh)',
    voltageV: '电压 (V)',
    phase: '相',
    percent: '百分比',
    exportWh: '反向电量 (Wh)',
    driftSeconds: '偏差 (秒)',
    register: '寄存器',
    lossPercent: '损耗 (%)',
    localDay: '日期',
  },
};

type Templates = Readonly<Record<NoticeEvent, TemplateBody>>;
export const usualTemplates: Readonly<Record<Language, Templates>> = {
  en: {
    opened: {
      subject: '[{severity}] {alarm}: {subject}',
      body: '{alarm} at {subject}, {place} ({project}), since {time}.\n{facts}',
    },
    cleared: {
      subject: 'Over: {alarm}: {subject}',
      body: '{alarm} at {subject}, {place} ({project}), has cleared at {time}.',
    },
    escalated: {
      subject: '[{severity}] Nobody has acknowledged: {alarm}: {subject}',
      body: '{alarm} at {subject}, {place} ({project}), is open since {time} and nobody has acknowledged it.\n{facts}',
    },
    summary: {
      subject: '{count} alarm messages of the quiet hours: {project}',
      body: 'While nobody was told, there were {count} messages:\n{list}',
    },
    tenant: {
      subject: '{alarm}: {project}',
      body: 'Dear {tenant}, about the supply of {place} at {project}: {alarm}. Balance: {balance}. Please top up in good time.',
    },
    test: {
      subject: 'Test message of {project}',
      body: 'This is a test. If you read it, messages of {project} arrive here. Sent at {time}.',
    },
  },
  zh: {
    opened: {
      subject: '【{severity}】{alarm}:{subject}',
      body: '{project} {place} {subject} 发生 {alarm},开始时间 {time}。\n{facts}',
    },
    cleared: {
      subject: '已恢复:{alarm}:{subject}',
      body: '{project} {place} {subject} 的 {alarm} 已于 {time} 恢复。',
    },
    escalated: {
      subject: '【{severity}】无人确认:{alarm}:{subject}',
      body: '{project} {place} {subject} 的 {alarm} 自 {time} 起仍未确认。\n{facts}',
    },
    summary: {
      subject: '{project} 静默时段内有 {count} 条告警消息',
      body: '静默时段内共有 {count} 条消息:\n{list}',
    },
    tenant: {
      subject: '{project}:{alarm}',
      body: '尊敬的 {tenant}:您在 {project} {place} 的账户 {alarm},余额 {balance},请及时充值。',
    },
    test: {
      subject: '{project} 测试消息',
      body: '这是一条测试消息。如您收到,说明 {project} 的消息可以送达。发送时间 {time}。',
    },
  },
};
