import t from 'tap';
import { addressKeys, formatAddress, parseAddress } from '../../src/config/address.ts';

t.test('addresses that people write', (t) => {
  const cases: readonly [string | number, string, number][] = [
    ['*:80', '*', 80],
    ['127.0.0.1:8787', '127.0.0.1', 8787],
    ['0.0.0.0:1', '0.0.0.0', 1],
    ['[::1]:80', '::1', 80],
    ['[FE80::1%eth0]:80', 'fe80::1%eth0', 80],
    ['localhost:8787', 'localhost', 8787],
    ['Example.COM:443', 'example.com', 443],
    ['my_host-1:443', 'my_host-1', 443],
    [8787, '127.0.0.1', 8787],
    ['8787', '127.0.0.1', 8787],
    [0, '127.0.0.1', 0],
    ['*:0', '*', 0],
    ['*:65535', '*', 65535],
  ];
  for (const [written, host, port] of cases) {
    t.strictSame(parseAddress(written), { address: { kind: 'tcp', host, port } }, String(written));
  }
  t.end();
});

t.test('addresses that are none, and why', (t) => {
  const port = 'a port is a whole number from 0 to 65535';
  const name = 'the host is neither an IP address nor a host name';
  const cases: readonly [string | number, string][] = [
    ['localhost', 'the port is missing'],
    ['', 'the port is missing'],
    ['[::1]', 'the port is missing'],
    [':80', 'the host is missing'],
    ['*:', port],
    ['*:http', port],
    ['*:65536', port],
    ['*: 80', port],
    ['*:+80', port],
    ['*:1e3', port],
    ['*:000080', port],
    [-1, port],
    ['-1', port],
    [65536, port],
    ['::1:80', 'an IPv6 address stands in brackets, and the port follows'],
    ['[127.0.0.1]:80', 'there is no IPv6 address in the brackets'],
    ['[]:80', 'there is no IPv6 address in the brackets'],
    ['256.0.0.1:80', 'the host is not an IPv4 address'],
    ['127.1:80', 'the host is not an IPv4 address'],
    ['http://localhost:80', 'an address has no scheme'],
    ['a b:80', name],
    ['-a:80', name],
    ['a..b:80', name],
    [`${'a'.repeat(64)}:80`, name],
    ['a/b:80', name],
    ['user@host:80', name],
  ];
  for (const [written, reason] of cases) {
    t.strictSame(parseAddress(written), { reason }, String(written));
  }
  t.end();
});

t.test('addresses are written as they are read', (t) => {
  for (const text of ['*:80', '127.0.0.1:8787', '[::1]:80', 'localhost:0']) {
    const parsed = parseAddress(text);
    t.equal('address' in parsed ? formatAddress(parsed.address) : undefined, text);
  }
  t.end();
});

t.test('keys meet where the addresses do', (t) => {
  const meet = (one: string, other: string, port = 80): boolean => {
    const [first, second] = [one, other].map((host) => addressKeys({ kind: 'tcp', host, port }));
    const meets = first?.meets.some((key) => second?.takes.includes(key)) ?? false;
    t.equal(second?.meets.some((key) => first?.takes.includes(key)) ?? false, meets, 'in either order');
    return meets;
  };
  for (const host of ['*', '0.0.0.0', '127.0.0.1', 'localhost', '::'])
    t.ok(meet('*', host) && meet(host, host), host);
  t.ok(meet('*', '127.0.0.2'), 'every interface, and one of them');
  t.ok(meet('::', '10.0.0.1'), 'the every of IPv6 is that of IPv4 too');
  t.ok(meet('localhost', '127.0.0.1') && meet('localhost', '::1') && meet('localhost', '0.0.0.0'));
  t.ok(meet('0:0:0:0:0:0:0:1', '::1') && meet('fe80::1%eth0', 'fe80::1%eth0'));
  t.notOk(meet('127.0.0.1', '127.0.0.2') || meet('127.0.0.1', '::1') || meet('0.0.0.0', '::1'));
  t.notOk(meet('*', 'example.com'), 'nobody knows yet');
  t.notOk(meet('*', '*', 0), 'port 0 meets nothing');
  t.end();
});
