/**
 * IP addresses and blocks of them as numbers, and the IPv4 addresses that IPv6 addresses carry within. Pure functions; used in
 * every thread of the host.
 */

import { isIPv4, isIPv6 } from 'node:net';

/** An address. An IPv4-mapped IPv6 address (`::ffff:1.2.3.4`) is the IPv4 address, because that is what gets connected to. */
export interface IpAddress {
  readonly family: 4 | 6;
  /** The address's bits, the first one highest. */
  readonly value: bigint;
}

/** The addresses that share the first `prefix` bits of `value`. */
export interface IpBlock {
  readonly family: 4 | 6;
  readonly value: bigint;
  readonly prefix: number;
}

/** An IPv4 address that a gateway makes of an IPv6 address. */
export interface EmbeddedAddress {
  readonly address: IpAddress;
  /** Bits of the IPv6 address in front of it: a block of `prefix` bits within it is one of `offset + prefix` bits there. */
  readonly offset: number;
}

const bits = { 4: 32, 6: 128 } as const;
const mapped = 0xffffn;

/** Parses what `getaddrinfo` and sockets give: dotted decimal, or any spelling of IPv6, a zone (`%eth0`) included. */
export function parseAddress(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { family: 4, value: parseIPv4(text) };
  if (!isIPv6(text)) return undefined;
  const value = parseIPv6(text.split('%', 1)[0] ?? '');
  if (value >> 32n === mapped) return { family: 4, value: value & 0xffffffffn };
  return { family: 6, value };
}

/** Parses CIDR notation (`10.0.0.0/8`, `2001:db8::/32`); bits behind the prefix do not count. */
export function parseBlock(text: string): IpBlock | undefined {
  const match = /^([0-9a-fA-F.:]+)\/([0-9]{1,3})$/u.exec(text);
  const [, start = '', size = ''] = match ?? [];
  const family = isIPv4(start) ? 4 : isIPv6(start) ? 6 : undefined;
  const prefix = Number(size);
  if (family === undefined || prefix > bits[family]) return undefined;
  const value = family === 4 ? parseIPv4(start) : parseIPv6(start);
  if (family === 6 && prefix >= 96 && value >> 32n === mapped) {
    return makeBlock(4, value & 0xffffffffn, prefix - 96);
  }
  return makeBlock(family, value, prefix);
}

export function blockContains(block: IpBlock, address: IpAddress): boolean {
  if (block.family !== address.family) return false;
  const ignored = BigInt(bits[block.family] - block.prefix);
  return address.value >> ignored === block.value >> ignored;
}

function makeBlock(family: 4 | 6, value: bigint, prefix: number): IpBlock {
  const ignored = BigInt(bits[family] - prefix);
  return { family, value: (value >> ignored) << ignored, prefix };
}

function parseIPv4(text: string): bigint {
  let value = 0n;
  for (const part of text.split('.')) value = (value << 8n) | BigInt(part);
  return value;
}

function parseIPv6(text: string): bigint {
  const [head = '', tail] = text.split('::', 2);
  const before = groupsOf(head);
  if (tail === undefined) return join(before);
  const after = groupsOf(tail);
  return (join(before) << BigInt(16 * (8 - before.length))) | join(after);
}

function groupsOf(text: string): bigint[] {
  const groups: bigint[] = [];
  for (const part of text === '' ? [] : text.split(':')) {
    if (part.includes('.')) {
      const value = parseIPv4(part);
      groups.push(value >> 16n, value & 0xffffn);
    } else groups.push(BigInt(`0x${part}`));
  }
  return groups;
}

function join(groups: readonly bigint[]): bigint {
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

interface Embedding {
  readonly block: IpBlock;
  readonly offset: number;
  readonly inverted: boolean;
}

function embedding(text: string, offset: number, inverted = false): Embedding {
  const block = parseBlock(text);
  if (block === undefined) throw new Error(`not a block: ${text}`);
  return { block, offset, inverted };
}

const embeddings: readonly Embedding[] = [
  embedding('::ffff:0:0:0/96', 96), // IPv4-translated, RFC 2765
  embedding('64:ff9b::/96', 96), // NAT64, RFC 6052
  embedding('2001::/32', 32), // the server of Teredo, RFC 4380
  embedding('2001::/32', 96, true), // and its client
  embedding('2002::/16', 16), // 6to4, RFC 3056
];

/** The IPv4 addresses that a packet to this address can end up at. */
export function embeddedAddresses(address: IpAddress): readonly EmbeddedAddress[] {
  if (address.family === 4) return [];
  return embeddings
    .filter(({ block }) => blockContains(block, address))
    .map(({ offset, inverted }) => {
      const found = (address.value >> BigInt(96 - offset)) & 0xffffffffn;
      return { address: { family: 4, value: inverted ? found ^ 0xffffffffn : found }, offset };
    });
}
