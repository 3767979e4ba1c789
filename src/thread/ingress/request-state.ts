/** A request from the wire as neutral state. */

import type { IncomingMessage } from 'node:http';
import { neutral } from '../../realm/neutral.ts';
import type { RequestState, SourceState } from '../../realm/prelude/state.ts';

/** Headers that belong to the connection. https://www.rfc-editor.org/rfc/rfc9110#name-connection */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a header belongs to the connection and goes no further. `name` in lower case. */
export function isHopByHop(name: string): boolean {
  return hopByHop.has(name);
}

/** The neutral request, or undefined where host or target make no valid URL. */
export function toRequestState(
  message: IncomingMessage,
  body: SourceState | undefined,
): RequestState | undefined {
  const url = requestUrl(message.headers.host ?? '', message.url ?? '/');
  if (url === undefined) return undefined;
  const length = Number(message.headers['content-length'] ?? -1);
  const state = body === undefined ? undefined : neutral.streamBody(body, length);
  return neutral.request(message.method ?? 'GET', url, headerText(message), state, '');
}

/** Whether a body follows the headers. https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length */
export function hasBody(message: IncomingMessage): boolean {
  const length = message.headers['content-length'];
  return message.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** The header list in crossing form, without what belongs to the connection. */
function headerText(message: IncomingMessage): string {
  const raw = message.rawHeaders;
  const { connection } = message.headers;
  const named = connection === undefined || connection === 'keep-alive' ? '' : connection.toLowerCase();
  let text = '';
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    if (hopByHop.has(name) || (named !== '' && listHas(named, name))) continue;
    text += `${name}\n${raw[i + 1] as string}\n`;
  }
  return text;
}

/** Whether a comma-separated list in lower case has the name in it. */
export function listHas(list: string, name: string): boolean {
  return list.split(',').some((item) => item.trim() === name);
}

/** Hosts that were seen lately, with the origin they make; undefined for one that makes none. */
const origins = new Map<string, string | undefined>();
const originLimit = 1000;

/** Characters that a URL parser leaves alone in paths and queries; anything else takes the parser. */
const plainTarget = /^\/[\w\-.~!$&()*+,;=:@/?%]*$/;

function requestUrl(host: string, target: string): string | undefined {
  const origin = originOf(host);
  if (origin === undefined) return undefined;
  if (plainTarget.test(target) && !target.includes('/.') && !target.includes('%2')) return origin + target;
  if (target === '*') return `${origin}/*`;
  if (target.startsWith('/')) return URL.parse(origin + target)?.href;
  const absolute = URL.parse(target); // https://www.rfc-editor.org/rfc/rfc9112#name-absolute-form
  return absolute?.protocol === 'http:' || absolute?.protocol === 'https:' ? absolute.href : undefined;
}

function originOf(host: string): string | undefined {
  const known = origins.get(host);
  if (known !== undefined || origins.has(host)) return known;
  const parsed = URL.parse(`http://${host === '' ? 'localhost' : host}/`);
  const valid = parsed !== null && parsed.pathname === '/' && parsed.username === '' && parsed.search === '';
  const origin = valid && parsed.hash === '' ? parsed.origin : undefined;
  if (origins.size >= originLimit) origins.clear();
  origins.set(host, origin);
  return origin;
}
