/** The globals of Node.js at their first use, in a worker that imports none of its modules. */

import { attacker } from './kit.js';

/** The outcomes of a call in each frame on the way back from the limit of the stack. */
function nearLimit(call) {
  const outcomes = [];
  const down = () => {
    try {
      down();
    } catch {
      // the limit
    }
    if (outcomes.length >= 1000) return;
    try {
      outcomes[outcomes.length] = call();
    } catch (error) {
      outcomes[outcomes.length] = error;
    }
  };
  down();
  return outcomes;
}

const uses = {
  Buffer: (value) => value.from('a').toString('hex') === '61',
  process: (value) => typeof value.nextTick === 'function' && value.stdout.writable,
  setImmediate: (value) => typeof value(() => {}) === 'object',
  clearImmediate: (value) => value(undefined) === undefined,
};

const attacks = {};
for (const [name, works] of Object.entries(uses)) {
  attacks[`${name} near the limit of the stack`] = async (t) => {
    for (const outcome of nearLimit(() => globalThis[name])) t.walk(outcome);
    await t.walker.finish();
    t.ok(works(globalThis[name]), 'it is whole');
  };
}

export default attacker(attacks);
