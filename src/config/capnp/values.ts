/** What the evaluation of a capnp file gives: typed values, each with its place in the file and its way from a constant. */
import type { ErrorPlace } from '../../shared/errors.ts';
import { formatPath } from '../problems.ts';
import type { At } from './source.ts';
import type { StructType } from './types.ts';

/** The way to a value from the constant that holds it, last step first. */
export interface Trail {
  readonly step: string | number;
  readonly before: Trail | undefined;
}

interface Placed extends At {
  readonly trail: Trail;
}

/** A value. Discriminated by `kind`; `wrong` stands where an error has been reported. */
export type Value = Placed &
  (
    | { readonly kind: 'void' | 'wrong' }
    | { readonly kind: 'bool'; readonly value: boolean }
    | { readonly kind: 'integer'; readonly value: bigint }
    | { readonly kind: 'float'; readonly value: number }
    | { readonly kind: 'enum'; readonly value: string }
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'data'; readonly bytes: Uint8Array }
    /** A file; `path` is absolute. */
    | {
        readonly kind: 'embed';
        readonly as: 'text' | 'data';
        readonly path: string;
        readonly written: string;
      }
    | { readonly kind: 'list'; readonly items: readonly Value[] }
    | StructValue
  );

/** Fields that are not set are absent. */
export type StructValue = Placed & {
  readonly kind: 'struct';
  readonly type: StructType;
  readonly fields: ReadonlyMap<string, Value>;
};

/** `config.services[0].name` and the position of a value. */
export function placeOf(value: Placed, ...steps: readonly (string | number)[]): ErrorPlace {
  const path: (string | number)[] = [];
  for (let trail: Trail | undefined = value.trail; trail !== undefined; trail = trail.before)
    path.push(trail.step);
  return { ...value.source.place(value.offset), path: formatPath([...path.reverse(), ...steps]) };
}
