// SPDX-License-Identifier: Apache-2.0
/** Names of tenants, all made up: a word people like on a signboard and a trade, in English and Chinese. */
import { drawBelow } from '@wattledger/ingest';

type Name = readonly [english: string, chinese: string];

// prettier-ignore
const signboards: readonly Name[] = [
  ['Maple Lane', '枫巷'], ['Blue Heron', '蓝鹭'], ['Paper Crane', '纸鹤'], ['Morning Tide', '朝汐'], ['Cloud Gate', '云门'],
  ['Willow Bridge', '柳桥'], ['Red Lantern', '红灯笼'], ['Stone Drum', '石鼓'], ['Plum Garden', '梅园'], ['Silver Carp', '银鲤'],
  ['Bamboo Court', '竹庭'], ['Jade Spring', '玉泉'], ['White Deer', '白鹿'], ['Autumn Moon', '秋月'], ['Tea Hill', '茶山'],
  ['Lotus Pond', '荷塘'], ['Golden Wheat', '金穗'], ['Rainbow', '彩虹'], ['North Star', '北辰'], ['Old Ferry', '古渡'],
  ['Spring Rain', '春雨'], ['Pine Wind', '松风'], ['River Reed', '芦汀'], ['Little Whale', '小鲸'], ['Orange Sail', '橙帆'],
];
// prettier-ignore
const trades: readonly Name[] = [
  ['Shoes', '鞋履'], ['Books', '书店'], ['Optics', '眼镜'], ['Toys', '玩具'], ['Fashion', '服饰'], ['Pharmacy', '药房'],
  ['Mobile', '数码'], ['Jewellery', '珠宝'], ['Cosmetics', '美妆'], ['Sports', '运动'], ['Flowers', '花艺'], ['Home', '家居'],
  ['Kids', '童装'], ['Stationery', '文具'], ['Tea', '茶叶'], ['Watches', '钟表'], ['Lingerie', '内衣'], ['Hair', '美发'],
  ['Outdoor', '户外'], ['Gifts', '礼品'], ['Bags', '箱包'], ['Music', '琴行'], ['Nails', '美甲'],
];
// prettier-ignore
const kitchens: readonly Name[] = [
  ['Hot Pot', '火锅'], ['Noodles', '面馆'], ['Dumplings', '饺子馆'], ['Sichuan Kitchen', '川菜'], ['Cantonese Kitchen', '粤菜'],
  ['Barbecue', '烤肉'], ['Sushi', '寿司'], ['Coffee', '咖啡'], ['Bakery', '烘焙'], ['Milk Tea', '奶茶'], ['Pizza', '披萨'],
  ['Hunan Kitchen', '湘菜'], ['Vegetarian', '素食'], ['Curry', '咖喱'], ['Fish Soup', '鱼汤'], ['Suzhou Kitchen', '苏帮菜'], ['Burgers', '汉堡'],
];
// prettier-ignore
const lines: readonly Name[] = [
  ['Software', '软件'], ['Law Office', '律师事务所'], ['Logistics', '物流'], ['Design', '设计'], ['Trading', '贸易'], ['Insurance', '保险'],
  ['Education', '教育'], ['Biotech', '生物科技'], ['Architects', '建筑设计'], ['Media', '传媒'], ['Accounting', '会计师事务所'],
  ['Travel', '旅行社'], ['Consulting', '咨询'], ['Robotics', '机器人'], ['Advertising', '广告'], ['Semiconductor', '半导体'], ['Recruiting', '人力资源'],
];
// prettier-ignore
const surnames: readonly Name[] = [
  ['Wang', '王'], ['Li', '李'], ['Zhang', '张'], ['Liu', '刘'], ['Chen', '陈'], ['Yang', '杨'], ['Zhao', '赵'], ['Huang', '黄'],
  ['Zhou', '周'], ['Wu', '吴'], ['Xu', '徐'], ['Sun', '孙'], ['Hu', '胡'], ['Zhu', '朱'], ['Gao', '高'], ['Lin', '林'], ['He', '何'], ['Guo', '郭'], ['Ma', '马'],
];
// prettier-ignore
const givenNames: readonly Name[] = [
  ['Wei', '伟'], ['Fang', '芳'], ['Min', '敏'], ['Jing', '静'], ['Lei', '磊'], ['Yang', '洋'], ['Yan', '艳'], ['Yong', '勇'],
  ['Juan', '娟'], ['Tao', '涛'], ['Ming', '明'], ['Chao', '超'], ['Xia', '霞'], ['Ping', '平'], ['Hui', '慧'], ['Bo', '博'], ['Yuxin', '雨欣'],
  ['Zihan', '子涵'], ['Haoran', '浩然'], ['Siyu', '思雨'], ['Jiayi', '佳怡'],
];

/** Walks through all pairs of two lists in an order that does not look like a list: 97 is prime to both lengths' product. */
function pair(
  first: readonly Name[],
  second: readonly Name[],
  index: number,
  offset: number,
): readonly [Name, Name] {
  const step = (index * 97 + offset) % (first.length * second.length);
  return [first[step % first.length] as Name, second[Math.floor(step / first.length)] as Name];
}
const signed = ([a, b]: readonly [Name, Name]): string => `${a[0]} ${b[0]} ${a[1]}${b[1]}`;

export const shopName = (index: number): string => signed(pair(signboards, trades, index, 11));
export const restaurantName = (index: number): string => signed(pair(signboards, kitchens, index, 203));
export const officeName = (index: number): string => signed(pair(signboards, lines, index, 301));
export function residentName(index: number): string {
  const [surname, given] = pair(surnames, givenNames, index, 53);
  return `${surname[0]} ${given[0]} ${surname[1]}${given[1]}`;
}

/** A number of the block that is not given to subscribers. */
export const phoneOf = (seed: number, index: number): string =>
  `+86 100 ${String(1000 + drawBelow(9000, seed, index, 1))} ${String(1000 + drawBelow(9000, seed, index, 2))}`;
