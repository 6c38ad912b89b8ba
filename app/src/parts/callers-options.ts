// SPDX-License-Identifier: Apache-2.0
/** Which ports are opened for devices that call in: those that are named, and on one machine two more, where they are free. */
import { readFile } from 'node:fs/promises';
import type { IngestOptions } from '@wattledger/ingest';
import { OperatingError, type Config } from '@wattledger/platform';

/** Documented in docs/operating/running.md. */
const defaultPorts = { acrelUpload: 7084, dialIn: 7085 } as const;
type CallersOptions = NonNullable<IngestOptions['callers']>;
type Port = keyof typeof defaultPorts;

/** @throws OperatingError naming the file that cannot be read */
export async function callersOptions(config: Config, oneMachine: boolean): Promise<CallersOptions> {
  const { callers, host } = config;
  const listen = (name: Port, told: number | 'off' | null): Pick<CallersOptions, Port> => {
    if (told === 'off' || (told === null && !oneMachine)) return {};
    return { [name]: { host, port: told ?? defaultPorts[name], optional: told === null } };
  };
  return {
    defaultZone: callers.zone,
    ...listen('acrelUpload', callers.acrelUploadPort),
    ...listen('dialIn', callers.dialInPort),
    mqtt: {
      ...(callers.mqttBroker === null ? {} : { broker: { host, ...(await brokerOf(callers.mqttBroker)) } }),
      ...(callers.mqttClient === null ? {} : { client: callers.mqttClient }),
    },
  };
}

type BrokerConfig = NonNullable<Config['callers']['mqttBroker']>;
async function brokerOf({ port, secret, passwordsFile, tlsFiles }: BrokerConfig) {
  return {
    port,
    sharedSecret: secret,
    ownPasswords: passwordsFile === null ? '' : await textOf('MQTT_PASSWORDS', passwordsFile),
    tls:
      tlsFiles === null
        ? null
        : {
            cert: await textOf('MQTT_TLS_CERT', tlsFiles.cert),
            key: await textOf('MQTT_TLS_KEY', tlsFiles.key),
          },
  };
}

async function textOf(variable: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperatingError('file-unreadable', `${variable}: the file cannot be read: ${reason}`, {
      retryable: false,
    });
  }
}
