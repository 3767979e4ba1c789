import { BlockList } from 'node:net';
import t from 'tap';
import { makeAddressFilter } from '../../src/shared/addresses/address-filter.ts';
import {
  blockContains,
  embeddedAddresses,
  parseAddress,
  parseBlock,
} from '../../src/shared/addresses/ip-address.ts';
import type { NanodError } from '../../src/shared/errors.ts';

const publicOnly = makeAddressFilter({ allow: ['public'], deny: [] });

/** The first and last addresses of blocks that `public` leaves out, and their neighbours that it does not. */
const refused: readonly string[] = [
  ...['0.0.0.0', '0.0.0.1', '0.255.255.255', '10.0.0.0', '10.255.255.255', '100.64.0.0', '100.127.255.255'],
  ...['100.100.100.200', '127.0.0.0', '127.0.0.1', '127.255.255.255', '168.63.129.16'],
  ...['169.254.0.0', '169.254.169.254', '169.254.255.255', '172.16.0.0', '172.31.255.255'],
  ...[
    '192.0.0.0',
    '192.0.0.192',
    '192.0.0.255',
    '192.0.2.0',
    '192.0.2.255',
    '192.88.99.1',
    '192.168.0.0',
    '192.168.255.255',
  ],
  ...['198.18.0.0', '198.19.255.255', '198.51.100.1', '203.0.113.255'],
  ...['224.0.0.0', '239.255.255.255', '240.0.0.0', '255.255.255.254', '255.255.255.255'],
  ...[
    '::',
    '::1',
    '::2',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::FFFF:10.0.0.1',
    '::ffff:169.254.169.254',
  ],
  ...[
    '::ffff:0:127.0.0.1',
    '::ffff:0:8.8.8.8',
    '64:ff9b::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::10.1.2.3',
  ],
  ...[
    '64:ff9b:1::8.8.8.8',
    '64:ff9b:1:ffff:ffff::',
    '100::',
    '100::ffff',
    '1fff:ffff::',
    '4000::',
    '5f00::1',
  ],
  ...[
    '2001::',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '2001:2::1',
    '2001:10::',
    '2001:1ff:ffff::',
    '2001:db8::',
    '2001:db8:ffff::',
  ],
  ...[
    '2002::',
    '2002:7f00:1::',
    '2002:808:808::1',
    '3fff::',
    '3fff:fff:ffff::',
    'fc00::',
    'fd00:ec2::254',
    'fdff:ffff::',
  ],
  ...['fe80::1', 'fe80::1%eth0', 'febf:ffff::', 'fec0::1', 'feff:ffff::', 'ff00::', 'ff02::1', 'ffff:ffff::'],
];

const permitted: readonly string[] = [
  ...[
    '1.0.0.0',
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
  ],
  ...[
    '128.0.0.0',
    '168.63.129.15',
    '168.63.129.17',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
  ],
  ...[
    '191.255.255.255',
    '192.0.1.0',
    '192.0.3.0',
    '192.88.98.255',
    '192.88.100.0',
    '192.167.255.255',
    '192.169.0.0',
  ],
  ...[
    '198.17.255.255',
    '198.20.0.0',
    '198.51.99.255',
    '198.51.101.0',
    '203.0.112.255',
    '203.0.114.0',
    '223.255.255.255',
  ],
  ...[
    '::ffff:8.8.8.8',
    '::ffff:808:808',
    '64:ff9b::8.8.8.8',
    '2000::',
    '2001:200::',
    '2001:4860:4860::8888',
    '2001:db7:ffff::',
  ],
  ...['2001:db9::', '2003::', '2606:4700::1111', '2a00:1450::1', '3ffe:ffff::', '3fff:1000::'],
];

t.test('public leaves out every special address and nothing else', async (t) => {
  for (const address of refused) t.type(publicOnly.refusal(address), 'string', `${address} is refused`);
  for (const address of permitted) t.equal(publicOnly.refusal(address), undefined, `${address} is permitted`);
});

t.test('what is no address is refused, whatever the rules', async (t) => {
  const everything = makeAddressFilter({ allow: ['0.0.0.0/0', '::/0', 'public', 'private'], deny: [] });
  const texts = [
    '',
    'localhost',
    '127.1',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '2130706433',
    '1.2.3.4.',
    '1.2.3',
    '1.2.3.256',
    '[::1]',
    '::g',
    '%',
  ];
  for (const text of texts) t.equal(everything.refusal(text), 'no address at all', JSON.stringify(text));
});

t.test('a refusal says what the address is', async (t) => {
  t.equal(publicOnly.refusal('127.0.0.1'), 'a loopback address');
  t.equal(publicOnly.refusal('::ffff:169.254.169.254'), 'a link-local address');
  t.equal(publicOnly.refusal('64:ff9b::10.0.0.1'), 'a private address');
  t.equal(publicOnly.refusal('2002:7f00:1::'), 'a 6to4 address');
  t.equal(
    makeAddressFilter({ allow: ['8.8.0.0/16'], deny: [] }).refusal('1.1.1.1'),
    'an address that is not allowed',
  );
  t.equal(
    makeAddressFilter({ allow: ['public'], deny: ['1.0.0.0/8'] }).refusal('1.1.1.1'),
    'an address that is denied',
  );
});

interface Case {
  readonly allow: readonly string[];
  readonly deny?: readonly string[];
  readonly yes: readonly string[];
  readonly no: readonly string[];
}

const cases: readonly Case[] = [
  { allow: [], yes: [], no: ['8.8.8.8', '127.0.0.1', '::1'] },
  {
    allow: ['local'],
    yes: ['127.0.0.1', '127.9.9.9', '0.0.0.0', '::1', '::'],
    no: ['10.0.0.1', '8.8.8.8', '0.0.0.1', 'fe80::1'],
  },
  {
    allow: ['private'],
    yes: [
      '127.0.0.1',
      '::1',
      '10.0.0.1',
      '169.254.169.254',
      '100.64.0.1',
      'fd00::1',
      'fe80::1%eth0',
      '::ffff:10.0.0.1',
    ],
    no: ['8.8.8.8', '240.0.0.1', '2606:4700::1', '64:ff9b::10.0.0.1'],
  },
  {
    allow: ['public', 'private'],
    yes: ['8.8.8.8', '10.0.0.1', '127.0.0.1', '::1'],
    no: ['240.0.0.1', '224.0.0.1', '192.0.2.1'],
  },
  {
    allow: ['network'],
    yes: ['8.8.8.8', '10.0.0.1', 'fd00::1', '2606:4700::1', '64:ff9b::10.0.0.1'],
    no: ['127.0.0.1', '::1', '0.0.0.0', '240.0.0.1', '64:ff9b::127.0.0.1'],
  },
  {
    allow: ['public'],
    deny: ['1.0.0.0/8'],
    yes: ['8.8.8.8'],
    no: ['1.1.1.1', '::ffff:1.1.1.1', '64:ff9b::1.1.1.1'],
  },
  { allow: ['public', '1.1.1.0/24'], deny: ['1.0.0.0/8'], yes: ['1.1.1.1'], no: ['1.1.2.1'] },
  { allow: ['1.1.1.0/24'], deny: ['1.1.1.0/24'], yes: [], no: ['1.1.1.1'] },
  { allow: ['private'], deny: ['10.0.0.0/8'], yes: ['192.168.0.1', '127.0.0.1'], no: ['10.0.0.1'] },
  {
    allow: ['10.1.0.0/16', 'public'],
    deny: ['private'],
    yes: ['10.1.0.1', '8.8.8.8'],
    no: ['10.2.0.1', '127.0.0.1'],
  },
  { allow: ['private'], deny: ['local'], yes: ['10.0.0.1'], no: ['127.0.0.1', '::1'] },
  { allow: ['private'], deny: ['private'], yes: [], no: ['10.0.0.1', '127.0.0.1'] },
  { allow: ['network'], deny: ['private'], yes: ['8.8.8.8'], no: ['10.0.0.1', '64:ff9b::10.0.0.1'] },
  { allow: ['127.0.0.1/32'], deny: ['local'], yes: ['127.0.0.1'], no: ['127.0.0.2', '::1'] },
  {
    allow: ['0.0.0.0/0'],
    yes: ['8.8.8.8', '10.0.0.1', '127.0.0.1', '::ffff:8.8.8.8'],
    no: ['240.0.0.1', '224.0.0.1', '::1'],
  },
  {
    allow: ['::/0'],
    yes: ['2606:4700::1', '::1', 'fd00::1'],
    no: ['8.8.8.8', '::ffff:8.8.8.8', 'ff02::1', '2001:db8::1'],
  },
  {
    allow: ['192.0.2.0/24', '2001:db8::/32'],
    yes: ['192.0.2.1', '2001:db8::1'],
    no: ['192.0.3.1', '198.51.100.1'],
  },
  { allow: ['::ffff:10.0.0.0/104'], yes: ['10.9.9.9', '::ffff:10.0.0.1'], no: ['11.0.0.1'] },
  { allow: ['10.20.30.40/8'], yes: ['10.0.0.1'], no: ['11.0.0.1'] },
  { allow: ['2002::/16'], deny: ['10.0.0.0/8'], yes: ['2002:808:808::1'], no: ['2002:a00:1::1'] },
  {
    allow: ['2001::/32'],
    deny: ['127.0.0.0/8'],
    yes: ['2001:0:808:808::f7f7:f7f7'],
    no: ['2001:0:808:808::80ff:fffe', '2001:0:7f00:1::f7f7:f7f7'],
  },
  {
    allow: ['64:ff9b::a00:1/128'],
    deny: ['10.0.0.0/8'],
    yes: ['64:ff9b::10.0.0.1'],
    no: ['64:ff9b::10.0.0.2', '10.0.0.1'],
  },
];

t.test('the most specific rule wins, and a tie denies', async (t) => {
  for (const { allow, deny = [], yes, no } of cases) {
    const filter = makeAddressFilter({ allow, deny });
    const rules = `allow ${allow.join(' ')}; deny ${deny.join(' ')}`;
    for (const address of yes)
      t.equal(filter.refusal(address), undefined, `${rules}: ${address} is permitted`);
    for (const address of no) t.type(filter.refusal(address), 'string', `${rules}: ${address} is refused`);
  }
});

t.test('a rule that is none is an error that says where it stands', async (t) => {
  const wrong = [
    '10.0.0.0/33',
    '::/129',
    '10.0.0/8',
    '10.0.0.0/',
    '/8',
    '10.0.0.0/8 ',
    '10.0.0.0/-1',
    'fe80::1%eth0/64',
    'Public',
    'internet',
    '1.2.3.4',
  ];
  for (const rule of wrong) {
    t.throws(
      () => makeAddressFilter({ allow: ['public', rule], deny: [] }),
      { code: 'CONFIG_VALUE', place: { path: 'allow[1]' } },
      rule,
    );
  }
  t.throws(() => makeAddressFilter({ allow: [], deny: ['public'] }), {
    code: 'CONFIG_VALUE',
    hint: /allow "private" instead/u,
  });
  t.throws(() => makeAddressFilter({ allow: [], deny: ['network'] }), {
    code: 'CONFIG_VALUE',
    hint: /allow "local" instead/u,
  });
  t.throws(() => makeAddressFilter({ allow: ['public'], deny: ['10.0.0.0/8', 'unix:/run/x.sock'] }), {
    code: 'CONFIG_VALUE',
    place: { path: 'deny[1]' },
  });
  try {
    makeAddressFilter({ allow: ['fd00::1'], deny: [] });
  } catch (error) {
    t.match((error as NanodError).hint, 'write "fd00::1/128"');
  }
});

t.test('Unix sockets are permitted by their own words alone', async (t) => {
  const [path, abstract] = ['unix:/run/x.sock', 'unix-abstract:x'];
  const decide = (allow: readonly string[], deny: readonly string[] = []): boolean[] => {
    const filter = makeAddressFilter({ allow, deny });
    return [path, abstract].map((address) => filter.refusal(address) === undefined);
  };
  t.strictSame(decide(['public', 'private', 'local', 'network', '0.0.0.0/0', '::/0']), [false, false]);
  t.strictSame(decide(['unix']), [true, false]);
  t.strictSame(decide(['unix-abstract']), [false, true]);
  t.strictSame(decide(['unix', 'unix-abstract']), [true, true]);
  t.strictSame(decide(['unix', 'unix-abstract'], ['unix']), [false, true]);
  t.strictSame(decide(['unix', 'unix-abstract'], ['unix-abstract']), [true, false]);
  t.strictSame(decide(['unix', 'unix-abstract'], ['local']), [false, false]);
  t.strictSame(decide(['unix', 'unix-abstract'], ['private']), [false, false]);
  t.strictSame(decide(['unix'], ['10.0.0.0/8']), [true, false]);
  t.equal(makeAddressFilter({ allow: ['public'], deny: [] }).refusal(path), 'a Unix socket');
  const onlyUnix = makeAddressFilter({ allow: ['unix'], deny: [] });
  for (const address of ['8.8.8.8', '127.0.0.1', 'unix', 'unix/run/x'])
    t.type(onlyUnix.refusal(address), 'string', address);
});

t.test('gateways are seen through', async (t) => {
  const embedded = (text: string): string[] => {
    const address = parseAddress(text);
    return address === undefined
      ? []
      : embeddedAddresses(address).map((found) => found.address.value.toString(16));
  };
  t.strictSame(embedded('64:ff9b::192.0.2.33'), ['c0000221']);
  t.strictSame(embedded('2002:c000:221::1'), ['c0000221']);
  t.strictSame(embedded('2001:0:4136:e378:8000:63bf:3fff:fdd2'), ['4136e378', 'c000022d']);
  t.strictSame(embedded('::ffff:0:192.0.2.33'), ['c0000221']);
  t.strictSame(embedded('2606:4700::1'), []);
  t.strictSame(embedded('192.0.2.33'), []);
});

/** Reproducible: the same numbers in every run. https://prng.di.unimi.it/splitmix64.c */
function random(seed: bigint): () => bigint {
  const mask = (1n << 64n) - 1n;
  let state = seed;
  return () => {
    state = (state + 0x9e3779b97f4a7c15n) & mask;
    let z = state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
    return z ^ (z >> 31n);
  };
}

function formatIPv6(value: bigint): string {
  return Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(
    ':',
  );
}

function formatIPv4(value: bigint): string {
  return Array.from({ length: 4 }, (_, i) => (value >> BigInt(24 - 8 * i)) & 0xffn).join('.');
}

t.test('blocks contain what net.BlockList says they contain', async (t) => {
  const next = random(42n);
  let disagreements = 0;
  for (let round = 0; round < 5000; round++) {
    const family = next() % 2n === 0n ? 'ipv4' : 'ipv6';
    const bits = family === 'ipv4' ? 32n : 128n;
    const start = ((next() << 64n) | next()) & ((1n << bits) - 1n);
    const prefix = Number(next() % (bits + 1n));
    const flipped = start ^ (1n << (next() % bits)); // an address that differs in one bit
    const format = family === 'ipv4' ? formatIPv4 : formatIPv6;
    const list = new BlockList();
    list.addSubnet(format(start), prefix, family);
    const block = parseBlock(`${format(start)}/${prefix}`);
    const address = parseAddress(format(flipped));
    const contains = block !== undefined && address !== undefined && blockContains(block, address);
    if (contains !== list.check(format(flipped), family)) disagreements++;
  }
  t.equal(disagreements, 0);
});

t.test('every spelling of an IPv6 address is the same address', async (t) => {
  const next = random(7n);
  let mistakes = 0;
  for (let round = 0; round < 5000; round++) {
    const groups = Array.from({ length: 8 }, () => (next() % 3n === 0n ? 0n : next() & 0xffffn));
    const value = groups.reduce((all, group) => (all << 16n) | group, 0n);
    const plain = formatIPv6(value);
    const short = new URL(`http://[${plain}]/`).hostname.slice(1, -1);
    const dotted = `${plain.split(':').slice(0, 6).join(':')}:${formatIPv4(value & 0xffffffffn)}`;
    for (const text of [plain, short, dotted, plain.toUpperCase(), `${short}%eth0`]) {
      if (parseAddress(text)?.value !== value) mistakes++;
    }
  }
  t.equal(mistakes, 0);
});
