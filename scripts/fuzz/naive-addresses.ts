/**
 * Addresses and the filter of network services written down as plainly as can be, over strings of bits: what the fuzz target holds the real ones
 * against.
 */
import { isIPv4 } from 'node:net';
import type { FilterRules } from '../../src/shared/addresses/address-filter.ts';
import { specialBlockOf, specialBlocks } from '../../src/shared/addresses/special-addresses.ts';

/** Every bit of an address, as a character. */
export type Bits = string;

export const lengths = { 4: 32, 6: 128 } as const;

export function bitsOf(value: bigint, length: number): Bits {
  return value.toString(2).padStart(length, '0');
}

export function formatIPv4(bits: Bits): string {
  return [0, 8, 16, 24].map((at) => Number.parseInt(bits.slice(at, at + 8), 2)).join('.');
}

export function groupsOf(bits: Bits): string[] {
  return Array.from({ length: 8 }, (_, i) =>
    Number.parseInt(bits.slice(16 * i, 16 * i + 16), 2).toString(16),
  );
}

/** The address as the URL standard writes it. */
export function formatIPv6(bits: Bits): string {
  return new URL(`http://[${groupsOf(bits).join(':')}]/`).hostname.slice(1, -1);
}

export function flip(bits: Bits, at: number | undefined): Bits {
  if (at === undefined) return bits;
  return bits.slice(0, at) + (bits[at] === '0' ? '1' : '0') + bits.slice(at + 1);
}

export function naiveIPv4(text: string): bigint {
  return text.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n);
}

interface Address {
  readonly family: 4 | 6;
  readonly bits: Bits;
}

/** What gets connected to: an IPv4-mapped address is the IPv4 address. */
export function addressOf(bits: Bits): Address {
  const isMapped = bits.length === 128 && bits.startsWith('0'.repeat(80) + '1'.repeat(16));
  if (isMapped) return { family: 4, bits: bits.slice(96) };
  return { family: bits.length === 32 ? 4 : 6, bits };
}

export function write(bits: Bits): string {
  return bits.length === 32 ? formatIPv4(bits) : formatIPv6(bits);
}

interface NaiveBlock {
  readonly family: 4 | 6;
  readonly prefix: Bits;
}

/** The blocks of a rule. What the words stand for is data, and is not written down a second time here. */
export function naiveBlocks(rule: string): NaiveBlock[] {
  if (rule === 'public' || rule === 'network') return [];
  if (rule === 'local' || rule === 'private') {
    const found = [...specialBlocks('local'), ...(rule === 'private' ? specialBlocks('private') : [])];
    return found.map(({ family, value, prefix }) => ({
      family,
      prefix: bitsOf(value, lengths[family]).slice(0, prefix),
    }));
  }
  const [start = '', size = ''] = rule.split('/');
  const bits = isIPv4(start) ? bitsOf(naiveIPv4(start), 32) : bitsOf(naiveIPv6(start), 128);
  const isMapped = bits.length === 128 && Number(size) >= 96 && addressOf(bits).family === 4;
  const prefix = bits.slice(0, Number(size));
  return [
    isMapped ? { family: 4, prefix: prefix.slice(96) } : { family: bits.length === 32 ? 4 : 6, prefix },
  ];
}

/** Of an address as the URL standard writes it, or with dots. */
function naiveIPv6(text: string): bigint {
  const [head = '', tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...middle, ...right].reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n);
}

/** The IPv4 addresses that a gateway makes of an address, each with the bits in front of it. */
export function naiveEmbedded({ family, bits }: Address): (Address & { offset: number })[] {
  if (family === 4) return [];
  const found: (Address & { offset: number })[] = [];
  const add = (prefix: string, offset: number, change: (bits: Bits) => Bits = (same) => same): void => {
    if (naiveBlocks(prefix).every((each) => bits.startsWith(each.prefix)))
      found.push({ family: 4, bits: change(bits.slice(offset, offset + 32)), offset });
  };
  add('::ffff:0:0:0/96', 96);
  add('64:ff9b::/96', 96);
  add('2001::/32', 32);
  add('2001::/32', 96, (each) => each.replace(/./gu, (bit) => (bit === '0' ? '1' : '0')));
  add('2002::/16', 16);
  return found;
}

/** Whether an address may be connected to, by the words of the page on network services. */
export function naivePermits({ allow, deny }: FilterRules, bits: Bits): boolean {
  const address = addressOf(bits);
  const views = [{ ...address, offset: 0 }, ...naiveEmbedded(address)].map((view) => ({
    ...view,
    special: specialBlockOf({ family: view.family, value: BigInt(`0b${view.bits}`) }),
  }));
  const isIn = (each: NaiveBlock, { family, bits: own }: Address): boolean =>
    each.family === family && own.startsWith(each.prefix);
  const specificities = allow.flatMap((rule) => {
    if (rule === 'public') return views.every(({ special }) => special === undefined) ? [0] : [];
    if (rule === 'network')
      return views.every(({ special }) => special === undefined || special.kind === 'private') ? [0] : [];
    return naiveBlocks(rule)
      .filter((each) => isIn(each, address))
      .map(({ prefix }) => prefix.length);
  });
  if (specificities.length === 0) return false;
  const best = Math.max(...specificities);
  return views.every((view) => {
    const denied = deny
      .flatMap(naiveBlocks)
      .some((each) => isIn(each, view) && each.prefix.length + view.offset >= best);
    const { special } = view;
    const isReserved = special?.kind === 'reserved' && special.block.prefix + view.offset > best;
    return !denied && !isReserved;
  });
}
