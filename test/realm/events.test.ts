/** Events inside a realm. https://dom.spec.whatwg.org/#events */

import t from 'tap';
import { evaluate, makeTestRealm } from '../helpers/realm.ts';
import { runInRealm } from '../helpers/realm-output.ts';

t.test('listeners run in the order of their phases, and see the event at its target', async (t) => {
  const results = await evaluate(`
    const target = new EventTarget();
    const seen = [];
    target.addEventListener('x', () => seen.push('bubble'));
    target.addEventListener('x', function (event) { seen.push('capture', this === target, event.eventPhase, event.target === target, event.composedPath().length); }, true);
    target.addEventListener('x', { handleEvent(event) { seen.push('object', event.currentTarget === target); } });
    target.addEventListener('y', () => seen.push('other'));
    const event = new Event('x');
    const returned = target.dispatchEvent(event);
    return [seen, returned, event.eventPhase, event.currentTarget, event.target === target, event.composedPath(), event.isTrusted];`);
  t.same(results, [['capture', true, 2, true, 1, 'bubble', 'object', true], true, 0, null, true, [], false]);
});

t.test('a listener is there once, goes with once, a signal or removal, and not by another key', async (t) => {
  const results = await evaluate(`
    const target = new EventTarget();
    const count = { twice: 0, once: 0, gone: 0, signal: 0, capture: 0 };
    const twice = () => count.twice++;
    target.addEventListener('x', twice);
    target.addEventListener('x', twice, { passive: true });
    target.addEventListener('x', () => count.once++, { once: true });
    const gone = () => count.gone++;
    target.addEventListener('x', gone);
    target.removeEventListener('x', gone);
    const controller = new AbortController();
    target.addEventListener('x', () => count.signal++, { signal: controller.signal });
    const capture = () => count.capture++;
    target.addEventListener('x', capture, true);
    target.removeEventListener('x', capture);
    target.dispatchEvent(new Event('x'));
    controller.abort();
    target.dispatchEvent(new Event('x'));
    return count;`);
  t.same(results, { twice: 2, once: 1, gone: 0, signal: 1, capture: 2 });
});

t.test('a dispatch leaves out what is removed during it, and what is added', async (t) => {
  const results = await evaluate(`
    const target = new EventTarget();
    const seen = [];
    const third = () => seen.push('third');
    target.addEventListener('x', () => {
      seen.push('first');
      target.removeEventListener('x', third);
      target.addEventListener('x', () => seen.push('late'), { once: true });
    }, { once: true });
    target.addEventListener('x', () => seen.push('second'));
    target.addEventListener('x', third);
    target.dispatchEvent(new Event('x'));
    target.dispatchEvent(new Event('x'));
    return seen;`);
  t.same(results, ['first', 'second', 'second', 'late']);
});

t.test('propagation stops, defaults are prevented where they may be', async (t) => {
  const results = await evaluate(`
    const run = (listener, init, options) => {
      const target = new EventTarget();
      const seen = [];
      target.addEventListener('x', listener, options);
      target.addEventListener('x', () => seen.push('same'));
      target.addEventListener('x', () => seen.push('capture'), true);
      const event = new Event('x', init);
      return [target.dispatchEvent(event), event.defaultPrevented, event.cancelBubble, ...seen];
    };
    return [run((e) => e.stopPropagation(), {}, true), run((e) => e.stopImmediatePropagation(), {}, true), run((e) => e.preventDefault(), {}),
      run((e) => e.preventDefault(), { cancelable: true }), run((e) => e.preventDefault(), { cancelable: true }, { passive: true }),
      run((e) => { e.returnValue = false; }, { cancelable: true })];`);
  t.same(results, [
    [true, false, false, 'capture'],
    [true, false, false],
    [true, false, false, 'capture', 'same'],
    [false, true, false, 'capture', 'same'],
    [true, false, false, 'capture', 'same'],
    [false, true, false, 'capture', 'same'],
  ]);
});

t.test('what a listener throws is reported, and the next one runs', async (t) => {
  const { uncaught } = await runInRealm(`
    const target = new EventTarget();
    target.addEventListener('x', () => { throw new RangeError('one'); });
    target.addEventListener('x', { handleEvent: 5 });
    target.addEventListener('x', () => { throw null; });
    target.dispatchEvent(new Event('x'));`);
  t.same(
    uncaught.map(({ source, name, message }) => [source, name, message]),
    [
      ['event listener', 'RangeError', 'one'],
      ['event listener', 'TypeError', 'EventListener: handleEvent is not a function.'],
      ['event listener', 'Error', 'null'],
    ],
  );
});

t.test('wrong arguments, receivers and states are refused', async (t) => {
  const results = await evaluate(`
    const name = (f) => { try { return f(); } catch (e) { return e.name; } };
    const target = new EventTarget();
    let nested;
    const event = new Event('x');
    target.addEventListener('x', () => { nested = name(() => target.dispatchEvent(event)); });
    target.dispatchEvent(event);
    return [nested, name(() => target.dispatchEvent({ type: 'x' })), name(() => target.addEventListener('x')), name(() => target.addEventListener('x', 5)),
      name(() => target.addEventListener('x', null)) === undefined, name(() => target.addEventListener('x', () => {}, { signal: null })),
      name(() => EventTarget.prototype.dispatchEvent.call({}, event)), name(() => new Event()), name(() => Event('x')),
      name(() => Event.prototype.type), name(() => new Event('x', 1)), name(() => new WorkerGlobalScope())];`);
  t.same(results, [
    'InvalidStateError',
    'TypeError',
    'TypeError',
    'TypeError',
    true,
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
  ]);
});

t.test('the events of the platform carry what they are made with', async (t) => {
  const results = await evaluate(`
    const pick = (event, ...keys) => keys.map((key) => event[key]);
    const port = new MessageChannel().port1;
    const promise = Promise.resolve();
    const message = new MessageEvent('m', { data: [1], origin: 'o', lastEventId: 'i', source: port, ports: [port] });
    const name = (f) => { try { return f(); } catch (e) { return e.name; } };
    return [pick(new CustomEvent('c', { detail: 5, bubbles: true, composed: true }), 'detail', 'bubbles', 'cancelable', 'composed'),
      pick(new CustomEvent('c'), 'detail'), pick(new ErrorEvent('e', { message: 'm', filename: 'f', lineno: 2 ** 32 + 3, colno: 4, error: 5 }), 'message', 'filename', 'lineno', 'colno', 'error'),
      pick(message, 'data', 'origin', 'lastEventId'), message.source === port, message.ports[0] === port, Object.isFrozen(message.ports),
      pick(new CloseEvent('c', { code: 1000, reason: 'r', wasClean: 1 }), 'code', 'reason', 'wasClean'), pick(new ProgressEvent('p', { loaded: 1.5, total: 2 }), 'loaded', 'total', 'lengthComputable'),
      new PromiseRejectionEvent('u', { promise, reason: 1 }).promise === promise, name(() => new PromiseRejectionEvent('u', {})), name(() => new PromiseRejectionEvent('u')),
      name(() => new MessageEvent('m', { ports: [{}] })), name(() => new FetchEvent('fetch', {})), Object.keys(new Event('x'))];`);
  t.same(results, [
    [5, true, false, true],
    [null],
    ['m', 'f', 3, 4, 5],
    [[1], 'o', 'i'],
    true,
    true,
    true,
    [1000, 'r', true],
    [1.5, 2, false],
    true,
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    ['isTrusted'],
  ]);
});

t.test('the global object is an event target, with methods that need no receiver', async (t) => {
  const results = await evaluate(`
    const chain = [];
    void EventTarget; // the first use of events sets it up
    for (let link = Object.getPrototypeOf(globalThis); link !== null; link = Object.getPrototypeOf(link)) chain.push(link.constructor.name);
    let seen;
    addEventListener('mine', function (event) { seen = [this === globalThis, event.target === self]; }, { once: true });
    (0, dispatchEvent)(new Event('mine'));
    return [chain.slice(-4), seen, globalThis instanceof EventTarget, self === globalThis, addEventListener === EventTarget.prototype.addEventListener, String(globalThis)];`);
  t.same(results, [
    ['ServiceWorkerGlobalScope', 'WorkerGlobalScope', 'EventTarget', 'Object'],
    [true, true],
    true,
    true,
    true,
    '[object ServiceWorkerGlobalScope]',
  ]);
});

t.test('error listeners hear of what is reported, and may keep it from the log', async (t) => {
  const { uncaught } = await runInRealm(`
    const seen = [];
    addEventListener('error', (event) => {
      seen.push([event.message, event.error && event.error.message, event.filename.startsWith('worker:'), event.lineno > 0, event.isTrusted, event.cancelable]);
      if (event.error?.message === 'kept') event.preventDefault();
      if (event.error?.message === 'again') throw new Error('from the listener');
    });
    reportError(new Error('kept'));
    reportError(new Error('shown'));
    reportError(new Error('again'));
    reportError(7);
    reportError(new TypeError(JSON.stringify(seen)));`);
  t.same(
    uncaught.slice(0, 4).map(({ message }) => message),
    ['shown', 'from the listener', 'again', '7'],
  );
  t.same(JSON.parse(uncaught[4]?.message ?? ''), [
    ['Uncaught Error: kept', 'kept', true, true, true, true],
    ['Uncaught Error: shown', 'shown', true, true, true, true],
    ['Uncaught Error: again', 'again', true, true, true, true],
    ['Uncaught 7', null, true, true, true, true],
  ]);
});

t.test('onerror takes the parts of the event, and true means handled', async (t) => {
  const { uncaught } = await runInRealm(`
    self.onerror = (...parts) => parts.length === 5 && parts[4].message === 'kept';
    reportError(new Error('kept'));
    reportError(new Error('shown'));
    self.onerror = 'no function';
    reportError(new Error(String(self.onerror)));`);
  t.same(
    uncaught.map(({ message }) => message),
    ['shown', 'null'],
  );
});

t.test('a service-worker script answers its fetch events, once and in time', async (t) => {
  const { fetch, uncaught } = await makeTestRealm(
    `const names = [];
     addEventListener('fetch', (event) => {
       if (event.request.url.endsWith('/second')) return;
       event.respondWith(new Response(event.type + event.isTrusted + (event.request instanceof Request)));
       try { event.respondWith(new Response('twice')); } catch (e) { names.push(e.name); }
     });
     addEventListener('fetch', async (event) => {
       event.waitUntil(Promise.resolve());
       event.respondWith(new Promise((resolve) => setTimeout(() => resolve(new Response(names.join())), 0)));
       await null;
       try { event.respondWith(new Response('late')); } catch (e) { names.push(e.name); }
       event.waitUntil(Promise.reject(new Error('of waitUntil')));
     });`,
    { format: 'script' },
  );
  t.equal((await fetch('http://test/first')).body, 'fetchtruetrue');
  t.equal((await fetch('http://test/second')).body, 'InvalidStateError,InvalidStateError');
  t.match(
    uncaught.map(({ message }) => message),
    ['of waitUntil'],
  );
});

t.test('events made by a worker extend no lifetime', async (t) => {
  const results = await evaluate(`
    const event = new ExtendableEvent('x');
    try { event.waitUntil(Promise.resolve()); } catch (e) { return e.name; }`);
  t.equal(results, 'InvalidStateError');
});
