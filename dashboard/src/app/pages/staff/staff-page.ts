// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { rightsOfRole, roles, type Role } from '@wattledger/contracts';
import type { Staff, StaffSecret } from '@wattledger/contracts/http/registry';
import { Answer } from '../../api/answer.ts';
import { ask } from '../../api/question.ts';
import { RegistryApi } from '../../api/registry-api.ts';
import { Formats } from '../../format/formats.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { SignedIn } from '../../session/session.ts';
import { Words } from '../../words/words.ts';
import { SecretDialog } from './secret-dialog.ts';
import { StaffDialog } from './staff-dialog.ts';

const staffMax = 1000;
const tabs = ['people', 'roles'] as const;

/** Who works here and what each may do, project by project. */
@Component({
  selector: 'wl-staff-page',
  imports: [Answer, Icon, TableBox],
  templateUrl: './staff-page.html',
  styles: `
    .disabled > * {
      color: var(--ink-3);
    }
    .people {
      min-width: 700px;
    }
    .grants {
      display: flex;
      flex-wrap: wrap;
      gap: 4px;
    }
    .matrix td,
    .matrix th[scope='col'] {
      text-align: center;
    }
  `,
})
export class StaffPage {
  private readonly registry = inject(RegistryApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  private readonly signedIn = inject(SignedIn);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  private readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly tabs = tabs;
  protected readonly tab = computed(() => this.selection.choice('tab', tabs, 'people'));
  protected readonly roles = roles.filter((role) => role !== 'tenant');
  protected readonly rights = rightsOfRole.administrator;
  protected readonly mayWrite = computed(() => this.signedIn.maySomewhere('staff:write'));
  private readonly me = computed(() => this.signedIn.session()?.principal.id);
  protected readonly staff = ask({
    params: () => true,
    load: (_, abort) => this.registry.staff({ limit: staffMax }, abort),
  });
  protected readonly rows = computed(() =>
    [...(this.staff.value()?.staff ?? [])].sort(
      (a, b) => Number(a.disabled) - Number(b.disabled) || a.name.localeCompare(b.name, this.words.locale()),
    ),
  );

  protected projectName(projectId: string): string {
    if (projectId === '*') return this.t('staff.everywhere');
    return this.signedIn.projects().find((project) => project.id === projectId)?.name ?? projectId;
  }

  protected holds(role: Role, right: (typeof this.rights)[number]): boolean {
    return rightsOfRole[role].includes(right);
  }

  protected isMe(person: Staff): boolean {
    return person.id === this.me();
  }

  protected async add(): Promise<void> {
    const secret = await this.dialogs.open<StaffSecret>(StaffDialog, null, { wide: true });
    if (secret === undefined) return;
    this.staff.reload();
    if (secret.initialPassword !== null) await this.dialogs.open(SecretDialog, secret);
  }

  protected async edit(person: Staff): Promise<void> {
    if ((await this.dialogs.open<StaffSecret>(StaffDialog, person, { wide: true })) === undefined) return;
    this.notices.done(this.t('staff.saved', { name: person.name }));
    this.staff.reload();
  }

  protected async resetPassword(person: Staff): Promise<void> {
    try {
      await this.dialogs.open(SecretDialog, await this.registry.resetPassword(person.id));
    } catch (error) {
      this.notices.failed(error);
    }
  }
}
