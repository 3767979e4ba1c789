/**
 * Which addresses a network service may reach: `allow` and `deny` lists with the semantics of workerd's `Network` (its schema says it
 * is kj::Network::restrictPeers()). Pure; used in every thread of the host.
 *
 * An address is permitted when it matches a rule of `allow` and no rule of `deny` that is as specific as that one or more. A block
 * is as specific as its prefix is long; `public` and `network` are as unspecific as can be. Where workerd and the text of its schema
 * differ, the text holds: `private` includes `local` in `deny` as well.
 *
 * Unix sockets are permitted by the words `unix` (those with a path) and `unix-abstract` (Linux's, without one) alone, and denied by
 * `local` and `private` as well.
 *
 * Reserved addresses are permitted only by a block within their range, or the range itself. An IPv6 address that a gateway turns
 * into an IPv4 address (NAT64, 6to4, Teredo) is denied where that one is denied, and is only as public as that one is.
 */

import { makeError } from '../errors.ts';
import { quote } from '../text.ts';
import {
  blockContains,
  embeddedAddresses,
  type IpAddress,
  type IpBlock,
  parseAddress,
  parseBlock,
} from './ip-address.ts';
import { type SpecialBlock, specialBlockOf, specialBlocks } from './special-addresses.ts';

export interface FilterRules {
  /** CIDR blocks, and the words `public`, `private`, `local`, `network`, `unix` and `unix-abstract`. */
  readonly allow: readonly string[];
  /** CIDR blocks, and the words `private`, `local`, `unix` and `unix-abstract`. */
  readonly deny: readonly string[];
}

export interface AddressFilter {
  /**
   * Undefined for an address that may be connected to; for others what they are: `'a loopback address'`. Unix sockets are written
   * `unix:/path` and `unix-abstract:name`.
   */
  refusal(address: string): string | undefined;
}

/** An address as a rule may see it: itself, or an IPv4 address in it. */
interface View {
  readonly address: IpAddress;
  readonly offset: number;
  readonly special: SpecialBlock | undefined;
}

interface Rules {
  readonly allowPublic: boolean;
  readonly allowNetwork: boolean;
  readonly unix: readonly string[];
  readonly allow: readonly IpBlock[];
  readonly deny: readonly IpBlock[];
}

/** What is wrong with a rule, in the words of CONFIG_VALUE. */
export interface RuleProblem {
  readonly expected: string;
  readonly found: string;
  readonly advice?: string | undefined;
}

/** What is wrong with a rule of one of the lists; undefined for a good one. */
export function ruleProblem(rule: string, list: 'allow' | 'deny'): RuleProblem | undefined {
  if (isOpposite(rule)) return list === 'deny' ? cannotDeny(rule) : undefined;
  return isUnixWord(rule) || blocksOf(rule) !== undefined ? undefined : noRule(rule);
}

/** Throws CONFIG_VALUE for a rule that is none. */
export function makeAddressFilter({ allow, deny }: FilterRules): AddressFilter {
  assertRules(allow, 'allow');
  assertRules(deny, 'deny');
  const rules: Rules = {
    allowPublic: allow.includes('public'),
    allowNetwork: allow.includes('network'),
    unix: unixWords.filter((word) => allow.includes(word) && !deniesUnix(deny, word)),
    allow: allow.flatMap((rule) => blocksOf(rule) ?? []),
    deny: deny.flatMap((rule) => blocksOf(rule) ?? []),
  };
  return { refusal: (text) => refusal(rules, text) };
}

function assertRules(rules: readonly string[], list: 'allow' | 'deny'): void {
  for (const [i, rule] of rules.entries()) {
    const problem = ruleProblem(rule, list);
    if (problem !== undefined) throw makeError('CONFIG_VALUE', problem, { path: `${list}[${i}]` });
  }
}

/** `public` is the opposite of `private`, `network` that of `local`: they are no list of blocks. */
function isOpposite(rule: string): rule is 'public' | 'network' {
  return rule === 'public' || rule === 'network';
}

const unixWords = ['unix', 'unix-abstract'] as const;

function isUnixWord(rule: string): rule is (typeof unixWords)[number] {
  return rule === 'unix' || rule === 'unix-abstract';
}

/** Unix sockets are of this machine, so that who denies what is local denies them. */
function deniesUnix(deny: readonly string[], word: string): boolean {
  return deny.includes(word) || deny.includes('local') || deny.includes('private');
}

function cannotDeny(rule: 'public' | 'network'): RuleProblem {
  const instead = rule === 'public' ? 'private' : 'local';
  const advice = `leave it out, and allow "${instead}" instead`;
  return { expected: 'something that can be denied', found: `"${rule}"`, advice };
}

function noRule(rule: string): RuleProblem {
  const bare = parseAddress(rule);
  const advice =
    bare === undefined
      ? undefined
      : `for this address alone, write "${rule}/${bare.family === 4 ? 32 : 128}"`;
  const expected =
    'a block of addresses such as "10.0.0.0/8" or "2001:db8::/32", or one of the words "public", "private", "local", "network", "unix", "unix-abstract"';
  return { expected, found: quote(rule), advice };
}

/** The blocks that a rule stands for; undefined where it stands for none. */
function blocksOf(rule: string): readonly IpBlock[] | undefined {
  if (rule === 'local') return specialBlocks('local');
  if (rule === 'private') return [...specialBlocks('private'), ...specialBlocks('local')];
  const block = parseBlock(rule);
  return block && [block];
}

function refusal(rules: Rules, text: string): string | undefined {
  const unix = /^(unix|unix-abstract):/u.exec(text)?.[1];
  if (unix !== undefined) return rules.unix.includes(unix) ? undefined : 'a Unix socket';
  const address = parseAddress(text);
  if (address === undefined) return 'no address at all';
  const views = viewsOf(address);
  const allowed = allowSpecificity(rules, address, views);
  if (allowed === -1)
    return (
      views.find(({ special }) => special !== undefined)?.special?.label ?? 'an address that is not allowed'
    );
  for (const view of views) {
    const denied = rules.deny.some(
      (block) => blockContains(block, view.address) && block.prefix + view.offset >= allowed,
    );
    if (denied) return view.special?.label ?? 'an address that is denied';
    if (isReserved(view) && view.special.block.prefix + view.offset > allowed) return view.special.label;
  }
  return undefined;
}

function viewsOf(address: IpAddress): readonly View[] {
  return [{ address, offset: 0 }, ...embeddedAddresses(address)].map((view) => ({
    ...view,
    special: specialBlockOf(view.address),
  }));
}

function isReserved(view: View): view is View & { special: SpecialBlock } {
  return view.special?.kind === 'reserved';
}

/** How specific the rule is that allows an address; -1 where none does. */
function allowSpecificity(rules: Rules, address: IpAddress, views: readonly View[]): number {
  let specificity = -1;
  if (rules.allowPublic && views.every(({ special }) => special === undefined)) specificity = 0;
  if (rules.allowNetwork && views.every(({ special }) => special === undefined || special.kind === 'private'))
    specificity = 0;
  for (const block of rules.allow) {
    if (blockContains(block, address)) specificity = Math.max(specificity, block.prefix);
  }
  return specificity;
}
