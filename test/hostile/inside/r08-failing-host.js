/**
 * Every API while the host's functions fail, as they do near stack overflow: they throw an error of the host. What a worker catches
 * belongs to its realm all the same. `hostFails(n)` has them fail from the nth call on.
 */

import { apis } from './apis.js';
import { attacker } from './kit.js';

const { hostFails } = globalThis;
delete globalThis.hostFails;

/** Turns of microtasks: timers are the host's as well. */
async function microtasks(count) {
  for (let i = 0; i < count; i++) await undefined;
}

/** Makes the call while the host fails after so many calls of its functions. */
async function failAfter(t, count, call, where) {
  const given = [];
  hostFails(count);
  t.call(() => given.push(call()), where);
  await microtasks(10);
  hostFails(Infinity);
  t.walk(given, where);
  t.walker.drain();
}

/** Names of the calls by what they are about. */
function attackOn(names) {
  return async (t) => {
    const table = apis(t);
    for (const name of names) {
      for (const [i, call] of table[name].entries()) {
        for (const count of [0, 1, 2, 4])
          await failAfter(t, count, call, `${name}[${i}], host call ${count}`);
      }
    }
    await t.walker.finish(3);
  };
}

const names = Object.keys(apis({ env: {}, ctx: {}, request: {} }));
const attacks = {};
for (let i = 0; i < names.length; i += 12) {
  const group = names.slice(i, i + 12);
  attacks[`from ${group[0]} to ${group.at(-1)}`] = attackOn(group);
}

export default attacker(attacks);
