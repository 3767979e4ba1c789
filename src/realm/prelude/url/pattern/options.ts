/** How the patterns of the components differ. https://urlpattern.spec.whatwg.org/#options */

import type { Component } from './component.ts';
import type { PatternOptions } from './parts.ts';

export const DEFAULT_OPTIONS: PatternOptions = { delimiter: '', prefix: '', ignoreCase: false };
export const HOSTNAME_OPTIONS: PatternOptions = { delimiter: '.', prefix: '', ignoreCase: false };

const SPECIAL_SCHEMES = ['http', 'https', 'ws', 'wss', 'ftp', 'file'];

/** Whether a protocol's pattern matches any special scheme. */
export function matchesSpecialScheme(protocol: Component): boolean {
  for (let i = 0; i < SPECIAL_SCHEMES.length; i++) {
    if (protocol.match(SPECIAL_SCHEMES[i] as string) !== undefined) return true;
  }
  return false;
}

/** Whether the text is a special scheme. */
export function isSpecialScheme(text: string): boolean {
  for (let i = 0; i < SPECIAL_SCHEMES.length; i++) if (SPECIAL_SCHEMES[i] === text) return true;
  return false;
}
