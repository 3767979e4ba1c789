/** The `cf` member of a request: any JSON, for the services behind. */

import { JSONStringify, TypeErrorCtor } from '../primordials.ts';

/** The value as JSON. Throws a TypeError for what has none, and what the value's own toJSON throws. */
export function cfText(value: unknown): string {
  const text = JSONStringify(value) as string | undefined;
  if (text === undefined) throw new TypeErrorCtor('Request: cf is not JSON.');
  return text;
}
