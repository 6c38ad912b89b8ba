// SPDX-License-Identifier: Apache-2.0
import { Injectable, computed, inject, signal } from '@angular/core';
import { mayDo, type Principal, type Right } from '@wattledger/contracts';
import type { PreferencesBody, Session, SignInBody } from '@wattledger/contracts/http/registry';
import { Api, sessionPath } from '../api/api.ts';
import { isApiError } from '../api/api-error.ts';

/** Who looks at the screen, and what they may do. The server checks every right again. */
@Injectable({ providedIn: 'root' })
export class SignedIn {
  private readonly api = inject(Api);
  /** undefined: not asked yet; null: nobody. */
  private readonly known = signal<Session | null | undefined>(undefined);
  readonly session = computed(() => this.known() ?? null);
  readonly staff = computed(() => this.session()?.staff ?? null);
  readonly projects = computed(() => this.session()?.projects ?? []);

  may(right: Right, projectId: string | null): boolean {
    const session = this.session();
    if (session === null) return false;
    const principal: Principal = { ...session.principal, rightsByProject: session.rightsByProject };
    return mayDo(principal, right, projectId);
  }

  /** In the whole group or in at least one project. */
  maySomewhere(right: Right): boolean {
    const session = this.session();
    return session !== null && Object.values(session.rightsByProject).some((held) => held.includes(right));
  }

  /** Asks once who is signed in. @throws ApiError when the server cannot be reached */
  async load(): Promise<Session | null> {
    const known = this.known();
    if (known !== undefined) return known;
    try {
      const session = await this.api.get<Session>(sessionPath);
      this.known.set(session);
      return session;
    } catch (error) {
      if (isApiError(error) && error.status === 401) {
        this.known.set(null);
        return null;
      }
      throw error;
    }
  }

  async signIn(body: SignInBody): Promise<Session> {
    const session = await this.api.post<Session>(sessionPath, body);
    this.known.set(session);
    return session;
  }

  async signOut(): Promise<void> {
    try {
      await this.api.delete(sessionPath);
    } finally {
      this.known.set(null);
    }
  }

  /** The server has forgotten the session. */
  forget(): void {
    this.known.set(null);
  }

  /** Asks anew, after something about the person changed. */
  async refresh(): Promise<void> {
    this.known.set(await this.api.get<Session>(sessionPath));
  }

  /** Language and theme follow the person to other browsers; failing to remember them is no reason to disturb. */
  async remember(preferences: PreferencesBody): Promise<void> {
    if (this.staff() === null) return;
    try {
      await this.api.patch(`${sessionPath}/preferences`, preferences);
    } catch {
      // The choice still holds in this browser.
    }
  }
}
