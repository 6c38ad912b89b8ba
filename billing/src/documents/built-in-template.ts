// SPDX-License-Identifier: Apache-2.0
/** The template a project begins with, and what it returns to by a reset. One text for all kinds and both languages. */
import type { DocumentKind, TemplateText } from '@wattledger/contracts/http/billing';
import { contentHash } from '../ledger/posting.ts';

const head = `<table class="head">
<tr><td class="mark"><img src="logo" alt=""></td>
<td class="company"><strong>{{company.name}}</strong><br>{{company.address}}<br>{{company.phone}} {{#company.taxNumber}}{{words.taxNumber}} {{company.taxNumber}}{{/company.taxNumber}}</td></tr>
</table>
<h1>{{title}}</h1>
<p class="copy">{{copy}} {{#reprint}}<strong>{{reprint}}</strong>{{/reprint}}</p>`;

const facts = `<table>
<tr><th>{{words.number}}</th><td>{{number}}</td></tr>
{{#concernsNumber}}<tr><th>{{words.concerns}}</th><td>{{concernsNumber}}</td></tr>{{/concernsNumber}}
<tr><th>{{words.date}}</th><td>{{time}}</td></tr>
{{#tenant.name}}<tr><th>{{words.tenant}}</th><td>{{tenant.code}} {{tenant.name}}</td></tr>{{/tenant.name}}
{{#rooms}}<tr><th>{{words.rooms}}</th><td>{{rooms}}</td></tr>{{/rooms}}
</table>`;

const points = `{{#hasPoints}}<table class="points">
<tr class="names"><th class="point">{{words.point}}</th><th>{{words.meter}}</th><th>{{words.price}}</th><th class="number">{{words.reading}}</th></tr>
{{#points}}<tr><td>{{code}} {{name}}</td><td>{{meters}}</td><td>{{price}}</td><td class="number">{{reading}}</td></tr>{{/points}}
</table>{{/hasPoints}}`;

const amounts = `<table class="amounts">
<tr class="sum"><th>{{words.amount}}</th><td class="number">{{amount}}</td></tr>
{{#lines}}<tr><th>{{label}}</th><td class="number">{{amount}}</td></tr>{{/lines}}
{{#parts.arrears}}<tr><th>{{words.arrears}}</th><td class="number">{{parts.arrears}}</td></tr>{{/parts.arrears}}
{{#parts.emergency}}<tr><th>{{words.emergency}}</th><td class="number">{{parts.emergency}}</td></tr>{{/parts.emergency}}
{{#parts.balance}}<tr><th>{{words.toBalance}}</th><td class="number">{{parts.balance}}</td></tr>{{/parts.balance}}
{{#balanceAfter}}<tr><th>{{words.balanceAfter}}</th><td class="number">{{balanceAfter}}</td></tr>{{/balanceAfter}}
{{#means}}<tr><th>{{words.means}}</th><td class="number">{{means}} {{reference}}</td></tr>{{/means}}
{{#reason}}<tr><th>{{words.reason}}</th><td class="number">{{reason}}</td></tr>{{/reason}}
</table>`;

const foot = `<table class="foot">
<tr><td class="codes"><img src="code" alt=""></td>
<td>{{words.issuedBy}}: {{issuedBy}}<br>{{words.verify}}: {{verifyAddress}}<br><strong>{{code}}</strong><br>{{company.note}}</td>
<td class="sign">{{words.signature}}</td></tr>
</table>`;

const css = `.head { border-bottom: 1pt solid #1f6f4a }
.mark { width: 25% }
.company { text-align: right; font-size: 9pt }
h1 { font-size: 16pt; margin-top: 10pt; margin-bottom: 2pt }
.copy { color: #5b6660; font-size: 9pt; margin-bottom: 8pt }
th { text-align: left; font-weight: normal; color: #5b6660 }
.number { text-align: right }
.points { margin-top: 8pt; border-top: 0.5pt solid #c4ccc7 }
.point { width: 34% }
.amounts { margin-top: 8pt; border-top: 0.5pt solid #c4ccc7 }
.sum { font-size: 14pt; font-weight: bold }
.foot { margin-top: 14pt; border-top: 0.5pt solid #c4ccc7 }
.codes { width: 25%; height: 22mm }
.sign { width: 22%; text-align: right; color: #5b6660 }`;

/** Number, date, amount: the same for every kind; what a kind has not is left out. */
export const builtInTemplate = (_kind: DocumentKind): TemplateText => ({
  html: [head, facts, points, amounts, foot].join('\n'),
  css,
  paper: 'A4',
});

export const textHashOf = (text: TemplateText): string =>
  contentHash({ html: text.html, css: text.css, paper: text.paper });
