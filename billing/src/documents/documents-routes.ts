// SPDX-License-Identifier: Apache-2.0
import {
  billingProjectParamsShape,
  companyHeadBodyShape,
  documentDetailShape,
  documentListQueryShape,
  documentListShape,
  documentParamsShape,
  documentTemplateShape,
  documentTemplatesShape,
  printAnswerShape,
  printBodyShape,
  printParamsShape,
  templateActivateBodyShape,
  templateDraftBodyShape,
  templateParamsShape,
  templatePreviewBodyShape,
  templatePreviewShape,
  templateVersionParamsShape,
  verifyAnswerShape,
  verifyParamsShape,
} from '@wattledger/contracts/http/billing';
import { answered, defineRoute, RequestError, type Route } from '@wattledger/platform';
import type { IncomingMessage } from 'node:http';
import { whoOf, type BillingParts } from '../parts.ts';
import type { DocumentsService } from './documents-service.ts';
import { countVerification, VerifyLockedError } from './verify-guard.ts';

const tag = 'Documents';
const base = '/api/projects/{projectId}';

export function documentsRoutes(parts: BillingParts, documents: DocumentsService): readonly Route[] {
  return [
    ...readingRoutes(documents),
    ...printingRoutes(parts, documents),
    ...templateRoutes(parts, documents),
    verifyRoute(parts, documents),
  ];
}

/** Where this installation was reached: it goes onto paper as the address where the code is checked. */
function originOf(request: IncomingMessage): string {
  const host = request.headers.host ?? '';
  const forwarded = request.headers['x-forwarded-proto'];
  const secure = forwarded === 'https' || 'encrypted' in request.socket;
  return /^[\w.:[\]-]{1,255}$/.test(host) ? `${secure ? 'https' : 'http'}://${host}` : '';
}

function readingRoutes(documents: DocumentsService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: `${base}/documents`,
      summary: 'Documents, newest first',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      query: documentListQueryShape,
      response: documentListShape,
      handle: async ({ params, query }) => {
        const rows = await documents.list({
          ...query,
          projectId: params.projectId,
          before: readKey(query.before),
        });
        const last = rows.at(-1);
        const more = last !== undefined && rows.length === query.limit;
        return { documents: [...rows], next: more ? `${last.issuedAtMs}_${last.documentId}` : null };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${base}/documents/{documentId}`,
      summary: 'One document: its frozen facts and its print runs',
      tag,
      access: { right: 'account:read' },
      params: documentParamsShape,
      response: documentDetailShape,
      handle: async ({ params }) => await documents.detail(params.projectId, params.documentId),
    }),
  ];
}

/** `<instant>_<id>` of the last row seen. @throws RequestError 400 page-key-invalid */
function readKey(text: string | undefined) {
  if (text === undefined) return undefined;
  const found = /^(\d{1,15})_(\w{1,60})$/.exec(text);
  if (found === null)
    throw new RequestError({
      status: 400,
      code: 'page-key-invalid',
      message: 'The key of the page is not one of ours.',
      hint: 'Ask with `next` of the page before.',
    });
  return { issuedAtMs: Number(found[1]), documentId: found[2] ?? '' };
}

function printingRoutes({ actionLog, clock }: BillingParts, documents: DocumentsService): readonly Route[] {
  return [
    defineRoute({
      method: 'post',
      path: `${base}/documents/{documentId}/prints`,
      summary: 'Log a print run of three copies and answer the page to print',
      tag,
      access: { right: 'account:read' },
      params: documentParamsShape,
      body: printBodyShape,
      response: printAnswerShape,
      successStatus: 201,
      handle: async ({ params, body, principal, remoteAddress, request }) => {
        const { projectId, documentId } = params;
        const asked = { ...body, origin: originOf(request) };
        const answer = await documents.print(projectId, documentId, asked, whoOf(principal));
        await actionLog.record({
          principal,
          projectId,
          action: answer.reprint ? 'document.reprint' : 'document.print',
          subject: documentId,
          after: { run: answer.run, language: body.language },
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return answer;
      },
    }),
    defineRoute({
      method: 'get',
      path: `${base}/documents/{documentId}/prints/{run}/pdf`,
      summary: 'A logged print run as PDF',
      tag,
      access: { right: 'account:read' },
      params: printParamsShape,
      response: null,
      handle: async ({ params, request, response }) => {
        const { projectId, documentId, run } = params;
        const bytes = await documents.pdf(projectId, documentId, run, originOf(request));
        response.writeHead(200, {
          'content-type': 'application/pdf',
          'content-length': bytes.length,
          'cache-control': 'no-store',
          'content-disposition': `inline; filename="${documentId}-${run}.pdf"`,
        });
        response.end(bytes);
        return answered;
      },
    }),
  ];
}

function templateRoutes({ actionLog, clock }: BillingParts, documents: DocumentsService): readonly Route[] {
  const templates = `${base}/document-templates`;
  return [
    defineRoute({
      method: 'get',
      path: templates,
      summary: 'Templates of documents with their versions, the fields they may name, and the company head',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      response: documentTemplatesShape,
      handle: async ({ params }) => await documents.templates(params.projectId),
    }),
    defineRoute({
      method: 'post',
      path: `${templates}/{kind}/versions`,
      summary: 'Add a version of a template; it takes effect when it is activated',
      tag,
      access: { right: 'document:write' },
      params: templateParamsShape,
      body: templateDraftBodyShape,
      response: documentTemplateShape,
      successStatus: 201,
      handle: async ({ params, body, principal, remoteAddress }) => {
        const { projectId, kind } = params;
        const answer = await documents.draft(
          projectId,
          kind,
          { ...body, note: body.note ?? null },
          whoOf(principal),
        );
        const action = { principal, projectId, action: 'document.template-draft', subject: kind };
        await actionLog.record({ ...action, after: body, remoteAddress, atMs: clock.nowMs() });
        return answer;
      },
    }),
    defineRoute({
      method: 'post',
      path: `${templates}/{kind}/versions/{version}/activate`,
      summary: 'Put a version in force from an instant; version 0 is the built-in one',
      tag,
      access: { right: 'document:write' },
      params: templateVersionParamsShape,
      body: templateActivateBodyShape,
      response: documentTemplateShape,
      handle: async ({ params, body, principal, remoteAddress }) => {
        const { projectId, kind, version } = params;
        const { activeFromMs } = body;
        const answer = await documents.activate(projectId, kind, { version, activeFromMs }, whoOf(principal));
        const action = {
          principal,
          projectId,
          action: 'document.template-activate',
          subject: `${kind}/${version}`,
        };
        await actionLog.record({ ...action, after: body, remoteAddress, atMs: clock.nowMs() });
        return answer;
      },
    }),
    defineRoute({
      method: 'post',
      path: `${templates}/{kind}/preview`,
      summary: 'One copy as a template would show it, with a past document or an example',
      tag,
      access: { right: 'document:write' },
      params: templateParamsShape,
      body: templatePreviewBodyShape,
      response: templatePreviewShape,
      handle: async ({ params, body, request }) =>
        await documents.preview(params.projectId, params.kind, body, originOf(request)),
    }),
    defineRoute({
      method: 'put',
      path: `${base}/company-head`,
      summary: 'Head of the company that issues documents, with its logo',
      tag,
      access: { right: 'document:write' },
      params: billingProjectParamsShape,
      body: companyHeadBodyShape,
      response: null,
      handle: async ({ params, body, principal, remoteAddress }) => {
        const { projectId } = params;
        await documents.setHead(projectId, body, whoOf(principal));
        const after = {
          ...body,
          logo: body.logo === undefined ? 'kept' : body.logo === null ? 'removed' : 'set',
        };
        const action = { principal, projectId, action: 'document.company-head', subject: projectId };
        await actionLog.record({ ...action, after, remoteAddress, atMs: clock.nowMs() });
      },
    }),
  ];
}

const verifyRoute = ({ database, clock }: BillingParts, documents: DocumentsService): Route =>
  defineRoute({
    method: 'get',
    path: '/api/verify/{code}',
    summary: 'Whether a document with this code was issued here: number, date, amount; open to everybody',
    tag,
    access: 'public',
    params: verifyParamsShape,
    response: verifyAnswerShape,
    handle: async ({ params, remoteAddress, response }) => {
      try {
        await countVerification(database, remoteAddress, clock.nowMs());
      } catch (error) {
        if (error instanceof VerifyLockedError) response.setHeader('retry-after', error.retryAfterSeconds);
        throw error;
      }
      return await documents.verify(params.code);
    },
  });
