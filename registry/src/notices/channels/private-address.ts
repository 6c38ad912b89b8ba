// SPDX-License-Identifier: Apache-2.0
/** Addresses of one's own network and machine: a person who may write webhooks must not reach services behind the product. */
import { lookup } from 'node:dns';
import { BlockList, isIPv4, type LookupFunction } from 'node:net';

const blocked = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  blocked.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  blocked.addSubnet(network, prefix, 'ipv6');

/** Also IPv4 written as IPv6 (::ffff:10.0.0.1), which the block list looks through by itself. */
export function isPrivateAddress(address: string): boolean {
  return blocked.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

/** Resolves names, and refuses when any of the answers is private. */
export const publicLookup: LookupFunction = (hostname, options, answer) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error !== null) return answer(error, [], 0);
    const inner = found.find(({ address }) => isPrivateAddress(address));
    if (inner !== undefined)
      return answer(
        new Error(`${hostname} is at the private address ${inner.address}, which is not allowed`),
        [],
        0,
      );
    if (options.all === true) return answer(null, found);
    const [first] = found;
    return answer(null, first?.address ?? '', first?.family ?? 0);
  });
};
