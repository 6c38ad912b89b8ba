// SPDX-License-Identifier: Apache-2.0
import type { RegistryService } from '@wattledger/registry';

/** An empty product must have somebody who can sign in: made once, the password printed once. */
export async function firstAdministrator(registry: RegistryService, print: (text: string) => void): Promise<void> {
  const made = await registry.ensureAdministrator({ login: 'admin', name: 'Administrator' });
  if (made === null) return;
  print(`Sign in as ${made.login} with password ${made.password} (shown only now; change it after signing in).`);
}
