/** Which coding of a file a client is given. Pure; used in threads. https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding */

import type { Coding } from './site-files.ts';

const item = /^\s*([\w!#$%&'*+.^`|~-]+)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/iu;

/** More items than any client has a use for. */
const mostItems = 50;

/** The one that the client prefers, and of those that it prefers alike the first; undefined for the file as it is. */
export function chooseCoding(header: string | undefined, available: readonly Coding[]): Coding | undefined {
  if (header === undefined || available.length === 0) return undefined;
  const weights = weightsOf(header);
  let [best, most] = [undefined as Coding | undefined, 0];
  for (const coding of available) {
    const weight = weights.get(coding) ?? weights.get('*') ?? 0;
    if (weight > most) [best, most] = [coding, weight];
  }
  return most >= (weights.get('identity') ?? 0) ? best : undefined;
}

function weightsOf(header: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const part of header.split(',', mostItems)) {
    const [, name, weight = '1'] = item.exec(part) ?? [];
    if (name !== undefined) weights.set(canonicalName(name.toLowerCase()), Number(weight));
  }
  return weights;
}

function canonicalName(name: string): string {
  return name === 'x-gzip' ? 'gzip' : name;
}
