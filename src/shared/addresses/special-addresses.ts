/**
 * The addresses that mean something special, from the IANA special-purpose registries, the multicast registries and the platforms that
 * people run on. Data; used in every thread of the host.
 *
 * https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
 */

import { blockContains, type IpAddress, type IpBlock, parseBlock } from './ip-address.ts';

export interface SpecialBlock {
  readonly block: IpBlock;
  /**
   * `local`: this machine. `private`: its network, or its platform. `reserved`: nothing that a server has. `public`: an exception
   * within one of those.
   */
  readonly kind: 'local' | 'private' | 'reserved' | 'public';
  /** What one of its addresses is, with its article. */
  readonly label: string;
}

const rows: readonly (readonly [string, SpecialBlock['kind'], string])[] = [
  // Connecting to the unspecified address connects to this machine.
  ['0.0.0.0/32', 'local', 'the unspecified address'],
  ['127.0.0.0/8', 'local', 'a loopback address'],
  ['::/128', 'local', 'the unspecified address'],
  ['::1/128', 'local', 'a loopback address'],

  ['10.0.0.0/8', 'private', 'a private address'],
  ['100.64.0.0/10', 'private', 'a shared (carrier-grade NAT) address'],
  ['168.63.129.16/32', 'private', 'an address of the platform'], // Azure's agent and DNS: public by number only
  ['169.254.0.0/16', 'private', 'a link-local address'],
  ['172.16.0.0/12', 'private', 'a private address'],
  ['192.168.0.0/16', 'private', 'a private address'],
  ['64:ff9b:1::/48', 'private', 'a local-use NAT64 address'],
  ['fc00::/7', 'private', 'a unique-local address'],
  ['fe80::/10', 'private', 'a link-local address'],
  ['fec0::/10', 'private', 'a site-local address'],

  ['0.0.0.0/8', 'reserved', 'an address of "this network"'],
  ['192.0.0.0/24', 'reserved', 'a protocol-assignment address'],
  ['192.0.2.0/24', 'reserved', 'a documentation address'],
  ['192.88.99.0/24', 'reserved', 'a 6to4 relay address'],
  ['198.18.0.0/15', 'reserved', 'a benchmarking address'],
  ['198.51.100.0/24', 'reserved', 'a documentation address'],
  ['203.0.113.0/24', 'reserved', 'a documentation address'],
  ['224.0.0.0/4', 'reserved', 'a multicast address'],
  ['240.0.0.0/4', 'reserved', 'a reserved address'],
  ['255.255.255.255/32', 'reserved', 'the broadcast address'],

  // Of IPv6, only global unicast is public: what IANA has not given out is nobody's server.
  ['::/0', 'reserved', 'a reserved address'],
  ['2000::/3', 'public', 'a public address'],
  ['64:ff9b::/96', 'public', 'a NAT64 address'], // as far as the IPv4 address in it is
  ['100::/64', 'reserved', 'a discard-only address'],
  ['2001::/23', 'reserved', 'a protocol-assignment address'],
  ['2001::/32', 'reserved', 'a Teredo address'],
  ['2001:2::/48', 'reserved', 'a benchmarking address'],
  ['2001:db8::/32', 'reserved', 'a documentation address'],
  ['2002::/16', 'reserved', 'a 6to4 address'],
  ['3fff::/20', 'reserved', 'a documentation address'],
  ['ff00::/8', 'reserved', 'a multicast address'],
];

/** Most specific first. */
const blocks: readonly SpecialBlock[] = rows
  .map(([text, kind, label]) => {
    const block = parseBlock(text);
    if (block === undefined) throw new Error(`not a block: ${text}`);
    return { block, kind, label };
  })
  .sort((a, b) => b.block.prefix - a.block.prefix);

/** The most specific row that an address belongs to; undefined for an ordinary, public one. */
export function specialBlockOf(address: IpAddress): SpecialBlock | undefined {
  const found = blocks.find(({ block }) => blockContains(block, address));
  return found?.kind === 'public' ? undefined : found;
}

/** The blocks of one kind. */
export function specialBlocks(kind: SpecialBlock['kind']): readonly IpBlock[] {
  return blocks.filter((special) => special.kind === kind).map(({ block }) => block);
}
