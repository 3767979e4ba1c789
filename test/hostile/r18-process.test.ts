/**
 * What could end the process, or write into its log, from inside a realm: ids that Node.js reads off promises (HARDENING R18), and rejections
 * near stack overflow, which it remarks upon by itself (R20).
 */

import t from 'tap';
import { serve, single } from '../helpers/nanod.ts';

const WORKER = `const life = crypto.randomUUID();

/** A rejected promise of which Node.js gets what it looks for out of a trap. */
function reject(answer) {
  const promise = Promise.reject(new RangeError('odd ids'));
  Object.setPrototypeOf(promise, new Proxy(Promise.prototype, { get: (target, key, receiver) => (typeof key === 'symbol' ? answer(key) : Reflect.get(target, key, receiver)) }));
}

function overflow() {
  const reasons = [{ toString() { throw new Error('x'); } }, new Error('x'), '{"level":60,"service":"other","msg":"forged"}'];
  for (const reason of reasons) {
    let count = 0;
    const down = () => {
      try { down(); } catch { /* the limit */ }
      if (count++ < 300) {
        try { Promise.reject(reason); new Promise((_, no) => no(reason)); void (async () => { throw reason; })(); } catch { /* no room */ }
      }
    };
    down();
  }
}

const attacks = {
  numbers: () => { for (const id of [0, 1, 7, -1, 1e9, NaN, Infinity, 0.5]) reject(() => id); },
  objects: () => { for (const id of [{}, [], () => {}, Symbol('id'), 1n, 'text', null]) reject(() => id); },
  changing: () => { reject(() => ({ valueOf: () => Math.random() })); reject(() => Math.random()); },
  throwing: () => { reject(() => ({ valueOf() { throw new Error('x'); } })); reject(() => { throw new Error('x'); }); },
  once: () => { let turn = 0; reject(() => (turn++ === 0 ? 7 : undefined)); let other = 0; reject(() => (other++ === 1 ? 7 : undefined)); },
  own: () => {
    const seen = new Set();
    reject((key) => { seen.add(key); return undefined; });
    return new Promise((resolve) => setTimeout(() => {
      for (const key of seen) { const promise = Promise.reject(new RangeError('odd ids')); promise[key] = 1e9; }
      resolve();
    }, 1));
  },
  overflow,
};

export default {
  async fetch(request) {
    const name = new URL(request.url).pathname.slice(1);
    if (name !== '') await attacks[name]();
    await new Promise((resolve) => setTimeout(resolve, 5));
    return new Response(life);
  },
};
`;

t.test('the process, the thread and its realm outlive it all', async (t) => {
  const nanod = await serve(t, single(WORKER));
  const get = async (path: string): Promise<string> => (await fetch(nanod.url + path)).text();
  const life = await get('');
  for (const attack of ['numbers', 'objects', 'changing', 'throwing', 'once', 'own', 'overflow']) {
    t.equal(await get(attack), life, attack);
    t.equal(await get(''), life, `after ${attack}`);
  }
  const { status, stderr, log } = await nanod.stop();
  t.equal(status, 0);
  t.match(stderr, /^Exception in PromiseRejectCallback:$/mu, 'Node.js remarks upon rejections');
  t.same(
    log.filter(({ service }) => service !== 'main' && service !== 'nanod'),
    [],
    'what it writes is no record of the log',
  );
});
