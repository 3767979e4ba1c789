/** Addresses that sockets listen on, as people write them. Pure functions; runs in the supervisor. */
import { isIPv4, isIPv6 } from 'node:net';
import type { SocketAddress, TcpAddress } from './types.ts';

/** An address, or why there is none. */
export type ParsedAddress = { readonly address: SocketAddress } | { readonly reason: string };

const loopback = '127.0.0.1';
const hostLabel = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/u;

/** Longest name of a Unix socket, in bytes: `sun_path` has 108 on Linux and 104 on macOS, one of them for what ends or begins it. */
const longestUnixName = 103;

/**
 * Reads `127.0.0.1:8787`, `[::1]:8787`, `localhost:8787`, `*:8787`, and a port alone (a number or a string of digits), which means
 * 127.0.0.1 so that nobody opens a port to the world by brevity; port 0 is allowed. Also `unix:path` (the path as it is written),
 * `unix-abstract:name`, `fd:3` and `systemd:name`.
 */
export function parseAddress(written: string | number): ParsedAddress {
  const text = String(written);
  if (/^-?\d+$/u.test(text)) return withPort(loopback, text);
  const special = /^(?<kind>unix|unix-abstract|fd|systemd):(?<rest>.*)$/su.exec(text)?.groups;
  if (special !== undefined) return parseSpecial(special['kind'] ?? '', special['rest'] ?? '');
  if (/^[a-z][a-z+.-]*:\/\//iu.test(text)) return { reason: 'an address has no scheme' };
  const colon = text.lastIndexOf(':');
  if (colon === -1 || text.endsWith(']')) return { reason: 'the port is missing' };
  const host = parseHost(text.slice(0, colon));
  return 'reason' in host ? host : withPort(host.host, text.slice(colon + 1));
}

function parseSpecial(kind: string, rest: string): ParsedAddress {
  switch (kind) {
    case 'unix': {
      const reason = unixProblem(rest, 'path');
      return reason === undefined ? { address: { kind, path: rest } } : { reason };
    }
    case 'unix-abstract': {
      const reason = unixProblem(rest, 'name');
      return reason === undefined ? { address: { kind, name: rest } } : { reason };
    }
    case 'fd': {
      const fd = /^\d{1,7}$/u.test(rest) ? Number(rest) : -1;
      return fd >= 3
        ? { address: { kind, fd } }
        : { reason: 'a descriptor to listen on is a whole number from 3' };
    }
    default:
      return /^[\x21-\x39\x3b-\x7e]{1,255}$/u.test(rest)
        ? { address: { kind: 'systemd', name: rest } }
        : { reason: 'the name of a descriptor is 1 to 255 ASCII characters without spaces and colons' };
  }
}

/** What is wrong with the path, or the name, of a Unix socket. */
export function unixProblem(text: string, what: 'path' | 'name'): string | undefined {
  if (text === '') return `the ${what} is missing`;
  if (text.includes('\0')) return `the ${what} has a null character in it`;
  if (Buffer.byteLength(text) > longestUnixName)
    return `the ${what} is longer than ${longestUnixName} bytes, more than systems take`;
  return undefined;
}

function parseHost(text: string): { host: string } | { reason: string } {
  if (text === '') return { reason: 'the host is missing' };
  if (text === '*' || isIPv4(text)) return { host: text };
  const bracketed = /^\[(?<host>.*)\]$/u.exec(text)?.groups?.['host'];
  if (bracketed !== undefined) {
    return isIPv6(bracketed)
      ? { host: bracketed.toLowerCase() }
      : { reason: 'there is no IPv6 address in the brackets' };
  }
  if (text.includes(':')) return { reason: 'an IPv6 address stands in brackets, and the port follows' };
  if (/^[\d.]+$/u.test(text)) return { reason: 'the host is not an IPv4 address' };
  if (text.length > 253 || !text.split('.').every((label) => hostLabel.test(label))) {
    return { reason: 'the host is neither an IP address nor a host name' };
  }
  return { host: text.toLowerCase() };
}

function withPort(host: string, text: string): ParsedAddress {
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : Infinity;
  if (port > 65_535) return { reason: 'a port is a whole number from 0 to 65535' };
  return { address: { kind: 'tcp', host, port } };
}

/** As `parseAddress` reads it: `127.0.0.1:8787`, `[::1]:8787`, `unix:/run/x.sock`. */
export function formatAddress(address: SocketAddress): string {
  switch (address.kind) {
    case 'tcp':
      return address.host.includes(':')
        ? `[${address.host}]:${address.port}`
        : `${address.host}:${address.port}`;
    case 'unix':
      return `unix:${address.path}`;
    case 'unix-abstract':
    case 'systemd':
      return `${address.kind}:${address.name}`;
    case 'fd':
      return `fd:${address.fd}`;
  }
}

const everyIPv4 = '0.0.0.0';
const everyIPv6 = '::';

/** `::` takes the port for IPv4 as well. */
const severalHosts: ReadonlyMap<string, readonly string[]> = new Map([
  ['*', [everyIPv4, everyIPv6]],
  [everyIPv6, [everyIPv4, everyIPv6]],
  ['localhost', [loopback, '::1']],
]);

/** What an address takes, and what must not be taken already. */
export interface AddressKeys {
  readonly takes: readonly string[];
  readonly meets: readonly string[];
}

/**
 * Two addresses cannot both be listened on when one meets what the other takes; port 0 takes and meets nothing. Sharing a port does not
 * fail by itself, because the threads of a group listen with `reusePort`, so it is refused here.
 */
export function addressKeys(address: SocketAddress): AddressKeys {
  if (address.kind === 'tcp') return tcpKeys(address);
  const key = formatAddress(address);
  return { takes: [key], meets: [key] };
}

function tcpKeys({ host, port }: TcpAddress): AddressKeys {
  if (port === 0) return { takes: [], meets: [] };
  const one = canonicalHost(host);
  const hosts = severalHosts.get(one) ?? [one];
  return {
    takes: hosts.flatMap((each) => [keyOf(each, port), `${familyOf(each)}:${port}`]),
    meets: hosts.flatMap((each) => [keyOf(each, port), keyOfOthers(each, port)]),
  };
}

function keyOf(host: string, port: number): string {
  return formatAddress({ kind: 'tcp', host, port });
}

/** The key of what else excludes a host: for every interface any address of its family, and for an address every interface. */
function keyOfOthers(host: string, port: number): string {
  const family = familyOf(host);
  const every = everyOf[family];
  return every === host || every === undefined ? `${family}:${port}` : keyOf(every, port);
}

const everyOf: Readonly<Record<string, string>> = { IPv4: everyIPv4, IPv6: everyIPv6 };

/** Nobody knows the family of a name before it is resolved: it has one of its own. */
function familyOf(host: string): string {
  return isIPv6(host) ? 'IPv6' : isIPv4(host) ? 'IPv4' : `name ${host}`;
}

function canonicalHost(host: string): string {
  if (!isIPv6(host) || host.includes('%')) return host;
  return new URL(`http://[${host}]`).hostname.slice(1, -1);
}
