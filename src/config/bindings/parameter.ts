/** The binding kind `parameter` in dialect 1. No `Config` has it: workers that inherit fill it. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { entry } from '../manual.ts';
import type { Read } from '../sourced.ts';

/** What fills a parameter, as workerd names it. */
export const parameterTypes = ['text', 'data', 'json', 'wasm', 'cryptoKey', 'service'] as const;

export type ParameterType = (typeof parameterTypes)[number];

/** A binding that is still to be given. */
export interface DraftParameter {
  readonly kind: 'parameter';
  readonly name: string;
  readonly type: ParameterType;
  readonly optional: boolean;
}

export const parameterFields = z.strictObject({
  type: entry(z.enum(parameterTypes), {
    description:
      'What fills it. A `fromEnvironment` binding is text, and a `wasmModule` binding fills `wasm`.',
    expected: `one of ${parameterTypes.map((type) => `"${type}"`).join(', ')}`,
  }),
  optional: entry(z.boolean().optional(), {
    description: 'Whether the worker can do without it: then it is not in `env` where nothing fills it.',
    expected: 'true or false',
    default: '`false`',
  }),
});

export const parameterSchema = entry(
  z.strictObject({
    parameter: entry(parameterFields, {
      description: 'The parameter.',
      expected: 'an object { type, optional? }',
    }),
  }),
  {
    description:
      'A binding that a worker which [inherits](#workers-that-inherit) from this one gives, with the [fields](#workers-that-inherit) below.',
    expected: 'an object { parameter }',
  },
);

export function readParameter(
  name: string,
  { parameter }: Read<typeof parameterSchema>,
): DraftParameter | undefined {
  const { type, optional = false } = parameter ?? {};
  return type === undefined ? undefined : { kind: 'parameter', name, type, optional };
}
