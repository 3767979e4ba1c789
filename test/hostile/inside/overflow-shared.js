/**
 * What the services of a thread share, used near stack overflow: Node.js keeps timers of the same delay in one list for the whole thread, and
 * random bytes come out of one pool.
 */

import { attacker } from './kit.js';
import { nearLimit, shiftsBy } from './near-limit.js';

/** Delays that nothing else in the test uses. */
const firstDelay = 300;
const count = 60;

const uses = {
  setTimeout: (delay) => clearTimeout(setTimeout(() => {}, delay)),
  setInterval: (delay) => clearInterval(setInterval(() => {}, delay)),
  'AbortSignal.timeout': (delay) => AbortSignal.timeout(delay),
  'scheduler.wait': (delay) => scheduler.wait(delay),
};

const attacks = {};
for (const [name, use] of Object.entries(uses)) {
  attacks[name] = async (t) => {
    use(0);
    for (let i = 0; i < count; i++) {
      const call = () => use(firstDelay + i);
      for (const outcome of nearLimit(call, new Array(i % 40).fill(0), { frames: 3000, enough: 2 }))
        t.walk(outcome, name);
    }
    let fired = 0;
    for (let i = 0; i < count; i++) setTimeout(() => fired++, firstDelay + i);
    await new Promise((resolve) => setTimeout(resolve, firstDelay + count + 50));
    await new Promise((resolve) => setTimeout(resolve, 20));
    t.same(fired, count, 'timers of the same delays that have fired afterwards');
  };
}

attacks['crypto.getRandomValues'] = (t) => {
  crypto.getRandomValues(new Uint8Array(1));
  const views = [];
  const fill = () => {
    const view = new Uint8Array(16);
    views[views.length] = view; // whether it is filled or not
    return crypto.getRandomValues(view);
  };
  for (const shift of shiftsBy(1)) nearLimit(fill, shift, { frames: 1000, enough: 4 });
  for (let i = 0; i < 100; i++) fill();
  const filled = views.map((view) => view.join()).filter((text) => /[1-9]/.test(text));
  t.same(new Set(filled).size, filled.length, 'no bytes are given out twice');
  t.ok(filled.length > 100, 'some calls went well');
};

export default attacker(attacks);
