/** Keeps the requests of one client on one side of a share of requests. Runs in a thread. */

import type { IncomingHttpHeaders } from 'node:http';
import type { StickySpec } from '../../messages/startup.ts';
import { drawOf } from '../../services/request-context.ts';

/** Where all requests stand that have the same header or cookie; undefined for one that has none. */
export function stickyDraw(headers: IncomingHttpHeaders, { kind, name }: StickySpec): number | undefined {
  const value = kind === 'header' ? String(headers[name] ?? '') : cookie(headers.cookie ?? '', name);
  return value === '' ? undefined : drawOf(value);
}

/** RFC 6265, section 4.2.1. */
function cookie(header: string, name: string): string {
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return '';
}
