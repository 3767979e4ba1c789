/**
 * Fuzzes what decides whether an address may be connected to: the reading of addresses and blocks, held against Node's own, and the filter of
 * network services, held against one that is written down as plainly as can be, over strings of bits.
 */
import assert from 'node:assert/strict';
import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import {
  makeAddressFilter,
  ruleProblem,
  type FilterRules,
} from '../../src/shared/addresses/address-filter.ts';
import { blockContains, parseAddress, parseBlock } from '../../src/shared/addresses/ip-address.ts';
import { specialBlockOf, specialBlocks } from '../../src/shared/addresses/special-addresses.ts';
import {
  addressOf,
  type Bits,
  bitsOf,
  flip,
  formatIPv4,
  formatIPv6,
  groupsOf,
  lengths,
  naiveBlocks,
  naiveEmbedded,
  naiveIPv4,
  naivePermits,
  write,
} from './naive-addresses.ts';
import type { FuzzTarget } from './target.ts';

const ipv4 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value) => bitsOf(value, 32)),
  // Near the blocks that mean something.
  fc
    .tuple(
      fc.constantFrom(
        ...[
          '0.0.0.0',
          '10.0.0.0',
          '100.64.0.0',
          '127.0.0.1',
          '168.63.129.16',
          '169.254.169.254',
          '172.16.0.0',
        ],
        ...[
          '192.0.0.0',
          '192.0.2.0',
          '192.88.99.0',
          '192.168.0.0',
          '198.18.0.0',
          '224.0.0.0',
          '255.255.255.255',
        ],
      ),
      fc.nat({ max: 31 }),
      fc.boolean(),
    )
    .map(([text, at, flips]) => flip(bitsOf(naiveIPv4(text), 32), flips ? at : undefined)),
);

const ipv6 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((value) => bitsOf(value, 128)),
  // With runs of zeros, as people have them.
  fc
    .array(fc.oneof(fc.constant(0), fc.nat({ max: 0xffff })), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.map((group) => bitsOf(BigInt(group), 16)).join('')),
  fc
    .tuple(
      fc.constantFrom(
        '2606:4700',
        '2001:db8',
        'fe80',
        'fc00',
        'fec0',
        'ff02',
        '2002',
        '2001',
        '2001:0',
        '64:ff9b',
        '3fff',
      ),
      fc.bigInt({ min: 0n, max: 2n ** 96n - 1n }),
    )
    .map(([start, rest]) => {
      const head = start
        .split(':')
        .map((group) => bitsOf(BigInt(`0x${group}`), 16))
        .join('');
      return (
        head +
        bitsOf(rest, 96)
          .slice(-(128 - head.length))
          .padStart(128 - head.length, '0')
      );
    }),
  // With an IPv4 address within.
  fc
    .tuple(
      fc.constantFrom(
        '0'.repeat(80) + '1'.repeat(16),
        '0'.repeat(96),
        `${bitsOf(0x64ff9bn, 32)}${'0'.repeat(64)}`,
      ),
      ipv4,
    )
    .map(([head, tail]) => head + tail),
);

/** Spellings of one IPv6 address. */
const spelled = fc
  .tuple(ipv6, fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean())
  .map(([bits, isShort, isUpper, isDotted, hasZone]) => {
    const groups = groupsOf(bits);
    const plain = isDotted ? [...groups.slice(0, 6), formatIPv4(bits.slice(96))].join(':') : groups.join(':');
    const text = isShort && !isDotted ? formatIPv6(bits) : plain;
    return { bits, text: `${isUpper ? text.toUpperCase() : text}${hasZone ? '%eth0' : ''}` };
  });

/** Texts that are nearly addresses. */
const nearly = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        ...'0123456789abcdefABCDEFgx.:%/ -'.split(''),
        '::',
        '255',
        '256',
        '00',
        'ffff',
        '1.2.3.4',
      ),
      {
        maxLength: 20,
      },
    )
    .map((parts) => parts.join('')),
  spelled.map(({ text }) => text),
  ipv4.map(formatIPv4),
  fc
    .tuple(spelled, fc.nat({ max: 45 }), fc.constantFrom('', ':', '.', '0', 'g', '%', ' ', '\n', '\u0000'))
    .map(([{ text }, at, by]) => text.slice(0, at) + by + text.slice(at + 1)),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

const anyAddress = fc.oneof(ipv4, ipv6);

const block = fc
  .tuple(anyAddress, fc.nat({ max: 128 }))
  .map(([bits, size]) => `${write(bits)}/${size % (bits.length + 1)}`);

const words = { allow: ['public', 'private', 'local', 'network'], deny: ['private', 'local'] } as const;

/** Rules, many of them about one address, or about those within it. */
function rulesAbout(bits: Bits): fc.Arbitrary<FilterRules> {
  const inner = naiveEmbedded(addressOf(bits)).map((each) => each.bits);
  const own = fc
    .tuple(fc.constantFrom(bits, ...inner), fc.nat({ max: 128 }))
    .map(([each, size]) => `${write(each)}/${size % (each.length + 1)}`);
  const list = (kind: 'allow' | 'deny'): fc.Arbitrary<string[]> =>
    fc.array(fc.oneof(block, own, fc.constantFrom(...words[kind])), { maxLength: 4 });
  return fc.record({ allow: list('allow'), deny: list('deny') });
}

/** Addresses that a gateway turns into IPv4 addresses. */
const carrier = fc
  .tuple(
    fc.constantFrom('2002', '2001:0', '64:ff9b:0:0:0:0', '0:0:0:0:ffff:0'),
    fc.bigInt({ min: 0n, max: 2n ** 112n - 1n }),
  )
  .map(([start, rest]) => {
    const head = start.split(':').map((group) => bitsOf(BigInt(`0x${group}`), 16));
    return head.join('') + bitsOf(rest, 112).slice(head.length * 16 - 16);
  });

const decision = fc.oneof(anyAddress, carrier).chain((bits) => fc.tuple(fc.constant(bits), rulesAbout(bits)));

function permits(rules: FilterRules, text: string): boolean {
  return makeAddressFilter(rules).refusal(text) === undefined;
}

export const addresses: FuzzTarget = {
  name: 'addresses',
  properties: {
    'a text is an address where Node.js says so, and nowhere else': fc.asyncProperty(nearly, async (text) => {
      const found = parseAddress(text);
      assert.equal(found !== undefined, isIP(text) !== 0, JSON.stringify(text));
      if (found !== undefined)
        assert.ok(found.value >= 0n && found.value < 2n ** BigInt(lengths[found.family]));
    }),
    'every spelling of an address is the same address': fc.asyncProperty(spelled, async ({ bits, text }) => {
      const { family, bits: wanted } = addressOf(bits);
      assert.deepEqual(parseAddress(text), { family, value: BigInt(`0b${wanted}`) }, text);
    }),
    'a block is what its text says, and any other text is none': fc.asyncProperty(
      fc.oneof(
        block,
        nearly,
        fc.tuple(nearly, fc.nat({ max: 200 })).map(([text, size]) => `${text}/${size}`),
      ),
      async (text) => {
        const [, start = '', size = ''] = /^([^/%]*)\/(\d{1,3})$/u.exec(text) ?? [];
        const family = isIP(start);
        const isBlock = family !== 0 && Number(size) <= (family === 4 ? 32 : 128);
        const found = parseBlock(text);
        assert.equal(found !== undefined, isBlock, JSON.stringify(text));
        assert.equal(ruleProblem(text, 'deny') === undefined, isBlock || isWord(text), JSON.stringify(text));
        if (found === undefined) return;
        const [naive] = naiveBlocks(text);
        assert.equal(found.family, naive?.family);
        assert.equal(bitsOf(found.value, lengths[found.family]).slice(0, found.prefix), naive?.prefix);
      },
    ),
    'a block contains what net.BlockList says': fc.asyncProperty(
      fc.tuple(anyAddress, fc.nat({ max: 128 }), fc.nat({ max: 127 }), fc.boolean()),
      async ([bits, size, at, isNear]) => {
        const { length } = bits;
        const other = isNear ? flip(bits, at % length) : bits;
        // Node.js takes an IPv4-mapped address for what it is in a list of IPv4 blocks only.
        if (addressOf(bits).family !== addressOf(other).family || length !== lengths[addressOf(bits).family])
          return;
        const family = length === 32 ? 'ipv4' : 'ipv6';
        const list = new BlockList();
        list.addSubnet(write(bits), size % (length + 1), family);
        const found = parseBlock(`${write(bits)}/${size % (length + 1)}`);
        const address = parseAddress(write(other));
        assert.ok(found !== undefined && address !== undefined);
        assert.equal(blockContains(found, address), list.check(write(other), family));
      },
    ),
    'an address is what the longest special block says that it lies in': fc.asyncProperty(
      anyAddress,
      async (bits) => {
        const { family, bits: own } = addressOf(bits);
        const kinds = ['local', 'private', 'reserved', 'public'] as const;
        const around = kinds
          .flatMap((kind) => specialBlocks(kind).map((each) => ({ kind, ...each })))
          .filter((each) => each.family === family)
          .filter(({ value, prefix }) => own.startsWith(bitsOf(value, lengths[family]).slice(0, prefix)));
        const longest = Math.max(...around.map(({ prefix }) => prefix));
        const wanted = around.filter(({ prefix }) => prefix === longest).map(({ kind }) => kind);
        const found = specialBlockOf({ family, value: BigInt(`0b${own}`) })?.kind ?? 'public';
        assert.ok(wanted.includes(found) || wanted.length === 0, `${write(bits)}: ${found}`);
      },
    ),
    'the filter decides as its description says': fc.asyncProperty(decision, async ([bits, rules]) => {
      assert.equal(
        permits(rules, write(bits)),
        naivePermits(rules, bits),
        `${write(bits)} ${JSON.stringify(rules)}`,
      );
    }),
    'an address that is denied by itself is refused, whatever is allowed': fc.asyncProperty(
      decision,
      async ([bits, { allow, deny }]) => {
        const own = `${write(bits)}/${bits.length}`;
        assert.ok(!permits({ allow: [...allow, own], deny: [...deny, own] }, write(bits)));
      },
    ),
    'denying more permits nothing, and allowing more refuses nothing': fc.asyncProperty(
      decision,
      fc.constantFrom(...words.allow),
      fc.oneof(block, fc.constantFrom(...words.deny)),
      async ([bits, rules], word, rule) => {
        const { allow, deny } = rules;
        const before = permits(rules, write(bits));
        if (!before) assert.ok(!permits({ allow, deny: [...deny, rule] }, write(bits)));
        else assert.ok(permits({ allow: [...allow, word], deny }, write(bits)));
      },
    ),
    'an address within another one is no way around': fc.asyncProperty(
      ipv4.chain((bits) => fc.tuple(fc.constant(bits), rulesAbout(bits))),
      fc.constantFrom('::ffff:', '0:0:0:0:0:ffff:', '::FFFF:'),
      async ([bits, { allow, deny }], mapped) => {
        const text = formatIPv4(bits);
        assert.equal(permits({ allow, deny }, `${mapped}${text}`), permits({ allow, deny }, text));
        const open = { allow: ['public'], deny };
        const hex = groupsOf('0'.repeat(96) + bits).slice(6);
        for (const carrier of [`64:ff9b::${text}`, `2002:${hex.join(':')}::1`, `::ffff:0:${text}`]) {
          if (!permits(open, text)) assert.ok(!permits(open, carrier), carrier);
        }
      },
    ),
    'whatever text an address comes as, the filter gives an answer': fc.asyncProperty(
      nearly,
      decision,
      async (text, [, rules]) => {
        const isPermitted = permits(rules, text);
        if (isIP(text) === 0) assert.ok(!isPermitted, JSON.stringify(text));
      },
    ),
  },
};

function isWord(text: string): boolean {
  return ['private', 'local', 'unix', 'unix-abstract'].includes(text);
}
