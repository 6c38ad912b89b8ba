// SPDX-License-Identifier: Apache-2.0
/** Goal: paper and books never part. Method: every command over HTTP, then the documents, their codes, prints and templates. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rights, topics, type Principal, type Right } from '@wattledger/contracts';
import type {
  DocumentDetail,
  DocumentList,
  DocumentTemplate,
  DocumentTemplates,
  PrintAnswer,
  TemplatePreview,
  VerifyAnswer,
} from '@wattledger/contracts/http/billing';
import { serveRoutes, type TestHttp } from '@wattledger/platform/testing';
import { energy, projectId } from '../testing/messages.ts';
import {
  cashier,
  openAccount,
  peakRates,
  pointSnapshot,
  setPrices,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';
import { builtInTemplate } from './built-in-template.ts';
import { attemptsMax } from './verify-guard.ts';

const openedAtMs = Date.parse('2026-02-02T00:00:00+01:00');
const nowMs = Date.parse('2026-02-02T12:05:00+01:00');
const base = `/api/projects/${projectId}`;
/** One pixel. */
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('documents', () => {
  let site: TestSite;
  let http: TestHttp;
  let who: Principal;
  let accountId: string;
  /** Of a vend of five micros, made with another template. */
  let postingId: string;
  const as = (id: string, held: readonly Right[] = rights, project = projectId): void => {
    who = { kind: 'staff', id, name: `Staff ${id}`, rightsByProject: { [project]: held } };
  };
  beforeAll(async () => {
    site = await startTestSite({
      name: 'documents',
      nowMs,
      points: ['pnt_a', 'pnt_b', 'pnt_c'].map((id) => pointSnapshot(id)),
    });
    as('anna');
    http = await serveRoutes({
      parts: site.parts,
      routes: site.billing.routes,
      authenticator: { authenticate: async () => who },
    });
    const { priceSchemeId } = await setPrices(site.billing, { fromMs: 0, rates: peakRates });
    accountId = await openAccount(site.billing, { priceSchemeId, openedAtMs, firstVendMicros: 50_000_000 });
    await site.parts.eventLog.append(topics.intervalEnergy, [
      { key: 'pnt_a', value: energy({ day: '2026-02-02', revision: 1, slots: { 0: 100, 1: 100 } }) },
    ]);
  }, 60_000);
  afterAll(async () => {
    await http.stop();
    await site.stop();
  });

  const send = async <T>(method: string, path: string, status: number, body?: unknown): Promise<T> => {
    const answer = await http.send(method, path, body);
    expect({ path, status: answer.status, body: answer.body }).toMatchObject({ status });
    return answer.body as T;
  };
  const list = async (query = ''): Promise<DocumentList> =>
    await send('GET', `${base}/documents${query}`, 200);

  test('opening and sale are documented with the posting, numbered by kind, facts frozen', async () => {
    const { documents } = await list();
    expect(documents.map(({ kind, number }) => `${kind} ${number}`).sort()).toEqual(['opening 1', 'sale 1']);
    const sale = documents.find(({ kind }) => kind === 'sale');
    const detail = await send<DocumentDetail>('GET', `${base}/documents/${sale?.documentId}`, 200);
    expect(detail.facts).toMatchObject({
      amountMicros: 50_000_000,
      balanceAfterMicros: 50_000_000,
      means: 'cash',
      tenant: { name: 'Tenant 0' },
      points: [{ code: 'PNT_A', meters: ['MTR_PNT_A'], rates: peakRates }],
      issuedBy: cashier,
    });
  });

  test('numbers have no gaps whatever fails or is repeated, for every kind', async () => {
    const vend = { accountId, amountMicros: 1_000_000, means: 'cash' as const };
    const outcomes = await Promise.allSettled(
      Array.from({ length: 24 }, async (_, index) =>
        index % 3 === 0
          ? await site.billing.vends.vend(
              projectId,
              { ...vend, requestId: `refused-${index}`, accountId: 'acc_nobody' },
              cashier,
            )
          : await site.billing.vends.vend(projectId, { ...vend, requestId: `vend-${index % 8}` }, cashier),
      ),
    );
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);
    const vends = await site.billing.vends.list({ projectId, limit: 100 });
    for (const one of vends.slice(0, 3)) {
      const request = {
        requestId: `back-${one.vendId}`,
        accountId,
        vendId: one.vendId,
        reason: 'typed wrong',
        override: true,
      };
      await site.billing.vends.reverse(projectId, request, cashier, true);
    }
    const { documents } = await list('?limit=500');
    for (const kind of ['sale', 'reversal'] as const) {
      const numbers = documents.filter((one) => one.kind === kind).map(({ number }) => number);
      expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1));
    }
    expect(documents.filter(({ kind }) => kind === 'sale')).toHaveLength(vends.length);
    expect(documents.filter(({ kind }) => kind === 'reversal')).toHaveLength(3);
  });

  test('three copies a run; the second run says that it is a reprint; paper says the same five years later', async () => {
    const [sale] = (await list('?kind=sale&limit=1')).documents;
    const prints = `${base}/documents/${sale?.documentId}/prints`;
    const first = await send<PrintAnswer>('POST', prints, 201, { language: 'en' });
    expect(first).toMatchObject({ run: 1, reprint: false });
    for (const copy of ['tenant', 'finance', 'archive']) expect(first.html).toContain(copy);
    expect(first.html).not.toContain('Reprint');
    await send('PUT', `${base}/company-head`, 204, {
      name: 'Renamed Ltd',
      address: '',
      taxNumber: '',
      phone: '',
      note: '',
      logo: `data:image/png;base64,${png}`,
    });
    await send('POST', `${base}/document-templates/sale/versions`, 201, {
      html: '<p>{{number}} other</p>',
      css: '',
      paper: 'A5',
    });
    await send('POST', `${base}/document-templates/sale/versions/1/activate`, 200, {});
    const again = await send<PrintAnswer>('POST', prints, 201, { language: 'en' });
    expect(again).toMatchObject({ run: 2, reprint: true });
    expect(again.html.replaceAll('<strong>Reprint</strong>', '')).toBe(first.html);
    const pdf = await fetch(`${http.url}${prints}/2/pdf`);
    expect([pdf.status, pdf.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(
      Buffer.from(await pdf.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
    await send('GET', `${prints}/9/pdf`, 404);
    const detail = await send<DocumentDetail>('GET', `${base}/documents/${sale?.documentId}`, 200);
    expect(detail.printRuns).toMatchObject([{ run: 1 }, { run: 2, printedBy: { id: 'anna' } }]);
    await send('POST', `${base}/document-templates/sale/versions/0/activate`, 200, {});
  });

  test('what is handed out after a new template is made with it, and a reset returns to the built-in one', async () => {
    await send('POST', `${base}/document-templates/sale/versions/1/activate`, 200, {});
    const vend = await site.billing.vends.vend(
      projectId,
      { requestId: 'with-new-template', accountId, amountMicros: 5, means: 'card' },
      cashier,
    );
    postingId = vend.postingId;
    const [sale] = (await list(`?kind=sale&subjectId=${postingId}`)).documents;
    const printed = await send<PrintAnswer>('POST', `${base}/documents/${sale?.documentId}/prints`, 201, {
      language: 'zh',
    });
    expect(printed.html).toContain('other');
    const reset = await send<DocumentTemplate>(
      'POST',
      `${base}/document-templates/sale/versions/0/activate`,
      200,
      {},
    );
    expect(reset).toMatchObject({ activeVersion: 0, versions: [{ version: 0 }, { version: 1 }] });
  });

  test('a code confirms number, date, amount and nothing personal; a changed document is not confirmed', async () => {
    const [sale] = (await list(`?kind=sale&subjectId=${postingId}`)).documents;
    const code = sale?.code ?? '';
    expect(code).toMatch(/^[2-9A-HJ-NP-Z]{12}$/);
    const typed = `${code.slice(0, 4)}-${code.slice(4, 8)} ${code.slice(8)}`.toLowerCase();
    const answer = await send<VerifyAnswer>('GET', `/api/verify/${encodeURIComponent(typed)}`, 200);
    expect(answer).toMatchObject({
      genuine: true,
      document: { number: sale?.number, amountMicros: 5, currency: 'EUR' },
    });
    expect(JSON.stringify(answer)).not.toMatch(/Tenant|Staff|acc_|Cashier/);
    expect(await send('GET', '/api/verify/222222222222', 200)).toEqual({ genuine: false, document: null });
    expect(await send('GET', '/api/verify/nonsense', 200)).toEqual({ genuine: false, document: null });
    // Behind the triggers' back, as somebody with the database's password could.
    await site.parts.database.transaction(async (transaction) => {
      await transaction.query('ALTER TABLE billing.documents DISABLE TRIGGER documents_only_added');
      await transaction.query(
        `UPDATE billing.documents SET facts = jsonb_set(facts, '{amountMicros}', '9000000') WHERE code = $1`,
        [code],
      );
      await transaction.query('ALTER TABLE billing.documents ENABLE TRIGGER documents_only_added');
    });
    expect(await send('GET', `/api/verify/${code}`, 200)).toEqual({ genuine: false, document: null });
    await expect(site.parts.database.query('DELETE FROM billing.documents')).rejects.toThrow('only added');
  });

  test('guessing is held up', async () => {
    const answers = await Promise.all(
      Array.from({ length: attemptsMax + 5 }, async () => await http.send('GET', '/api/verify/333333333333')),
    );
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(5);
    expect(answers.find(({ status }) => status === 429)?.headers.get('retry-after')).toMatch(/^\d+$/);
  });

  test('a closing says what was taken for arrears before the rest was paid out', async () => {
    await site.billing.arrears.make(
      projectId,
      {
        requestId: 'arrears-before-closing',
        accountId,
        origin: 'brought',
        amountMicros: 1_000,
        sharePpm: 1,
        capPerVendMicros: null,
        capPerMonthMicros: null,
        instalments: [],
        holder: 'The tenant',
        signedBy: 'The landlord',
        reason: 'rent',
        evidence: 'a letter',
      },
      cashier,
    );
    const { balanceMicros } = await site.billing.accounts.row(projectId, accountId);
    const closed = await site.billing.accounts.close(
      projectId,
      {
        requestId: 'close-with-arrears',
        accountId,
        closedAtMs: nowMs - 300_000,
        reason: 'moved out',
        refundMeans: 'cash',
        acceptIncomplete: true,
      },
      cashier,
    );
    const { documents } = await list(`?kind=closing&subjectId=${closed.postingId}`);
    const { facts } = await send<DocumentDetail>('GET', `${base}/documents/${documents[0]?.documentId}`, 200);
    expect(facts.lines.map((line) => line.amountMicros)).toEqual([
      balanceMicros,
      -1_000,
      1_000 - balanceMicros,
    ]);
  });

  test('a counted shift has its slip', async () => {
    const drawer = { id: 'stf_drawer', name: 'Drawer' };
    const float = { amountMicros: 100_000_000 };
    const { shifts } = site.billing;
    const opened = await shifts.open(projectId, { requestId: 'shift-open-1', float }, drawer);
    const { shiftId } = opened;
    const closing = {
      requestId: 'shift-close-1',
      shiftId,
      cash: { amountMicros: 99_000_000 },
      slips: [],
      differenceReason: 'a coin fell',
    };
    for (let twice = 0; twice < 2; twice += 1) await shifts.close(projectId, closing, drawer, false);
    const { documents } = await list(`?kind=cash-shift&subjectId=${shiftId}`);
    expect(documents).toMatchObject([{ number: 1, amountMicros: 99_000_000 }]);
  });

  test('a template runs nothing and names nothing that does not exist', async () => {
    const draft = async (html: string, css = ''): Promise<unknown> =>
      await send('POST', `${base}/document-templates/sale/versions`, 422, { html, css, paper: 'A4' });
    for (const html of [
      '<script>alert(1)</script>',
      '<p onclick="alert(1)">x</p>',
      '<img src="https://evil.example/x.png">',
      '<a href="javascript:alert(1)">x</a>',
      '{{constructor}}',
      '{{#points}}{{#points}}x{{/points}}{{/points}}',
      '{{#points}}',
      '<iframe src="x"></iframe>',
    ])
      expect(await draft(html)).toMatchObject({ code: 'template-refused' });
    for (const css of [
      'p { background-image: url(https://evil.example) }',
      '@import "x";',
      'p { position: fixed }',
      'p:hover { color: #fff }',
    ])
      expect(await draft('<p>x</p>', css)).toMatchObject({ faults: [{ path: 'css' }] });
    const preview = await send<TemplatePreview>('POST', `${base}/document-templates/sale/preview`, 200, {
      html: '<p>{{{reason}}}<svg onload="alert(1)"></svg>{{tenant.name}}</p><script>alert(2)</script>',
      css: 'p { color: #112233 } </style><script>alert(3)</script>',
      paper: 'A4',
      language: 'zh',
    });
    expect(preview.html).not.toMatch(/<script|onload|alert\(3\)/);
    expect(preview.faults.length).toBeGreaterThan(1);
  });

  test('a logo is a picture and no program', async () => {
    const head = { name: 'A', address: '', taxNumber: '', phone: '', note: '' };
    const svg = (text: string): string => `data:image/svg+xml;base64,${Buffer.from(text).toString('base64')}`;
    const given = svg(
      '<svg viewBox="0 0 1 1" onload="alert(1)"><script>alert(2)</script><image href="http://evil.example"/><rect width="1" height="1"/></svg>',
    );
    await send('PUT', `${base}/company-head`, 204, { ...head, logo: given });
    const { logo, company } = await send<DocumentTemplates>('GET', `${base}/document-templates`, 200);
    expect(company).toEqual(head);
    const kept = Buffer.from((logo ?? '').split(',')[1] ?? '', 'base64').toString();
    expect(kept).toContain('<rect');
    expect(kept).not.toMatch(/onload|script|image|href/);
    for (const logo of [
      'data:text/html;base64,PGI+',
      svg('<html></html>'),
      `data:image/png;base64,${Buffer.from('GIF89a').toString('base64')}`,
    ])
      expect(await send('PUT', `${base}/company-head`, 422, { ...head, logo })).toMatchObject({
        code: 'logo-refused',
      });
  });

  test('rights, other projects, bad input', async () => {
    const text = builtInTemplate('sale');
    const [document] = (await list('?limit=1')).documents;
    as('reader', ['account:read']);
    await send('GET', `${base}/documents`, 200);
    await send('POST', `${base}/document-templates/sale/versions`, 403, text);
    await send('POST', `${base}/document-templates/sale/preview`, 403, { ...text, language: 'en' });
    await send('PUT', `${base}/company-head`, 403, {});
    as('stranger', ['energy:read']);
    for (const path of ['/documents', `/documents/${document?.documentId}`, '/document-templates'])
      await send('GET', base + path, 403);
    as('elsewhere', rights, 'prj_other');
    await send('GET', `${base}/documents`, 403);
    await send('GET', `/api/projects/prj_other/documents/${document?.documentId}`, 404);
    as('anna');
    await send('GET', `${base}/documents?before=x`, 400);
    await send('GET', `${base}/documents/doc_nothing`, 404);
    await send('POST', `${base}/document-templates/unknown/versions`, 400, text);
    await send('POST', `${base}/document-templates/sale/versions/77/activate`, 404, {});
    await send('POST', `${base}/document-templates/sale/versions/0/activate`, 422, {
      activeFromMs: nowMs - 1,
    });
  });
});
