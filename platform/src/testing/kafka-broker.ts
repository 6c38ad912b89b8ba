// SPDX-License-Identifier: Apache-2.0
/**
 * A real Kafka broker (KRaft, one node) on loopback for tests and measurements. Its jars come from Maven Central into a
 * cache folder of the user; Java 17 and Maven must be there, otherwise `kafkaMissing()` says what is not.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stopWithParent, unreference } from '../child-process/stop-with-parent.ts';

const run = promisify(execFile);
const kafkaVersion = '4.1.1';
const startMsMax = 90_000;

/** Why no broker can be started here; null when one can. */
export async function kafkaMissing(): Promise<string | null> {
  const java = await run('java', ['-version']).then(
    ({ stderr }) => stderr,
    () => null,
  );
  if (java === null) return 'Java is not installed';
  const major = Number(/version "(\d+)/.exec(java)?.[1] ?? 0);
  if (major < 17) return `Java 17 is needed, this is ${major}`;
  if ((await cachedJars()) !== null) return null;
  return await run('mvn', ['--version']).then(
    () => null,
    () => 'Maven is not installed, and the jars of Kafka are not cached',
  );
}

function cacheFolder(): string {
  return join(
    process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    'wattledger',
    `kafka-${kafkaVersion}`,
  );
}

async function cachedJars(): Promise<string | null> {
  const names = await readdir(cacheFolder()).catch(() => [] as string[]);
  return names.some((name) => name.startsWith('slf4j-simple-')) ? cacheFolder() : null;
}

/** Folder with the broker's jars, fetched at the first call. */
async function jars(): Promise<string> {
  const cached = await cachedJars();
  if (cached !== null) return cached;
  const building = `${cacheFolder()}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await mkdir(building, { recursive: true });
  const project = await mkdtemp(join(tmpdir(), 'wattledger-kafka-pom-'));
  await writeFile(
    join(project, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
     <groupId>wattledger</groupId><artifactId>kafka-jars</artifactId><version>1</version><packaging>pom</packaging>
     <dependencies><dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${kafkaVersion}</version></dependency>
     <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency></dependencies></project>`,
  );
  await run('mvn', [
    '-q',
    '-B',
    '-f',
    join(project, 'pom.xml'),
    'dependency:copy-dependencies',
    `-DoutputDirectory=${building}`,
    '-DincludeScope=runtime',
  ]);
  await rm(project, { recursive: true });
  // Of two that fetch at once the second finds the name taken.
  await rename(building, cacheFolder()).catch(
    async () => await rm(building, { recursive: true, force: true }),
  );
  return cacheFolder();
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map(async (server) => await new Promise((resolve) => server.close(resolve))));
  return ports;
}

export interface KafkaBroker {
  /** 127.0.0.1:port; the same after a restart. */
  readonly address: string;
  /** Stops the broker ('kill': as kill -9 would) and starts it again on its data. */
  restart(how?: 'kill'): Promise<void>;
  stop(): Promise<void>;
}

export async function startKafkaBroker(): Promise<KafkaBroker> {
  const classpath = `${await jars()}/*`;
  const folder = await mkdtemp(join(tmpdir(), 'wattledger-kafka-'));
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const properties = join(folder, 'server.properties');
  await writeFile(properties, serverProperties(folder, port, controllerPort));
  const flags = [
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=info',
    '-cp',
    classpath,
  ];
  const clusterId = randomBytes(16).toString('base64url');
  await run('java', [
    ...flags,
    'kafka.tools.StorageTool',
    'format',
    '--standalone',
    '-t',
    clusterId,
    '-c',
    properties,
  ]);
  const start = async (): Promise<ChildProcess> => await startServer([...flags, 'kafka.Kafka', properties]);
  let server = await start();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    server.ref();
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await ended;
  };
  return {
    address: `127.0.0.1:${port}`,
    restart: async (how) => {
      await end(how === 'kill' ? 'SIGKILL' : 'SIGTERM');
      server = await start();
    },
    stop: async () => {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function serverProperties(folder: string, port: number, controllerPort: number): string {
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'group.initial.rebalance.delay.ms': 0,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

async function startServer(parameters: readonly string[]): Promise<ChildProcess> {
  const child = spawn('java', parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
  stopWithParent(child.pid ?? 0, 'KILL');
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the Kafka broker did not get ready: ${output.slice(-3_000)}`));
    }, startMsMax);
    const ended = (code: number | null): void => {
      clearTimeout(timer);
      reject(new Error(`the Kafka broker ended with code ${code}: ${output.slice(-3_000)}`));
    };
    const look = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-20_000);
      if (!output.includes('Kafka Server started')) return;
      clearTimeout(timer);
      child.off('exit', ended);
      resolve();
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('exit', ended);
  });
  unreference(child);
  return child;
}
