// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { roles, type Role } from '@wattledger/contracts';
import type { RoleGrant, Staff, StaffSecret } from '@wattledger/contracts/http/registry';
import { command } from '../../api/command.ts';
import { RegistryApi } from '../../api/registry-api.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { SignedIn } from '../../session/session.ts';
import { Words } from '../../words/words.ts';

/** Adds a person, or changes one: name, roles, whether they may sign in. */
@Component({
  selector: 'wl-staff-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, Icon],
  template: `
    <wl-dialog-frame [heading]="person === null ? t('staff.add') : person.name">
      <div class="form-grid">
        <label class="field">
          <span class="label">{{ t('staff.name') }}</span>
          <input
            #nameBox
            class="input"
            maxlength="200"
            autocomplete="off"
            [value]="name()"
            (input)="name.set(nameBox.value)"
          />
        </label>
        <label class="field">
          <span class="label">{{ t('session.login') }}</span>
          <input
            #loginBox
            class="input"
            maxlength="254"
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            [disabled]="person !== null"
            [value]="login()"
            (input)="login.set(loginBox.value)"
          />
        </label>
        <label class="field">
          <span class="label">{{ t('staff.email') }}</span>
          <input
            #emailBox
            class="input"
            type="email"
            maxlength="254"
            autocomplete="off"
            [value]="email()"
            (input)="email.set(emailBox.value)"
          />
        </label>
      </div>
      <fieldset>
        <legend>{{ t('staff.roles') }}</legend>
        @for (grant of grants(); track $index; let index = $index) {
          <div class="grant">
            <label>
              <span class="visually-hidden">{{ t('staff.role') }}</span>
              <select #roleBox class="select" (change)="changeRole(index, roleBox.selectedIndex)">
                @for (role of offered; track role) {
                  <option [value]="role" [selected]="role === grant.role">{{ t('role.' + role) }}</option>
                }
              </select>
            </label>
            <label>
              <span class="visually-hidden">{{ t('frame.project') }}</span>
              <select #projectBox class="select" (change)="changeProject(index, projectBox.value)">
                <option value="*" [selected]="grant.projectId === '*'">{{ t('staff.everywhere') }}</option>
                @for (project of projects(); track project.id) {
                  <option [value]="project.id" [selected]="project.id === grant.projectId">
                    {{ project.name }}
                  </option>
                }
              </select>
            </label>
            <button
              type="button"
              class="button quiet small icon"
              [attr.aria-label]="t('do.remove')"
              (click)="removeGrant(index)"
            >
              <wl-icon name="close" />
            </button>
          </div>
        }
        <button type="button" class="button small" (click)="addGrant()">
          <wl-icon name="plus" />{{ t('staff.add-role') }}
        </button>
      </fieldset>
      @if (person !== null) {
        <label class="check"
          ><input
            #disabledBox
            type="checkbox"
            [checked]="disabled()"
            (change)="disabled.set(disabledBox.checked)"
          />{{ t('staff.disable') }}</label
        >
      } @else {
        <p class="muted">{{ t('staff.password-note') }}</p>
      }
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="person === null ? t('do.add') : t('do.save')"
        [disabled]="!ready() || command.busy()"
        (confirmed)="save()"
      />
    </wl-dialog-frame>
  `,
  styles: `
    fieldset {
      display: grid;
      justify-items: start;
      gap: 8px;
      margin: 0;
      padding: 10px 14px 14px;
      border: 1px solid var(--line);
      border-radius: var(--radius);
    }
    .grant {
      display: grid;
      grid-template-columns: 1fr 1fr auto;
      gap: 8px;
      align-items: center;
      width: 100%;
    }
  `,
})
export class StaffDialog {
  private readonly registry = inject(RegistryApi);
  private readonly signedIn = inject(SignedIn);
  protected readonly person = inject<Staff | null>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<StaffSecret>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly offered: readonly Role[] = roles.filter((role) => role !== 'tenant');
  protected readonly projects = this.signedIn.projects;
  protected readonly name = signal(this.person?.name ?? '');
  protected readonly login = signal(this.person?.login ?? '');
  protected readonly email = signal(this.person?.email ?? '');
  protected readonly grants = signal<readonly RoleGrant[]>(this.person?.roles ?? []);
  protected readonly disabled = signal(this.person?.disabled ?? false);
  protected readonly command = command();
  protected readonly ready = computed(() => this.name().trim() !== '' && this.login().trim() !== '');

  protected addGrant(): void {
    this.grants.update((grants) => [
      ...grants,
      { projectId: this.projects()[0]?.id ?? '*', role: 'analyst' },
    ]);
  }
  protected removeGrant(index: number): void {
    this.grants.update((grants) => grants.filter((_, other) => other !== index));
  }
  protected changeRole(index: number, choice: number): void {
    const role = this.offered[choice];
    if (role !== undefined)
      this.grants.update((grants) =>
        grants.map((grant, other) => (other === index ? { ...grant, role } : grant)),
      );
  }
  protected changeProject(index: number, projectId: string): void {
    this.grants.update((grants) =>
      grants.map((grant, other) => (other === index ? { ...grant, projectId } : grant)),
    );
  }

  protected async save(): Promise<void> {
    const email = this.email().trim() === '' ? null : this.email().trim();
    const contents = {
      name: this.name().trim(),
      login: this.login().trim(),
      email,
      roles: [...this.grants()],
      disabled: this.disabled(),
    };
    const secret = await this.command.run(contents, () =>
      this.person === null ? this.add(contents) : this.change(this.person, contents),
    );
    if (secret !== undefined) this.dialog.close(secret);
  }

  private add(contents: {
    readonly name: string;
    readonly login: string;
    readonly email: string | null;
    readonly roles: RoleGrant[];
  }): Promise<StaffSecret> {
    const { name, login, email, roles: granted } = contents;
    return this.registry.addStaff({ name, login, email, roles: granted });
  }

  private async change(
    person: Staff,
    contents: {
      readonly name: string;
      readonly email: string | null;
      readonly roles: RoleGrant[];
      readonly disabled: boolean;
    },
  ): Promise<StaffSecret> {
    const { name, email, disabled } = contents;
    const changed = await this.registry.changeStaff(person.id, { name, email, disabled });
    const same = JSON.stringify(person.roles) === JSON.stringify(contents.roles);
    return {
      staff: same ? changed : await this.registry.setRoles(person.id, contents.roles),
      initialPassword: null,
    };
  }
}
