/** Headers that a configuration gives to messages on their way, or takes from them. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { quote } from '../shared/text.ts';
import { fieldValue, isFraming, token } from './header-syntax.ts';
import { entry } from './manual.ts';
import type { ManualEntry } from './manual.ts';
import type { Problems } from './problems.ts';
import type { Read, Sourced, Sourcing } from './sourced.ts';
import type { InjectedHeader } from './types.ts';

/** The name of a header that an option is about. */
export function headerName(text: Pick<ManualEntry, 'description' | 'default'>): z.ZodString {
  const isFree = (name: string): boolean => token.test(name) && !isFraming(name.toLowerCase());
  return entry(z.string().refine(isFree), {
    ...text,
    expected: 'the name of a header, which is not one of the connection',
  });
}

/** Headers by name. */
export const headersSchema = z.record(
  entry(z.string(), { description: 'Name of a header.', expected: 'the name of a header' }),
  entry(z.union([z.string().max(16_384).regex(fieldValue), z.null()]), {
    description: 'Its value, or `null`.',
    expected: 'a text that a header can hold, or null',
  }),
);

/** A header to set, or (null) to remove. */
export type DraftHeader = Sourced<InjectedHeader>;

export function readHeaders(
  headers: Read<typeof headersSchema> | undefined,
  at: Sourcing,
): readonly DraftHeader[] {
  return Object.entries(headers ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : (at.sourced({ name, value }, name) ?? []),
  );
}

/** Names in lower case. Those that are no names, that belong to the connection, or that occur twice are reported. */
export function resolveHeaders(
  drafts: readonly DraftHeader[],
  problems: Problems,
): readonly InjectedHeader[] {
  const seen = new Set<string>();
  return drafts.flatMap(({ value: { name, value }, place }): InjectedHeader[] => {
    const lower = name.toLowerCase();
    const expected = !token.test(name)
      ? 'the name of a header'
      : isFraming(lower)
        ? 'a header that does not belong to the connection'
        : seen.has(lower)
          ? 'each header once'
          : undefined;
    seen.add(lower);
    if (expected === undefined) return [{ name: lower, value }];
    problems.report('CONFIG_VALUE', { expected, found: quote(name) }, place);
    return [];
  });
}
