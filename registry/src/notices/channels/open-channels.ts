// SPDX-License-Identifier: Apache-2.0
/** The channels that the configuration sets up. Its secrets stay inside them. */
import type { ChannelsConfig, Clock } from '@wattledger/platform';
import { noticeChannels, type NoticeChannel } from '@wattledger/contracts/http/alarms';
import { aliyunEndpoint, createAliyunSms } from './aliyun-sms.ts';
import type { Channel } from './channel.ts';
import { createEmailChannel } from './email-channel.ts';
import { createTwilioSms, twilioEndpoint } from './twilio-sms.ts';
import { createWebhookChannel } from './webhook-channel.ts';

export type Channels = Readonly<Partial<Record<NoticeChannel, Channel>>>;

export function openChannels({ smtp, sms, webhook }: ChannelsConfig, clock: Clock): Channels {
  return {
    ...(smtp === null ? {} : { email: createEmailChannel(smtp) }),
    ...(sms === null ? {} : { sms: smsChannel(sms, clock) }),
    ...(webhook === null ? {} : { webhook: createWebhookChannel(webhook, clock) }),
  };
}

/** The bell is always there. */
export const channelsOpened = (channels: Channels): readonly NoticeChannel[] =>
  noticeChannels.filter((channel) => channel === 'in-app' || channels[channel] !== undefined);

function smsChannel(sms: NonNullable<ChannelsConfig['sms']>, clock: Clock): Channel {
  return sms.provider === 'twilio'
    ? createTwilioSms({ ...sms, endpoint: sms.endpoint ?? twilioEndpoint })
    : createAliyunSms({ ...sms, endpoint: sms.endpoint ?? aliyunEndpoint }, clock);
}
