/** Every API called near stack overflow: at the limit, and at each depth of the last frames before it. */

import { apis } from './apis.js';
import { attacker } from './kit.js';

/** Frames from the limit up at which a call is made. */
const frames = 250;
/** Of the shifts that are tried. */
const step = 1;
/** A call that has gone well this often needs no more room. */
const enough = 8;

/**
 * Recurses to the limit, and makes the call in each frame on the way back. Gives what came of it: returned and thrown alike. Nothing is
 * looked at down there, as there is no room for it.
 */
function nearLimit(call, shift) {
  const outcomes = new Array(frames).fill(undefined);
  let count = 0;
  let good = 0;
  const down = () => {
    try {
      down();
    } catch {
      // the limit
    }
    if (count >= frames || good >= enough) return;
    try {
      outcomes[count] = call();
      good++;
    } catch (error) {
      outcomes[count] = error;
      good = 0;
    }
    count++;
  };
  // Arguments take stack: each moves the frames a little, so that they meet the limit elsewhere.
  Reflect.apply(down, undefined, shifts[shift]);
  return outcomes;
}

const shifts = Array.from({ length: 24 }, (_, count) => new Array(count).fill(0));

/** Names of the calls by what they are about, so that each attack stays short. */
function attackOn(names) {
  return async (t) => {
    const table = apis(t);
    for (const name of names) {
      for (const [i, call] of (table[name] ?? []).entries()) {
        t.call(call, `${name}[${i}] at ease`);
        for (let shift = 0; shift < shifts.length; shift += step) {
          for (const outcome of nearLimit(call, shift)) t.walk(outcome, `${name}[${i}]`);
        }
        t.walker.drain();
      }
    }
    await t.walker.finish();
  };
}

const groups = {};
for (const name of Object.keys(apis({ env: {}, ctx: {}, request: {} }))) {
  groups[`${name}, near the limit`] = attackOn([name]);
}

export default attacker(groups);
