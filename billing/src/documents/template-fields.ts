// SPDX-License-Identifier: Apache-2.0
/** What a template may name, said in both languages: the side list of the editor, and what is checked when one is saved. */
import type { DocumentTemplates } from '@wattledger/contracts/http/billing';
import { words } from './document-words.ts';

type Field = DocumentTemplates['fields'][number];
const field = (name: string, en: string, zh: string, list = false): Field => ({
  name,
  list,
  about: { en, zh },
});

export const templateFields: readonly Field[] = [
  field('title', 'Kind of document', '单据名称'),
  field('number', 'Number without gaps', '连续编号'),
  field('concernsNumber', 'Number of what is taken back', '对应原单编号'),
  field('copy', 'Name of the copy', '联次名称'),
  field('reprint', 'Says "Reprint" from the second run on', '第二次打印起显示“补打”'),
  field('time', 'Date and time of issue', '开具时间'),
  field('effective', 'Instant it takes effect', '生效时间'),
  field('day', 'Local day', '日期'),
  field('amount', 'Amount', '金额'),
  field('means', 'Means of payment', '付款方式'),
  field('reference', 'Slip or transfer number', '凭证号'),
  field('parts.arrears', 'Part for arrears', '偿还欠费部分'),
  field('parts.emergency', 'Part for emergency credit', '偿还应急额度部分'),
  field('parts.balance', 'Part to the balance', '计入余额部分'),
  field('balanceAfter', 'Balance after', '操作后余额'),
  field('reason', 'Reason given', '原因'),
  field('issuedBy', 'Who issued it', '经办人'),
  field('tenant.code', "Tenant's code", '客户编号'),
  field('tenant.name', "Tenant's name", '客户名称'),
  field('tenant.phone', "Tenant's phone", '客户电话'),
  field('rooms', 'Rooms', '房间'),
  field('project.name', 'Name of the site', '项目名称'),
  field('project.code', 'Code of the site', '项目编号'),
  field('project.address', 'Address of the site', '项目地址'),
  field('company.name', 'Company', '公司名称'),
  field('company.address', "Company's address", '公司地址'),
  field('company.taxNumber', "Company's tax number", '公司税号'),
  field('company.phone', "Company's phone", '公司电话'),
  field('company.note', 'Note at the foot', '页脚说明'),
  field('code', 'Verification code', '验证码'),
  field('verifyAddress', 'Address where the code is checked', '核验网址'),
  field('hasPoints', 'Whether there are metering points', '是否有计量点'),
  field('points', 'Repeats for each metering point', '对每个计量点重复', true),
  field('points.code', 'Code of the point', '计量点编号'),
  field('points.name', 'Name of the point', '计量点名称'),
  field('points.meters', 'Meters mounted there', '表号'),
  field('points.scheme', 'Price scheme', '电价方案'),
  field('points.price', 'Price in force', '当前单价'),
  field('points.reading', 'Newest reading', '最新读数'),
  field('points.readAt', 'When it was read', '抄表时间'),
  field('lines', 'Repeats for each further amount', '对每项其他金额重复', true),
  field('lines.label', 'What the amount is for', '项目名称'),
  field('lines.amount', 'The amount', '金额'),
  field('en', 'Only when printed in English', '仅英文打印时'),
  field('zh', 'Only when printed in Chinese', '仅中文打印时'),
];

/** As they may stand in a template: whole, and by their last part inside their list. */
export const fieldNames: ReadonlySet<string> = new Set([
  ...templateFields.flatMap(({ name }) =>
    /^(points|lines)\./.test(name) ? [name.slice(name.indexOf('.') + 1)] : [name],
  ),
  ...Object.keys(words.en).map((name) => `words.${name}`),
]);
