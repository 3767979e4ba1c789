/** Values of a draft with their places in the file of the user, and how readers of a dialect make them. Runs in the supervisor. */
import type { z } from 'zod';
import type { ErrorPlace } from '../shared/errors.ts';
import type { ConfigPath, Problems } from './problems.ts';
import type { Lenient } from './read.ts';

/** What is right of a value that a schema describes. */
export type Read<Schema extends z.ZodType> = Lenient<z.output<Schema>>;

/** A value and where it stands. */
export interface Sourced<T> {
  readonly value: T;
  readonly place: ErrorPlace;
}

/** Anything that has a name, which may have been wrong. */
export interface DraftName {
  readonly name: Sourced<string> | undefined;
}

/** Makes sourced values of the fields of one object of a file. */
export class Sourcing {
  readonly problems: Problems;
  readonly path: ConfigPath;

  constructor(problems: Problems, path: ConfigPath) {
    this.problems = problems;
    this.path = path;
  }

  /** The fields of what stands at a path within. */
  at(...steps: ConfigPath): Sourcing {
    return new Sourcing(this.problems, [...this.path, ...steps]);
  }

  /** A value that stands at a path within; `undefined` when it is absent or was wrong. */
  sourced<T>(value: T | undefined, ...steps: ConfigPath): Sourced<T> | undefined {
    return value === undefined ? undefined : { value, place: this.problems.place([...this.path, ...steps]) };
  }

  /** The items of an array that stands at a path within, without those that were wrong. */
  list<T>(items: readonly (T | undefined)[], ...steps: ConfigPath): Sourced<T>[] {
    return items.flatMap((item, index) => this.sourced(item, ...steps, index) ?? []);
  }
}
