/**
 * Every API called near stack overflow: at the limit, and at each depth of the last frames before it; the first time that the realm uses
 * it, so that it is also loaded there. Then once more with room: what was cut short must not have spoiled anything.
 */

import { apis } from './apis.js';
import { attacker } from './kit.js';
import { nearLimit, shiftsBy } from './near-limit.js';
import { outcomesOf } from './outcomes.js';

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
    return outcomesOf(name, apis(t)[name], 20);
  };
  attacks[`${name}, near the limit`] = async (t) => {
    overflow(t, name);
    await t.walker.finish();
    return outcomesOf(name, apis(t)[name], 1000);
  };
}

export default attacker(attacks);
