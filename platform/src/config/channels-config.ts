// SPDX-License-Identifier: Apache-2.0
/** How messages leave the product: e-mail, SMS, webhooks. What is not set is not there. */
import { z } from 'zod';

const url = (protocols: readonly string[]): z.ZodType<string> =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol));

export const channelVariables = {
  SMTP_URL: url(['smtp:', 'smtps:'])
    .optional()
    .describe(
      'mail server, e.g. smtp://user:password@mail.example.com:587 or smtps://…; left out: no e-mail',
    ),
  SMTP_FROM: z
    .string()
    .regex(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/)
    .optional()
    .describe('sender of e-mails, e.g. "Wattledger <alarms@example.com>"'),
  SMS_PROVIDER: z.enum(['twilio', 'aliyun']).optional().describe('twilio or aliyun; left out: no SMS'),
  SMS_ENDPOINT: url(['http:', 'https:'])
    .transform((text) => new URL(text).origin)
    .optional()
    .describe('origin of the SMS provider, where it is not the usual one'),
  TWILIO_ACCOUNT_SID: z.string().optional().describe('account of Twilio (AC…)'),
  TWILIO_AUTH_TOKEN: z.string().optional().describe('its token'),
  TWILIO_FROM: z.string().optional().describe('number of the account, or a messaging service (MG…)'),
  ALIYUN_ACCESS_KEY_ID: z.string().optional().describe('access key of Aliyun'),
  ALIYUN_ACCESS_KEY_SECRET: z.string().optional().describe('its secret'),
  ALIYUN_SMS_SIGN_NAME: z.string().optional().describe('signature of the messages, as Aliyun approved it'),
  ALIYUN_SMS_TEMPLATE_CODE: z
    .string()
    .optional()
    .describe('template (SMS_…) with the variables alarm, subject, place, time, balance, project'),
  WEBHOOK_SECRET: z
    .string()
    .min(16)
    .optional()
    .describe('key with which webhooks are signed, at least 16 characters; left out: no webhooks'),
  WEBHOOK_ALLOW_PRIVATE: z
    .enum(['on', 'off'])
    .default('off')
    .describe('on: webhooks may call addresses of the own network'),
} as const;

export interface ChannelsConfig {
  readonly smtp: { readonly url: string; readonly from: string } | null;
  readonly sms:
    | {
        readonly provider: 'twilio';
        readonly accountSid: string;
        readonly authToken: string;
        readonly from: string;
        readonly endpoint: string | null;
      }
    | {
        readonly provider: 'aliyun';
        readonly accessKeyId: string;
        readonly accessKeySecret: string;
        readonly signName: string;
        readonly templateCode: string;
        readonly endpoint: string | null;
      }
    | null;
  readonly webhook: { readonly secret: string; readonly allowPrivate: boolean } | null;
}
export const noChannels: ChannelsConfig = { smtp: null, sms: null, webhook: null };

const needed: Readonly<Record<string, readonly string[]>> = {
  twilio: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM'],
  aliyun: [
    'ALIYUN_ACCESS_KEY_ID',
    'ALIYUN_ACCESS_KEY_SECRET',
    'ALIYUN_SMS_SIGN_NAME',
    'ALIYUN_SMS_TEMPLATE_CODE',
  ],
};

/** What is half set. */
export function channelFaults(given: Readonly<Record<string, string | undefined>>): readonly string[] {
  const faults: string[] = [];
  if ((given['SMTP_URL'] === undefined) !== (given['SMTP_FROM'] === undefined))
    faults.push('SMTP_FROM: server and sender go together: set both SMTP_URL and SMTP_FROM, or neither');
  const provider = given['SMS_PROVIDER'] ?? '';
  const wanted = Object.hasOwn(needed, provider) ? (needed[provider] ?? []) : [];
  for (const variable of wanted)
    if (given[variable] === undefined) faults.push(`${variable}: SMS_PROVIDER=${provider} needs it`);
  return faults;
}

type ChannelValues = z.infer<z.ZodObject<typeof channelVariables>>;

export function channelsOf(values: ChannelValues): ChannelsConfig {
  const { SMTP_URL: smtpUrl, SMTP_FROM: from, WEBHOOK_SECRET: secret } = values;
  return {
    smtp: smtpUrl === undefined || from === undefined ? null : { url: smtpUrl, from },
    sms: smsOf(values),
    webhook: secret === undefined ? null : { secret, allowPrivate: values.WEBHOOK_ALLOW_PRIVATE === 'on' },
  };
}

/** `channelFaults` has seen to it that all of a provider is there. */
function smsOf(values: ChannelValues): ChannelsConfig['sms'] {
  const endpoint = values.SMS_ENDPOINT ?? null;
  switch (values.SMS_PROVIDER) {
    case undefined:
      return null;
    case 'twilio':
      return {
        provider: 'twilio',
        accountSid: values.TWILIO_ACCOUNT_SID ?? '',
        authToken: values.TWILIO_AUTH_TOKEN ?? '',
        from: values.TWILIO_FROM ?? '',
        endpoint,
      };
    case 'aliyun':
      return {
        provider: 'aliyun',
        accessKeyId: values.ALIYUN_ACCESS_KEY_ID ?? '',
        accessKeySecret: values.ALIYUN_ACCESS_KEY_SECRET ?? '',
        signName: values.ALIYUN_SMS_SIGN_NAME ?? '',
        templateCode: values.ALIYUN_SMS_TEMPLATE_CODE ?? '',
        endpoint,
      };
  }
}
