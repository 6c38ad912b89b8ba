// SPDX-License-Identifier: Apache-2.0
/** Who asks a device over MQTT waits for a message that fits: there is no answer to a publication. */
export class Waits<T> {
  readonly #waiting = new Set<(told: T) => void>();

  tell(told: T): void {
    for (const take of [...this.#waiting]) take(told);
  }

  /** The first that `choose` makes something of; null: none came in time. */
  async next<R>(timeoutMs: number, choose: (told: T) => R | null): Promise<R | null> {
    return await new Promise((resolve) => {
      const end = (result: R | null): void => {
        clearTimeout(timer);
        this.#waiting.delete(take);
        resolve(result);
      };
      const take = (told: T): void => {
        const chosen = choose(told);
        if (chosen !== null) end(chosen);
      };
      const timer = setTimeout(() => end(null), timeoutMs);
      this.#waiting.add(take);
    });
  }
}
