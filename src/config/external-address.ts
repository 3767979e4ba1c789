/** Addresses of servers that services stand for, as people write them. Pure functions; runs in the supervisor. */
import { isIPv4, isIPv6 } from 'node:net';
import { resolve as resolvePath } from 'node:path';
import type { ExternalAddress } from './types.ts';

export type ExternalProtocol = 'http' | 'https' | 'tcp';

/** An address with its protocol, or what would be one. */
export type ParsedExternal =
  | { readonly protocol: ExternalProtocol; readonly address: ExternalAddress }
  | { readonly expected: string; readonly advice?: string };

const defaultPorts: Readonly<Record<ExternalProtocol, number | undefined>> = {
  http: 80,
  https: 443,
  tcp: undefined,
};

const expected = 'an address such as "http://10.0.0.5:8080", "https://example.com" or "unix:/run/app.sock"';

/** What the systems that have Unix sockets take, without the zero byte around it. */
const longestPath = 107;

/** Reads `https://host:port`, `tcp://host:port`, `host:port`, `unix:/path` and `unix-abstract:name`. */
export function parseExternalAddress(
  text: string,
  protocol: ExternalProtocol | undefined,
  baseDir: string,
): ParsedExternal {
  const [, kind, rest = ''] = /^(unix|unix-abstract):([^]*)$/u.exec(text) ?? [];
  if (kind !== undefined) return parseUnix(kind === 'unix', rest, protocol ?? 'http', baseDir);
  const [, scheme, server = ''] = /^([a-z]+):\/\/(.*)$/u.exec(text) ?? [undefined, undefined, text];
  if (scheme === undefined) return parseServer(server, protocol ?? 'http');
  if (scheme !== 'http' && scheme !== 'https' && scheme !== 'tcp') return { expected };
  if (protocol !== undefined && protocol !== scheme)
    return { expected: `an address of the protocol ${protocol}`, advice: 'leave one of the two out' };
  return parseServer(server.replace(/\/$/u, ''), scheme);
}

function parseUnix(
  hasPath: boolean,
  name: string,
  protocol: ExternalProtocol,
  baseDir: string,
): ParsedExternal {
  const path = hasPath ? resolvePath(baseDir, name) : name;
  if (name === '' || path.includes('\0')) return { expected };
  if (Buffer.byteLength(path) > longestPath)
    return { expected: `the path of a Unix socket, which has at most ${longestPath} bytes` };
  const address = hasPath ? { kind: 'unix' as const, path } : { kind: 'unix-abstract' as const, name };
  return { protocol, address };
}

function parseServer(text: string, protocol: ExternalProtocol): ParsedExternal {
  const bare = isIPv6(text) ? `[${text}]` : text;
  const [, host = '', port] = /^(\[[0-9a-fA-F:.]+\]|[^[\]:/?#@\s]+)(?::(\d{1,5}))?$/u.exec(bare) ?? [];
  const number = port === undefined ? defaultPorts[protocol] : Number(port);
  if (number === undefined) return { expected: `${expected}, with a port` };
  const name = host.startsWith('[') ? host.slice(1, -1) : host;
  if (!isHost(name) || number < 1 || number > 65_535) return { expected };
  return { protocol, address: { kind: 'tcp', host: name.toLowerCase(), port: number } };
}

function isHost(host: string): boolean {
  if (isIPv4(host) || isIPv6(host)) return true;
  if (/^[\d.]*$/u.test(host) || host.length > 253) return false;
  return /^(?:(?!-)[A-Za-z0-9_-]{1,63}(?<!-)\.)*(?!-)[A-Za-z0-9_-]{1,63}(?<!-)\.?$/u.test(host);
}
