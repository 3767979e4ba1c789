/** Every API called while the prototypes of the realm are patched. */

import { apis } from './apis.js';
import { attacker } from './kit.js';
import { captured, Queue } from './walker.js';
import { Catch, trapNames, wrapFunctions } from './traps.js';

const { setTimeout, Promise: PromiseCtor } = globalThis;
const then = captured(Promise.prototype.then);

/** Nobody waits for the promise, if it is one. */
function handle(value) {
  try {
    then(value, undefined, () => {});
  } catch {
    // no promise
  }
}

const turn = () => new PromiseCtor((resolve) => setTimeout(resolve, 0));

/** Makes the calls while `install` has done its work, and looks at everything afterwards. */
async function among(t, install, turns = 6) {
  const given = new Catch();
  const outcomes = new Queue();
  const calls = new Queue();
  const table = apis({ env: t.env, ctx: t.ctx, request: t.request, walk: () => {}, call: () => {} });
  for (const [name, list] of Object.entries(table)) {
    for (const [i, call] of list.entries()) calls.push({ __proto__: null, call, where: `${name}[${i}]` });
  }
  const undo = install(given);
  while (calls.size > 0) {
    const { call, where } = calls.shift();
    try {
      const value = call();
      outcomes.push({ __proto__: null, value, where });
      handle(value);
    } catch (error) {
      outcomes.push({ __proto__: null, value: error, where: `${where}!` });
    }
  }
  for (let i = 0; i < turns; i++) await turn();
  undo();
  given.walk(t);
  while (outcomes.size > 0) {
    const { value, where } = outcomes.shift();
    t.walk(value, where);
    t.walker.drain();
  }
}

const languageRoots = (t) =>
  t.env.LANGUAGE.filter(
    (name) =>
      Object.hasOwn(globalThis, name) &&
      Object(globalThis[name]) === globalThis[name] &&
      name !== 'globalThis',
  ).map((name) => [name, globalThis[name]]);

export default attacker({
  async 'getters and setters for every name on the shared prototypes'(t) {
    await among(t, (given) => trapNames(t.env.NAMES, given));
  },

  async 'the same, and nothing that is set arrives'(t) {
    await among(t, (given) => trapNames(t.env.NAMES, given, { keep: false }));
  },

  async 'the same, and what is missing is a function'(t) {
    await among(t, (given) =>
      trapNames(t.env.NAMES, given, {
        keep: false,
        answer: (...args) => args.forEach((arg) => given.add(arg, 'the function')),
      }),
    );
  },

  async 'every function of the language wrapped'(t) {
    await among(t, (given) => wrapFunctions(given, languageRoots(t)));
  },
});
