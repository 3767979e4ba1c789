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

/** The neutral request, or undefined where its host, or its target, is no valid one. `isUpgrade`: it asks for a WebSocket. */
export function toRequestState(
  message: IncomingMessage,
  body: SourceState | undefined,
  isUpgrade: boolean,
): RequestState | undefined {
  const url = requestUrl(message.headers.host ?? '', message.url ?? '/');
  const headers = headerText(message);
  if (url === undefined || headers === undefined) return undefined;
  const length = Number(message.headers['content-length'] ?? -1);
  const state = body === undefined ? undefined : neutral.streamBody(body, length);
  const all = isUpgrade ? `${headers}upgrade\nwebsocket\n` : headers;
  return neutral.request(message.method ?? 'GET', url, all, state, '');
}

/** Whether a body follows the headers. https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length */
export function hasBody(message: IncomingMessage): boolean {
  const length = message.headers['content-length'];
  return message.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** The header list in crossing form, without what belongs to the connection; undefined where there are several Host headers. */
function headerText(message: IncomingMessage): string | undefined {
  const raw = message.rawHeaders;
  const { connection } = message.headers;
  const named = connection === undefined || connection === 'keep-alive' ? '' : connection.toLowerCase();
  let text = '';
  let hasHost = false;
  let cookie = '';
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const value = raw[i + 1] as string;
    if (hopByHop.has(name) || (named !== '' && listHas(named, name))) continue;
    if (name === 'host' && hasHost) return undefined;
    if (name === 'host') hasHost = true;
    // A list of cookies has a separator of its own. https://www.rfc-editor.org/rfc/rfc9113#name-compressing-the-cookie-head
    if (name === 'cookie') cookie = cookie === '' ? value : `${cookie}; ${value}`;
    else text += `${name}\n${value}\n`;
  }
  return cookie === '' ? text : `${text}cookie\n${cookie}\n`;
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
  if (target.startsWith('/')) return hrefOf(URL.parse(origin + target));
  const absolute = URL.parse(target); // https://www.rfc-editor.org/rfc/rfc9112#name-absolute-form
  return absolute?.protocol === 'http:' || absolute?.protocol === 'https:' ? hrefOf(absolute) : undefined;
}

/** Without the fragment, which has no place in a request. */
function hrefOf(url: URL | null): string | undefined {
  if (url !== null) url.hash = '';
  return url?.href;
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
