/**
 * What the schema of a dialect says to people: each field's meaning, its default and what happens when it is wrong. docs/configuration.md,
 * the JSON Schema and the error messages are all made from these entries. Runs in the supervisor and in scripts.
 */
import { z } from 'zod';
import type { ErrorCode } from '../shared/errors.ts';

/** One field or shape of a schema. */
export interface ManualEntry {
  /** What it means, in Markdown. */
  readonly description: string;
  /** What a value must be, as it stands after "expected" in an error. */
  readonly expected: string;
  /** What an absent field amounts to, in Markdown. */
  readonly default?: string;
  /** Errors beyond CONFIG_VALUE and CONFIG_MISSING. */
  readonly errors?: readonly ErrorCode[];
  /** What was found is not shown in errors. */
  readonly isSecret?: boolean;
  /** The hint of an error about the value as a whole. */
  readonly advice?: string;
  /** For an object: what else the hint of an error about an unknown key says. */
  readonly keyAdvice?: string;
  /** For a union: which member a value is meant to be, so that the errors are about that one. */
  readonly choose?: (value: unknown) => Choice;
  /** For an object: keys of which it must have exactly one. */
  readonly oneOf?: readonly string[];
  /** For such an object: a key with which none of them has to be there. */
  readonly orElse?: string;
  /** For an object: keys by a pattern, and what each of them holds. */
  readonly keyed?: { readonly pattern: RegExp; readonly schema: z.ZodType };
  /** For an object: keys that have no effect. Returns why, `undefined` for other keys. */
  readonly ignored?: (key: string) => string | undefined;
  /** For an object: keys of later versions. Returns what to do instead, `''` when there is nothing, `undefined` for other keys. */
  readonly later?: (key: string) => string | undefined;
}

/** The member of a union, something that a later version brings, or nothing that fits. */
export type Choice = z.ZodType | { readonly later: string; readonly advice?: string } | undefined;

const manual = new WeakMap<z.ZodType, ManualEntry>();

/** Adds an entry to a schema, and returns the schema. */
export function entry<Schema extends z.ZodType>(schema: Schema, text: ManualEntry): Schema {
  manual.set(schema, text);
  return schema;
}

/** The entry of a schema, or of the schema that it makes optional. */
export function entryOf(schema: z.ZodType): ManualEntry | undefined {
  const own = manual.get(schema);
  return own ?? (schema instanceof z.ZodOptional ? entryOf(inner(schema)) : undefined);
}

/** The schema within an optional one. */
export function inner(schema: z.ZodOptional): z.ZodType {
  return schema.unwrap() as z.ZodType;
}
