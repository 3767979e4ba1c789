/** AbortController and AbortSignal inside a realm. https://dom.spec.whatwg.org/#aborting-ongoing-activities */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

t.test('a controller aborts its signal once, with a reason', async (t) => {
  const results = await evaluate(`
    const controller = new AbortController();
    const { signal } = controller;
    const seen = [];
    signal.onabort = (event) => seen.push(['handler', event.type, event.isTrusted, signal.aborted]);
    signal.addEventListener('abort', () => seen.push(['listener']));
    const before = [signal.aborted, signal.reason === undefined, signal.throwIfAborted()];
    controller.abort('why');
    controller.abort('again');
    let thrown;
    try { signal.throwIfAborted(); } catch (reason) { thrown = reason; }
    return [before, seen, signal.reason, thrown, controller.signal === signal];`);
  t.same(results, [
    [false, true, null],
    [['handler', 'abort', true, true], ['listener']],
    'why',
    'why',
    true,
  ]);
});

t.test('reasons default to an AbortError, and signals are not constructed', async (t) => {
  const results = await evaluate(`
    const controller = new AbortController();
    controller.abort();
    const name = (f) => { try { return f(); } catch (e) { return e.name; } };
    return [controller.signal.reason.name, controller.signal.reason instanceof DOMException, AbortSignal.abort().reason.code, AbortSignal.abort(null).reason,
      name(() => new AbortSignal()), name(() => AbortSignal.timeout()), name(() => AbortSignal.timeout(-1)), name(() => AbortSignal.any([{}])), name(() => AbortSignal.any(5)),
      name(() => AbortSignal.prototype.aborted)];`);
  t.same(results, [
    'AbortError',
    true,
    20,
    null,
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
  ]);
});

t.test('a timeout aborts with a TimeoutError, in the order of the delays', async (t) => {
  const results = await evaluate(`
    const order = [];
    const wait = (ms) => new Promise((resolve) => { const s = AbortSignal.timeout(ms); s.onabort = () => { order.push(ms); resolve(s.reason.name); }; });
    const far = AbortSignal.timeout(2 ** 40);
    const names = await Promise.all([wait(20), wait(1)]);
    return [names, order, far.aborted];`);
  t.same(results, [['TimeoutError', 'TimeoutError'], [1, 20], false]);
});

t.test('a dependent signal follows the first of its sources, through any number of steps', async (t) => {
  const results = await evaluate(`
    const a = new AbortController();
    const b = new AbortController();
    const one = AbortSignal.any([a.signal, b.signal]);
    const two = AbortSignal.any([one]);
    const order = [];
    two.onabort = () => order.push('two', one.aborted);
    one.onabort = () => order.push('one', two.aborted);
    a.signal.onabort = () => { order.push('source', one.aborted, two.aborted); b.abort('second'); };
    a.abort('first');
    return [order, one.reason, two.reason, AbortSignal.any([a.signal, b.signal]).reason, AbortSignal.any([]).aborted];`);
  t.same(results, [['source', true, true, 'one', true, 'two', true], 'first', 'first', 'first', false]);
});

t.test('a listener that throws keeps nobody else from hearing of it', async (t) => {
  const results = await evaluate(`
    const controller = new AbortController();
    const dependent = AbortSignal.any([controller.signal]);
    let heard = 0;
    controller.signal.addEventListener('abort', () => { throw 1; });
    controller.signal.addEventListener('abort', () => heard++);
    dependent.addEventListener('abort', () => heard++);
    controller.abort();
    return heard;`);
  t.equal(results, 2);
});

t.test('patched prototypes change nothing for signals', async (t) => {
  const results = await evaluate(`
    for (const key of ['forEach', 'add', 'delete']) Set.prototype[key] = () => { throw 'patched'; };
    for (const key of ['forEach', 'set', 'get', 'delete']) Map.prototype[key] = () => { throw 'patched'; };
    WeakRef.prototype.deref = () => { throw 'patched'; };
    Array.prototype[Symbol.iterator] = function () { return { next: () => ({ done: true }) }; };
    const controller = new AbortController();
    const source = { *[Symbol.iterator]() { yield controller.signal; } };
    const dependent = AbortSignal.any(source);
    controller.abort('x');
    return dependent.reason;`);
  t.equal(results, 'x');
});
