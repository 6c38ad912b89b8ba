// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, signal } from '@angular/core';
import { Router } from '@angular/router';
import { Answer } from '../../api/answer.ts';
import { command } from '../../api/command.ts';
import { ask } from '../../api/question.ts';
import { RegistryApi } from '../../api/registry-api.ts';
import { Formats } from '../../format/formats.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { safeNext } from '../../session/safe-next.ts';
import { SignedIn } from '../../session/session.ts';
import { Words } from '../../words/words.ts';
import { browserOf } from './browser-name.ts';

const passwordLengthMin = 10;

/** One's own sessions, password and rights. */
@Component({
  selector: 'wl-me-page',
  imports: [Answer, FaultNote, Icon, TableBox],
  templateUrl: './me-page.html',
  styles: `
    form {
      display: grid;
      gap: 14px;
      max-width: 380px;
      padding-bottom: 4px;
    }
    .grants {
      display: flex;
      flex-wrap: wrap;
      gap: 6px;
    }
    .grants .chip {
      white-space: normal;
    }
  `,
})
export class MePage {
  private readonly registry = inject(RegistryApi);
  private readonly notices = inject(Notices);
  protected readonly signedIn = inject(SignedIn);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly browserOf = browserOf;
  /** Where one was going when a password of one's own was asked for. */
  readonly next = input<string>();
  private readonly router = inject(Router);
  protected readonly due = computed(() => this.signedIn.staff()?.mustChangePassword === true);
  protected readonly sessions = ask({
    params: () => (this.due() ? undefined : true),
    load: (_, abort) => this.registry.sessions(abort),
  });
  protected readonly current = signal('');
  protected readonly chosen = signal('');
  protected readonly again = signal('');
  protected readonly command = command();
  protected readonly tooShort = computed(
    () => this.chosen() !== '' && this.chosen().length < passwordLengthMin,
  );
  protected readonly differs = computed(() => this.again() !== '' && this.again() !== this.chosen());
  protected readonly ready = computed(
    () =>
      this.current() !== '' && this.chosen().length >= passwordLengthMin && this.chosen() === this.again(),
  );
  protected readonly others = computed(() => (this.sessions.value()?.sessions.length ?? 0) > 1);

  protected projectName(projectId: string): string {
    if (projectId === '*') return this.t('staff.everywhere');
    return this.signedIn.projects().find((project) => project.id === projectId)?.name ?? projectId;
  }

  protected async changePassword(event: Event): Promise<void> {
    event.preventDefault();
    if (!this.ready()) return;
    const body = { currentPassword: this.current(), newPassword: this.chosen() };
    const done = await this.command.run(body, async () => {
      await this.registry.changePassword(body);
      return true;
    });
    if (done === undefined) return;
    this.notices.done(this.t('me.password-changed'));
    for (const field of [this.current, this.chosen, this.again]) field.set('');
    const wasDue = this.due();
    await this.signedIn.refresh();
    if (wasDue) await this.router.navigateByUrl(safeNext(this.next()));
    this.sessions.reload();
  }

  protected async revoke(sessionId: string): Promise<void> {
    await this.done(this.registry.revokeSession(sessionId), 'me.revoked');
  }

  protected async revokeOthers(): Promise<void> {
    await this.done(this.registry.revokeOtherSessions(), 'me.revoked-all');
  }

  private async done(action: Promise<unknown>, key: string): Promise<void> {
    try {
      await action;
      this.notices.done(this.t(key));
    } catch (error) {
      this.notices.failed(error);
    }
    this.sessions.reload();
  }
}
