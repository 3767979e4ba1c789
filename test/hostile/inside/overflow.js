/**
 * Every API called near stack overflow: at the limit, and at each depth of the last frames before it; the first time that the realm uses
 * it, so that it is also loaded there. Then once more with room: what was cut short must not have spoiled anything.
 */

import { apis } from './apis.js';
import { attacker, isObject } from './kit.js';
import { nearLimit, shiftsBy } from './near-limit.js';

const { Error, Promise, setTimeout } = globalThis;

function kindOf(value) {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return isObject(value) ? Object.prototype.toString.call(value) : typeof value;
}

/** What has not settled by then. */
async function later(turns) {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setTimeout(resolve, 0));
  return 'is not settled';
}

async function outcomeOf(call, turns) {
  try {
    const value = call();
    if (!(value instanceof Promise)) return `gives ${kindOf(value)}`;
    const settled = value.then(
      (given) => `resolves with ${kindOf(given)}`,
      (error) => `rejects with ${kindOf(error)}`,
    );
    return await Promise.race([settled, later(turns)]);
  } catch (error) {
    return `throws ${kindOf(error)}`;
  }
}

/** What each call comes to within so many turns, a line for each. */
async function outcomes(t, name, turns) {
  const calls = apis(t)[name];
  const texts = await Promise.all(calls.map((call) => outcomeOf(call, turns)));
  return texts.map((text, i) => `${name}[${i}] ${text}\n`).join('');
}

/** The order matters: a call that is made first meets whatever it needs not loaded. */
function overflow(t, name) {
  for (const shift of shiftsBy(t.env.STEP)) {
    for (const [i, call] of apis(t)[name].entries()) {
      for (const outcome of nearLimit(call, shift)) t.walk(outcome, `${name}[${i}]`);
      t.walker.drain();
    }
  }
}

const attacks = {};
for (const name of Object.keys(apis({ env: {}, ctx: {}, request: {} }))) {
  attacks[`${name}, at ease`] = (t) => {
    t.walk(globalThis);
    return outcomes(t, name, 20);
  };
  attacks[`${name}, near the limit`] = async (t) => {
    overflow(t, name);
    await t.walker.finish();
    return outcomes(t, name, 1000);
  };
}

export default attacker(attacks);
