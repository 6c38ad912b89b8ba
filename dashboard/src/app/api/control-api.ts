// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type {
  BatchPreview,
  BatchRequestInput,
  BatchTarget,
  CommandBatch,
  CommandBatchDetail,
  CommandBatches,
  MeterOrders,
} from '@wattledger/contracts/http/commands';
import { Api } from './api.ts';

/** Control by a person. Shapes and meaning: contracts/src/http/commands.ts. */
@Injectable({ providedIn: 'root' })
export class ControlApi {
  private readonly api = inject(Api);

  preview = (projectId: string, target: BatchTarget): Promise<BatchPreview> =>
    this.api.post(`/api/projects/${projectId}/command-batches/preview`, target);

  give = (projectId: string, request: BatchRequestInput, key: string): Promise<CommandBatch> =>
    this.api.post(`/api/projects/${projectId}/command-batches`, request, key);

  batches = (projectId: string, abort?: AbortSignal): Promise<CommandBatches> =>
    this.api.get(`/api/projects/${projectId}/command-batches`, { limit: 30 }, abort);

  batch = (projectId: string, batchId: string, abort?: AbortSignal): Promise<CommandBatchDetail> =>
    this.api.get(`/api/projects/${projectId}/command-batches/${batchId}`, { limit: 500 }, abort);

  change = (projectId: string, batchId: string, change: 'retry' | 'cancel'): Promise<CommandBatch> =>
    this.api.post(`/api/projects/${projectId}/command-batches/${batchId}/${change}`);

  orders = (projectId: string, abort?: AbortSignal): Promise<MeterOrders> =>
    this.api.get(`/api/projects/${projectId}/meter-orders`, {}, abort);
}
