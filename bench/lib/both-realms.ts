/** Times the same source text in a realm and on the host's own globals, in turn, and prints the results as JSON. */

import vm from 'node:vm';
import { evaluate } from '../../test/helpers/realm.ts';

/** Nanoseconds a call. `ratio`: how many times the host's cost. */
export interface Comparison {
  readonly realm: number;
  readonly host: number;
  readonly ratio: number;
}

/** Best of several rounds, as what disturbs a round only ever makes it slower. */
const timing = `(cases, only) => {
  const results = {};
  let sink;
  for (const [name, run] of Object.entries(cases)) {
    if (name !== only) continue;
    let calls = 256;
    let best = Infinity;
    for (let round = 0; round < 7; round++) {
      const started = Date.now();
      let done = 0;
      while (Date.now() - started < 60) { for (let i = 0; i < calls; i++) sink = run(i); done += calls; }
      best = Math.min(best, (Date.now() - started) * 1e6 / done);
    }
    results[name] = best;
  }
  return results;
}`;

/** The same for calls that are waited for, one at a time. */
const awaitedTiming = `async (cases, only) => {
  const run = (await cases)[only];
  let best = Infinity;
  for (let round = 0; round < 7; round++) {
    const started = Date.now();
    let done = 0;
    while (Date.now() - started < 60) { for (let i = 0; i < 16; i++) await run(i); done += 16; }
    best = Math.min(best, (Date.now() - started) * 1e6 / done);
  }
  return { [only]: best };
}`;

/**
 * `cases`: source text of an object whose methods are what is timed; each is given a counter. They may call `builtin(name)` for a module
 * of Node.js.
 */
export async function compareRealmAndHost(cases: string): Promise<Record<string, Comparison>> {
  return compare(cases, timing);
}

/** The same for methods that return promises. `cases` may be a promise itself. */
export async function compareAwaited(cases: string): Promise<Record<string, Comparison>> {
  return compare(cases, awaitedTiming);
}

async function compare(cases: string, timed: string): Promise<Record<string, Comparison>> {
  const onHost = (code: string): unknown =>
    vm.runInThisContext(`((builtin) => ${code})(process.getBuiltinModule)`);
  const names = Object.keys((await onHost(`(${cases})`)) as object);
  const results: Record<string, Comparison> = {};
  for (const name of names) {
    const run = `(${timed})(${cases}, ${JSON.stringify(name)})`;
    const inRealm = `const builtin = (name) => $nanod.builtin('node:' + name); return await ${run};`;
    const realm = ((await evaluate(inRealm, { nodejs: true })) as Record<string, number>)[name] ?? NaN;
    const host = ((await onHost(run)) as Record<string, number>)[name] ?? NaN;
    results[name] = {
      realm: Math.round(realm),
      host: Math.round(host),
      ratio: Math.round((100 * realm) / host) / 100,
    };
  }
  return results;
}
