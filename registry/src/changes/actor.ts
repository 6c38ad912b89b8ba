// SPDX-License-Identifier: Apache-2.0
/** Who asks for a change, and from where: goes with every change into the log of actions. */
import { rights, type Principal } from '@wattledger/contracts';

export interface Actor {
  readonly principal: Principal | null;
  readonly remoteAddress: string;
}

/** What the command line and the seeds act as: the machine's owner, who holds every right. */
export const systemPrincipal: Principal = {
  kind: 'staff',
  id: 'system',
  name: 'command line',
  rightsByProject: { '*': rights },
};
export const systemActor: Actor = { principal: systemPrincipal, remoteAddress: 'local' };

/** Actor of a request; routes hand over their context. */
export function actorOf(context: {
  readonly principal: Principal | null;
  readonly remoteAddress: string;
}): Actor {
  return { principal: context.principal, remoteAddress: context.remoteAddress };
}
