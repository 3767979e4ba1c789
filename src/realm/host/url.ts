/** URL parsing for realms, by the host's native parser. Runs in a thread, in the host realm. */

import { domainToUnicode } from 'node:url';
import type { UrlHost, UrlPart } from '../prelude/host-api.ts';

export function makeUrlHost(): UrlHost {
  return Object.freeze<UrlHost>({ parse, set });
}

function parse(input: string, base: string | undefined): string | undefined {
  const href = URL.parse(input, base)?.href;
  if (href === undefined || !hasValidHost(href)) return undefined;
  // The host of a relative URL is its base's.
  return base === undefined || !input.includes(':') || isValidBase(base) ? href : undefined;
}

/** Of a base that the host's parser takes. */
function isValidBase(base: string): boolean {
  if (PLAIN.test(base) && !base.includes('xn--')) return true;
  return parse(base, undefined) !== undefined;
}

function set(href: string, part: UrlPart, value: string): string {
  const url = URL.parse(href);
  if (url === null) return href;
  url[part] = value;
  return hasValidHost(url.href) ? url.href : href;
}

/** No base like this can have a label in Punycode once it is parsed, unless it says `xn--`: neither `%` nor `X` is in it. */
const PLAIN = /^[!-$&-WY-~]*$/;
const SPECIAL_SCHEME = /^(?:https?|wss?|ftp|file):/;

/**
 * Whether the labels in Punycode of a serialized URL's domain are valid: the host's parser takes an ASCII domain as it is, where
 * the URL Standard asks for domain to ASCII with its validity checks. https://url.spec.whatwg.org/#concept-domain-to-ascii
 */
function hasValidHost(href: string): boolean {
  if (!href.includes('xn--') || !SPECIAL_SCHEME.test(href)) return true;
  const { hostname } = new URL(href);
  if (!hostname.includes('xn--')) return true;
  const labels = domainToUnicode(hostname).split('.');
  return hostname
    .split('.')
    .every((label, i) => !isPunycode(label) || (i in labels && !isPunycode(labels[i] ?? '')));
}

/** What is invalid stays as it is in domainToUnicode. */
function isPunycode(label: string): boolean {
  return label.startsWith('xn--');
}
