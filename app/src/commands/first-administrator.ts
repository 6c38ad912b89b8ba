// SPDX-License-Identifier: Apache-2.0
import type { RegistryService } from '@wattledger/registry';

/** An empty product must have somebody who can sign in: made once, the password printed once. */
export async function firstAdministrator(
  registry: RegistryService,
  print: (text: string) => void,
): Promise<void> {
  const made = await registry.seedStaff([
    { login: 'admin', name: 'Administrator', roles: [{ projectId: '*', role: 'administrator' }] },
  ]);
  for (const { login, password } of made)
    print(
      `Sign in as ${login} with password ${password} (shown only now; it must be changed after signing in).`,
    );
}
