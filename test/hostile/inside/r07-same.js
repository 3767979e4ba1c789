/** Every API with accessors on the prototypes that all objects share, which change nothing of what is read and set: nor of what calls come to. */

import { apis } from './apis.js';
import { attacker } from './kit.js';
import { later, outcomeOf } from './outcomes.js';
import { Catch, trapNames } from './traps.js';

/** A line for each call of the table. */
async function outcomes(t, install) {
  const quiet = { env: t.env, ctx: t.ctx, request: t.request, walk: () => {}, call: () => {} };
  // What the engine does with the attack's own code is no question.
  const { engine: _, ...table } = apis(quiet);
  const calls = Object.entries(table).flatMap(([name, list]) =>
    list.map((call, i) => ({ call, where: `${name}[${i}]` })),
  );
  const pending = new Array(calls.length).fill('');
  const late = later(1000);
  const undo = install();
  for (let i = 0; i < calls.length; i++) pending[i] = outcomeOf(calls[i].call, late);
  undo();
  t.ok(calls.length > 400, `only ${calls.length} calls`);
  let text = '';
  for (let i = 0; i < calls.length; i++) text += `${calls[i].where} ${await pending[i]}\n`;
  return text;
}

export default attacker({
  plain: (t) => outcomes(t, () => () => {}),
  patched: (t) => outcomes(t, () => trapNames(t.env.NAMES, new Catch())),
});
