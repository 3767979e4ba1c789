/** A request from the wire as neutral state. */

import type { IncomingMessage } from 'node:http';
import { neutral } from '../../realm/neutral.ts';
import type { RequestState, SourceState } from '../../realm/prelude/state.ts';
import type { Door } from './door.ts';
import { withHeader } from './http-rewriter.ts';

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
  { scheme, rewriter }: Pick<Door, 'scheme' | 'rewriter'>,
): RequestState | undefined {
  const target = message.url ?? '/';
  const isWhole = !target.startsWith('/') && target !== '*';
  if (rewriter?.isProxy === true && !isWhole) return undefined;
  const headers = headerText(message);
  if (headers === undefined) return undefined;
  const rewritten = rewriter?.request(headers, scheme);
  if (rewriter !== undefined && rewritten === undefined) return undefined;
  const shown = rewritten?.scheme ?? scheme;
  const url = isWhole
    ? wholeUrl(target, rewriter?.isProxy === true ? '' : shown)
    : requestUrl(shown, message.headers.host ?? '', target);
  if (url === undefined) return undefined;
  const length = Number(message.headers['content-length'] ?? -1);
  const state = body === undefined ? undefined : neutral.streamBody(body, length);
  const own = rewritten?.headers ?? headers;
  const passed = isWhole ? withHeader(own, 'host', (URL.parse(url) as URL).host) : own;
  const all = isUpgrade ? `${passed}upgrade\nwebsocket\n` : passed;
  return neutral.request(message.method ?? 'GET', url, all, state, rewritten?.cf ?? '');
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

/** Characters that a URL parser leaves alone in paths and queries; anything else takes the parser. */
const plainTarget = /^\/[\w\-.~!$&()*+,;=:@/?%]*$/;

function requestUrl(scheme: string, host: string, target: string): string | undefined {
  const origin = originOf(scheme, host);
  if (origin === undefined) return undefined;
  if (plainTarget.test(target) && !target.includes('/.') && !target.includes('%2')) return origin + target;
  return target === '*' ? `${origin}/*` : hrefOf(URL.parse(origin + target));
}

/**
 * A target that names a whole URL, as proxies are asked: the Host header does not count then.
 * https://www.rfc-editor.org/rfc/rfc9112#name-absolute-form
 *
 * `scheme`: what is spoken, whatever the client writes; '' where the client may choose.
 */
function wholeUrl(target: string, scheme: string): string | undefined {
  const parsed = URL.parse(target);
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') return undefined;
  if (parsed.username !== '' || parsed.password !== '') return undefined;
  const url =
    scheme === '' || parsed.protocol === `${scheme}:` ? parsed : URL.parse(rewritten(parsed, scheme));
  return hrefOf(url);
}

/** The same place by the other scheme. A port that is the default of neither was written, and stays. */
function rewritten({ host, pathname, search }: URL, scheme: string): string {
  return `${scheme}://${host}${pathname}${search}`;
}

/** Without the fragment, which has no place in a request. */
function hrefOf(url: URL | null): string | undefined {
  if (url !== null) url.hash = '';
  return url?.href;
}

/** Hosts that were seen lately, with the origin they make; undefined for one that makes none. */
type Origins = Map<string, string | undefined>;

const origins: Readonly<Record<string, Origins>> = { http: new Map(), https: new Map() };
const originLimit = 1000;

function originOf(scheme: string, host: string): string | undefined {
  const seen = origins[scheme] as Origins;
  const known = seen.get(host);
  if (known !== undefined || seen.has(host)) return known;
  const parsed = URL.parse(`${scheme}://${host === '' ? 'localhost' : host}/`);
  const valid = parsed !== null && parsed.pathname === '/' && parsed.username === '' && parsed.search === '';
  const origin = valid && parsed.hash === '' ? parsed.origin : undefined;
  if (seen.size >= originLimit) seen.clear();
  seen.set(host, origin);
  return origin;
}
