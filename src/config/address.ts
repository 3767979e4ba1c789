/** Addresses that sockets listen on, as people write them. Pure functions; runs in the supervisor. */
import { isIPv4, isIPv6 } from 'node:net';
import type { SocketAddress, TcpAddress } from './types.ts';

/** An address, why there is none, or what kind of address a later version reads. */
export type ParsedAddress =
  { readonly address: SocketAddress } | { readonly reason: string } | { readonly later: string };

const loopback = '127.0.0.1';
const hostLabel = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/u;

/**
 * Reads `127.0.0.1:8787`, `[::1]:8787`, `localhost:8787`, `*:8787`, and a port alone (a number or a string of digits), which means
 * 127.0.0.1 so that nobody opens a port to the world by brevity. Port 0 is allowed.
 */
export function parseAddress(written: string | number): ParsedAddress {
  const text = String(written);
  if (/^-?\d+$/u.test(text)) return withPort(loopback, text);
  if (/^unix(?:-abstract)?:/u.test(text)) return { later: 'a Unix socket' };
  if (/^[a-z][a-z+.-]*:\/\//iu.test(text)) return { reason: 'an address has no scheme' };
  const colon = text.lastIndexOf(':');
  if (colon === -1 || text.endsWith(']')) return { reason: 'the port is missing' };
  const host = parseHost(text.slice(0, colon));
  return 'reason' in host ? host : withPort(host.host, text.slice(colon + 1));
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

/** `127.0.0.1:8787`, `[::1]:8787`. */
export function formatAddress({ host, port }: TcpAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

const severalHosts: ReadonlyMap<string, readonly string[]> = new Map([
  ['*', ['0.0.0.0', '::']],
  ['localhost', [loopback, '::1']],
]);

/**
 * Keys of which two addresses share one when they cannot both be listened on; none for port 0. Sharing a port does not fail by itself,
 * because the threads of a group listen with `reusePort`, so it is refused here.
 */
export function addressKeys({ host, port }: TcpAddress): readonly string[] {
  if (port === 0) return [];
  const hosts = severalHosts.get(host) ?? [canonicalHost(host)];
  return hosts.map((one) => formatAddress({ kind: 'tcp', host: one, port }));
}

function canonicalHost(host: string): string {
  if (!isIPv6(host) || host.includes('%')) return host;
  return new URL(`http://[${host}]`).hostname.slice(1, -1);
}
