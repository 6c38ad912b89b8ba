// SPDX-License-Identifier: Apache-2.0
/** Ports and brokers for gateways and meters that call in by themselves. */
import { z } from 'zod';

const port = z.union([z.literal('off'), z.coerce.number().int().min(0).max(65_535)]);

export const callerVariables = {
  CALLERS_ZONE: z
    .string()
    .refine((zone) => {
      try {
        return new Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== '';
      } catch {
        return false;
      }
    })
    .default('UTC')
    .describe('IANA zone told to devices that ask for the time before anybody has claimed them'),
  ACREL_UPLOAD_PORT: port
    .optional()
    .describe(
      'port for Acrel meters that upload over TCP, or off; left out: 7084 with start, off with serve',
    ),
  DIAL_IN_PORT: port
    .optional()
    .describe(
      'port for serial servers that call in with a registration, or off; left out: 7085 with start, off with serve',
    ),
  MQTT_PORT: port
    .default('off')
    .describe('port of the embedded MQTT broker, or off; needs MQTT_SECRET or MQTT_PASSWORDS'),
  MQTT_SECRET: z
    .string()
    .min(12)
    .optional()
    .describe('password of every MQTT device that has none of its own, at least 12 characters'),
  MQTT_PASSWORDS: z
    .string()
    .optional()
    .describe('file with a line serial:sha256-of-the-password for each MQTT device that has its own'),
  MQTT_TLS_CERT: z.string().optional().describe('file with the certificate (PEM) of the embedded broker'),
  MQTT_TLS_KEY: z.string().optional().describe('file with its key (PEM)'),
  MQTT_BROKER_URL: z
    .string()
    .refine((text) => URL.canParse(text) && ['mqtt:', 'mqtts:'].includes(new URL(text).protocol))
    .optional()
    .describe('an MQTT broker to listen at, e.g. mqtts://user:password@broker.example.com:8883'),
  MQTT_CLIENT_ID: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .default('wattledger-ingest')
    .describe('name of our session at that broker; one per product'),
} as const;

export interface CallersConfig {
  readonly zone: string;
  /** null: nobody said; off or a port otherwise. */
  readonly acrelUploadPort: number | 'off' | null;
  readonly dialInPort: number | 'off' | null;
  readonly mqttBroker: {
    readonly port: number;
    readonly secret: string | null;
    readonly passwordsFile: string | null;
    readonly tlsFiles: { readonly cert: string; readonly key: string } | null;
  } | null;
  readonly mqttClient: { readonly url: string; readonly clientId: string } | null;
}

export function callerFaults(given: Readonly<Record<string, string | undefined>>): readonly string[] {
  const faults: string[] = [];
  const broker = given['MQTT_PORT'] !== undefined && given['MQTT_PORT'] !== 'off';
  if (broker && given['MQTT_SECRET'] === undefined && given['MQTT_PASSWORDS'] === undefined) {
    faults.push(
      'MQTT_PORT: a broker without passwords would let anybody in: set MQTT_SECRET or MQTT_PASSWORDS',
    );
  }
  if ((given['MQTT_TLS_CERT'] === undefined) !== (given['MQTT_TLS_KEY'] === undefined)) {
    faults.push(
      'MQTT_TLS_CERT: certificate and key go together: set both MQTT_TLS_CERT and MQTT_TLS_KEY, or neither',
    );
  }
  return faults;
}

type CallerValues = z.infer<z.ZodObject<typeof callerVariables>>;
export function callersOf(given: CallerValues): CallersConfig {
  const { MQTT_PORT: mqttPort, MQTT_TLS_CERT: cert, MQTT_TLS_KEY: key, MQTT_BROKER_URL: url } = given;
  return {
    zone: given.CALLERS_ZONE,
    acrelUploadPort: given.ACREL_UPLOAD_PORT ?? null,
    dialInPort: given.DIAL_IN_PORT ?? null,
    mqttBroker:
      mqttPort === 'off'
        ? null
        : {
            port: mqttPort,
            secret: given.MQTT_SECRET ?? null,
            passwordsFile: given.MQTT_PASSWORDS ?? null,
            tlsFiles: cert === undefined || key === undefined ? null : { cert, key },
          },
    mqttClient: url === undefined ? null : { url, clientId: given.MQTT_CLIENT_ID },
  };
}
