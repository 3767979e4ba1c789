/** Timers and microtasks inside a realm. https://html.spec.whatwg.org/#timers */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';
import { runInRealm } from '../helpers/realm-output.ts';

t.test('a timeout passes its arguments, and may be stopped by either function', async (t) => {
  const results = await evaluate(`
    const seen = [];
    await new Promise((resolve) => {
      clearInterval(setTimeout(() => seen.push('stopped'), 0));
      clearTimeout(undefined); clearTimeout('none'); clearTimeout(12345);
      setTimeout(function (...args) { seen.push(this === globalThis, ...args); }, -5, 1, 'b');
      setTimeout(() => seen.push('modulo'), 2 ** 32);
      setTimeout(resolve, 5);
    });
    return [seen, typeof setTimeout(() => {}, 1), setTimeout.length];`);
  t.same(results, [[true, 1, 'b', 'modulo'], 'number', 1]);
});

t.test('timeouts of one delay fire in the order they were set, after microtasks', async (t) => {
  const results = await evaluate(`
    const seen = [];
    await new Promise((resolve) => {
      setTimeout(() => { seen.push('timer 1'); queueMicrotask(() => seen.push('microtask of 1')); }, 0);
      setTimeout(() => { seen.push('timer 2'); resolve(); }, 0);
      queueMicrotask(() => seen.push('microtask'));
      seen.push('now');
    });
    return seen;`);
  t.same(results, ['now', 'microtask', 'timer 1', 'microtask of 1', 'timer 2']);
});

t.test('an interval goes on, past the clamping of fast ones, until it is cleared', async (t) => {
  const results = await evaluate(`
    return await new Promise((resolve) => {
      let turns = 0;
      const id = setInterval(() => { if (++turns === 9) { clearInterval(id); setTimeout(() => resolve(turns), 20); } }, 0);
    });`);
  t.equal(results, 9);
});

t.test('what callbacks throw is reported with its source', async (t) => {
  const { uncaught } = await runInRealm(`
    setTimeout(() => { throw new Error('of a timer'); }, 0);
    queueMicrotask(() => { throw new Error('of a microtask'); });
    await scheduler.wait(5);`);
  t.same(
    uncaught.map(({ source, message }) => [source, message]),
    [
      ['microtask', 'of a microtask'],
      ['timer', 'of a timer'],
    ],
  );
});

t.test('scheduler.wait waits, unless its signal aborts', async (t) => {
  const results = await evaluate(`
    const reason = (promise) => promise.then((value) => ['resolved', value], (e) => ['rejected', e && e.name ? e.name : e]);
    const controller = new AbortController();
    const aborted = reason(scheduler.wait(60000, { signal: controller.signal }));
    controller.abort('enough');
    return [await reason(scheduler.wait(0)), await aborted, await reason(scheduler.wait(1, { signal: AbortSignal.abort('before') })),
      await reason(scheduler.wait(1, { signal: {} })), await reason(scheduler.wait())];`);
  t.same(results, [
    ['resolved', null],
    ['rejected', 'enough'],
    ['rejected', 'before'],
    ['rejected', 'TypeError'],
    ['rejected', 'TypeError'],
  ]);
});

t.test('handlers that are no functions are refused, for code is not made from strings', async (t) => {
  const results = await evaluate(`
    const name = (f) => { try { return f(); } catch (e) { return e.constructor === TypeError; } };
    return [() => setTimeout('code'), () => setInterval(), () => setTimeout(() => {}, Symbol()), () => queueMicrotask('x'), () => queueMicrotask()].map(name);`);
  t.same(results, [true, true, true, true, true]);
});

t.test('no timer fires in a realm that is disposed of', async (t) => {
  const { realm, logs } = await runInRealm(
    `setTimeout(() => console.log('late'), 1); setInterval(() => console.log('late'), 1);`,
  );
  realm.dispose();
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.same(logs, []);
});
