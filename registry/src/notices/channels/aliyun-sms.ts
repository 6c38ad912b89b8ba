// SPDX-License-Identifier: Apache-2.0
/**
 * SMS by Aliyun: SendSms of dysmsapi (2017-05-25), signed ACS3-HMAC-SHA256. Aliyun sends no free text: the account has
 * a template, which is filled with `alarm`, `subject`, `place`, `time`, `balance` and `project`.
 */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { Clock } from '@wattledger/platform';
import type { Filled } from '../template.ts';
import { providerWords, sendTimeoutMs, wayFault, type Channel } from './channel.ts';

export interface AliyunOptions {
  readonly provider: 'aliyun';
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly signName: string;
  readonly templateCode: string;
  readonly endpoint: string;
}

export const aliyunEndpoint = 'https://dysmsapi.aliyuncs.com';
const parametersOfTemplate = ['alarm', 'subject', 'place', 'time', 'balance', 'project'] as const;
/** A variable of a template takes so many characters. */
const parameterCharactersMax = 35;
/** Answers that will be the same tomorrow: the number, the template or the signature is refused. */
const refusedForGood =
  /^isv\.(MOBILE_NUMBER_ILLEGAL|INVALID_PARAMETERS|TEMPLATE_|SMS_TEMPLATE_|SMS_SIGNATURE_|BLACK_KEY)/;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
/** RFC 3986: what encodeURIComponent leaves alone beyond it is encoded too. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

export interface AcsRequest {
  readonly method: 'GET' | 'POST';
  readonly host: string;
  readonly action: string;
  readonly version: string;
  readonly query: Readonly<Record<string, string>>;
  readonly date: string;
  readonly nonce: string;
}

/** The query as it is sent, and the headers with the signature over it. Pure. */
export function signAcs(
  { method, host, action, version, query, date, nonce }: AcsRequest,
  { accessKeyId, accessKeySecret }: Pick<AliyunOptions, 'accessKeyId' | 'accessKeySecret'>,
): { readonly queryString: string; readonly headers: Readonly<Record<string, string>> } {
  const queryString = Object.keys(query)
    .sort()
    .map((name) => `${encoded(name)}=${encoded(query[name] ?? '')}`)
    .join('&');
  const payloadHash = sha256('');
  const signed: Readonly<Record<string, string>> = {
    host,
    'x-acs-action': action,
    'x-acs-content-sha256': payloadHash,
    'x-acs-date': date,
    'x-acs-signature-nonce': nonce,
    'x-acs-version': version,
  };
  const names = Object.keys(signed).sort();
  const canonicalHeaders = names.map((name) => `${name}:${(signed[name] ?? '').trim()}\n`).join('');
  const canonical = [method, '/', queryString, canonicalHeaders, names.join(';'), payloadHash].join('\n');
  const signature = createHmac('sha256', accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest('hex');
  const authorization = `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`;
  return { queryString, headers: { ...signed, authorization } };
}

export function createAliyunSms(options: AliyunOptions, clock: Clock): Channel {
  const endpoint = new URL(options.endpoint);
  return {
    async send({ id, to, filled }) {
      const { queryString, headers } = signAcs(
        {
          method: 'POST',
          host: endpoint.host,
          action: 'SendSms',
          version: '2017-05-25',
          query: {
            PhoneNumbers: to.replace(/^\+86/, '').replace(/^\+/, ''),
            SignName: options.signName,
            TemplateCode: options.templateCode,
            TemplateParam: JSON.stringify(templateParameters(filled)),
            OutId: id,
          },
          date: new Date(clock.nowMs()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
          nonce: randomUUID(),
        },
        options,
      );
      // fetch sets `host` itself, to the same.
      const { host: _host, ...sent } = headers;
      try {
        const answer = await fetch(`${endpoint.origin}/?${queryString}`, {
          method: 'POST',
          redirect: 'manual',
          signal: AbortSignal.timeout(sendTimeoutMs),
          headers: sent,
        });
        const said = await answer.text();
        const { Code: code = '', Message: message = said, BizId: bizId = '' } = parsed(said);
        if (answer.ok && code === 'OK') return { ok: true, answer: providerWords(`OK ${bizId}`) };
        const words = providerWords(`${answer.status} ${code} ${message}`);
        return { ok: false, permanent: refusedForGood.test(code), answer: words };
      } catch (error) {
        return wayFault(error);
      }
    },
  };
}

function templateParameters(filled: Filled): Readonly<Record<string, string>> {
  return Object.fromEntries(
    parametersOfTemplate.map((name) => [name, [...filled[name]].slice(0, parameterCharactersMax).join('')]),
  );
}

function parsed(text: string): Readonly<Record<string, string | undefined>> {
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    return {};
  }
}
