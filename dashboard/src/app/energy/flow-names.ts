// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type { FlowNode } from '@wattledger/contracts/http/analytics';
import { Words } from '../words/words.ts';

/** Names of the nodes of an energy flow: what has none of its own is named by what it is. */
@Injectable({ providedIn: 'root' })
export class FlowNames {
  private readonly words = inject(Words);

  readonly nameOf = (node: FlowNode): string => {
    if (node.kind === 'sub-item') return this.words.t(`sub-item.${node.subjectId ?? 'other'}`);
    if (node.kind === 'folded') return this.words.t('flow.folded', { count: node.foldedPoints });
    if (node.kind === 'loss' || node.kind === 'export' || node.kind === 'rest')
      return this.words.t(`flow.${node.kind}`);
    return node.name ?? node.id;
  };
}
