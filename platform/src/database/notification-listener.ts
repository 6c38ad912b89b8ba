// SPDX-License-Identifier: Apache-2.0
/** One dedicated connection that LISTENs for the whole process. It comes back by itself and then calls every handler once. */
import pg from 'pg';

export interface ServerSession {
  readonly pid: number;
  /** backend_start as text: pid and start together name one session of the server for ever. */
  readonly startedAt: string;
}

export interface NotificationListener {
  /** The session of this connection; connects when needed. It lives as long as this process and its network do. */
  session(): Promise<ServerSession>;
  listen(channel: string, handle: () => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

const reconnectDelayMsMin = 50;
const reconnectDelayMsMax = 5_000;

class PostgresListener implements NotificationListener {
  readonly #config: pg.ClientConfig;
  readonly #onError: (error: Error) => void;
  readonly #handlers = new Map<string, Set<() => void>>();
  readonly #sessions = new WeakMap<pg.Client, ServerSession>();
  #client: pg.Client | null = null;
  #connecting: Promise<pg.Client> | null = null;
  #reconnectTimer: NodeJS.Timeout | null = null;
  #reconnectDelayMs = reconnectDelayMsMin;
  #closed = false;
  /** Ends with the last query that was asked. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(config: pg.ClientConfig, onError: (error: Error) => void) {
    this.#config = config;
    this.#onError = onError;
  }

  async listen(channel: string, handle: () => void): Promise<() => Promise<void>> {
    const set = this.#handlers.get(channel) ?? new Set();
    // A wrapper of its own, so that the same function registered twice is two registrations.
    const own = (): void => handle();
    set.add(own);
    this.#handlers.set(channel, set);
    try {
      await this.#inTurn(async (client) => await client.query(`LISTEN ${client.escapeIdentifier(channel)}`));
    } catch (error) {
      set.delete(own);
      throw error;
    }
    return async () => {
      set.delete(own);
      if (set.size > 0 || this.#handlers.get(channel) !== set) return;
      this.#handlers.delete(channel);
      if (this.#client !== null && !this.#closed)
        await this.#inTurn(
          async (client) => await client.query(`UNLISTEN ${client.escapeIdentifier(channel)}`),
        ).catch(this.#onError);
    };
  }

  /** One query after the other: pg's connections take no second one while one runs. */
  async #inTurn<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const done = this.#turn.then(async () => await work(await this.#connected()));
    this.#turn = done.catch(() => undefined);
    return await done;
  }

  async session(): Promise<ServerSession> {
    return await this.#inTurn(async (client) => {
      let session = this.#sessions.get(client);
      if (session === undefined) {
        session = await askSession(client);
        this.#sessions.set(client, session);
      }
      return session;
    });
  }

  async #connected(): Promise<pg.Client> {
    if (this.#closed) throw new Error('the database is closed');
    if (this.#client !== null) return this.#client;
    this.#connecting ??= this.#connect().finally(() => (this.#connecting = null));
    return await this.#connecting;
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client(this.#config);
    client.on('notification', (message) => this.#call(message.channel));
    client.on('error', this.#onError);
    await client.connect();
    for (const channel of this.#handlers.keys())
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    this.#client = client;
    client.on('end', () => {
      if (this.#client === client) this.#client = null;
      this.#scheduleReconnect();
    });
    return client;
  }

  #call(channel: string): void {
    for (const handle of this.#handlers.get(channel) ?? []) handle();
  }

  #scheduleReconnect(): void {
    if (this.#closed || this.#reconnectTimer !== null || this.#handlers.size === 0) return;
    this.#reconnectTimer = setTimeout(() => void this.#reconnect(), this.#reconnectDelayMs);
    this.#reconnectDelayMs = Math.min(this.#reconnectDelayMs * 2, reconnectDelayMsMax);
  }

  async #reconnect(): Promise<void> {
    this.#reconnectTimer = null;
    if (this.#closed) return;
    try {
      await this.#connected();
      this.#reconnectDelayMs = reconnectDelayMsMin;
    } catch (error) {
      this.#onError(error as Error);
      this.#scheduleReconnect();
      return;
    }
    // What was notified while we were away is unknown: everybody looks once.
    for (const channel of [...this.#handlers.keys()]) this.#call(channel);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#reconnectTimer !== null) clearTimeout(this.#reconnectTimer);
    await this.#connecting?.catch(() => undefined);
    await this.#client?.end();
    this.#client = null;
  }
}

async function askSession(client: pg.Client): Promise<ServerSession> {
  const found = await client.query<{ pid: number; started: string }>(
    'SELECT pid, backend_start::text AS started FROM pg_stat_activity WHERE pid = pg_backend_pid()',
  );
  const row = found.rows[0];
  if (row === undefined)
    throw new Error(
      'pg_stat_activity does not show our own session: grant pg_read_all_stats to the database user',
    );
  return { pid: row.pid, startedAt: row.started };
}

export function createNotificationListener(
  config: pg.ClientConfig,
  onError: (error: Error) => void,
): NotificationListener {
  return new PostgresListener(config, onError);
}
