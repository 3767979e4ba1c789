/** What a fuzz target is, and how it is run. Each parser of untrusted text has a file beside this one. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatErrors } from '../../src/shared/errors.ts';
import type { NanodError } from '../../src/shared/errors.ts';

/** Something that is fuzzed: properties that hold for whatever it is given. */
export interface FuzzTarget {
  /** As the command line names it. */
  readonly name: string;
  /** By a sentence that says what holds. */
  readonly properties: Readonly<Record<string, fc.IAsyncProperty<unknown>>>;
}

export interface FuzzLimits {
  /** For all properties of a target together. */
  readonly seconds?: number;
  /** Of each property. */
  readonly runs?: number;
  readonly seed?: number;
}

export interface FuzzOutcome {
  readonly property: string;
  readonly runs: number;
  /** The smallest input that fails, with the seed that repeats it; `undefined` when all went well. */
  readonly failure: string | undefined;
}

/** Runs each property of a target for its share of the time, or for a number of inputs. */
export async function runTarget({ properties }: FuzzTarget, limits: FuzzLimits): Promise<FuzzOutcome[]> {
  const outcomes: FuzzOutcome[] = [];
  const share =
    limits.seconds === undefined ? undefined : (limits.seconds * 1000) / Object.keys(properties).length;
  for (const [name, property] of Object.entries(properties)) {
    const details = await fc.check(property, {
      numRuns: limits.runs ?? Number.MAX_SAFE_INTEGER,
      ...(share === undefined ? {} : { interruptAfterTimeLimit: share }),
      ...(limits.seed === undefined ? {} : { seed: limits.seed }),
    });
    const failure = details.failed ? (fc.defaultReportMessage(details) ?? 'failed') : undefined;
    outcomes.push({ property: name, runs: details.numRuns, failure });
  }
  return outcomes;
}

/** Positions are in the file, and what is printed neither drives a terminal nor repeats the whole file. */
export function assertGoodErrors(errors: readonly NanodError[], text: string, name: string): void {
  const lines = text.split('\n').length;
  assert.ok(errors.length > 0, 'a refusal has an error');
  for (const error of errors) {
    assert.notEqual(error.code, 'INTERNAL');
    const { line = 1, column = 1, file } = error.place;
    if (file === name) assert.ok(line >= 1 && line <= lines && column >= 1, `${line}:${column}`);
    const printed = formatErrors([error]);
    assert.doesNotMatch(printed, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/u);
    assert.ok(printed.length < 4000, 'an error is short');
  }
}
