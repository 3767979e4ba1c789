/** DOMException inside a realm, and errors as text. https://webidl.spec.whatwg.org/#idl-DOMException */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';
import { runInRealm } from '../helpers/realm-output.ts';

t.test('a DOMException is an Error by brand and by prototype, though its class is no subclass', async (t) => {
  const results = await evaluate(`
    const error = new DOMException('text', 'AbortError');
    return [Error.isError(error), error instanceof Error, Object.getPrototypeOf(DOMException) === Function.prototype,
      Object.getPrototypeOf(DOMException.prototype) === Error.prototype, String(error), error.code, DOMException.ABORT_ERR,
      error.hasOwnProperty('name'), error.hasOwnProperty('message'), error.stack.startsWith('AbortError: text\\n    at '),
      Object.prototype.toString.call(error), DOMException.length, DOMException.name];`);
  t.same(results, [
    true,
    true,
    true,
    true,
    'AbortError: text',
    20,
    20,
    false,
    false,
    true,
    '[object DOMException]',
    0,
    'DOMException',
  ]);
});

t.test('its attributes are read from hidden state, by receivers that have it', async (t) => {
  const results = await evaluate(`
    const getter = Object.getOwnPropertyDescriptor(DOMException.prototype, 'name').get;
    const illegal = (receiver) => { try { return getter.call(receiver); } catch (e) { return e.constructor === TypeError; } };
    const shadowed = new DOMException('', 'NotFoundError');
    Object.defineProperty(shadowed, 'name', { value: 'x' });
    class Derived extends DOMException {}
    const derived = new Derived('m', 'SyntaxError');
    return [illegal({}), illegal(DOMException.prototype), shadowed.code, derived instanceof Derived, derived.code,
      new DOMException(undefined, undefined).name, new DOMException(null).message, new DOMException('', 'made up').code];`);
  t.same(results, [true, true, 8, true, 12, 'Error', 'null', 0]);
});

t.test('a QuotaExceededError tells the quota and what was asked', async (t) => {
  const results = await evaluate(`
    const error = new QuotaExceededError('full', { quota: 10, requested: 20 });
    const thrown = (f) => { try { f(); } catch (e) { return e.constructor.name; } };
    return [error.name, error.code, error.quota, error.requested, error instanceof DOMException, new QuotaExceededError().quota,
      thrown(() => new QuotaExceededError('', { quota: -1 })), thrown(() => new QuotaExceededError('', { quota: NaN })),
      thrown(() => new QuotaExceededError('', { quota: 2, requested: 1 }))];`);
  t.same(results, ['QuotaExceededError', 22, 10, 20, true, null, 'RangeError', 'TypeError', 'RangeError']);
});

t.test('whatever is thrown and not caught reaches the log as text', async (t) => {
  const { uncaught } = await runInRealm(`
    const hostile = new Error('hidden');
    for (const key of ['name', 'message', 'stack']) Object.defineProperty(hostile, key, { get() { throw hostile; } });
    const symbolic = Object.assign(new TypeError('x'), { name: Symbol('s'), message: Symbol('m') });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const chained = new Error('outer', { cause: new RangeError('inner') });
    for (const value of [null, undefined, 0n, 'text', Symbol('s'), {}, { message: 'mine' }, { get message() { throw 1; } }, hostile, symbolic,
      proxy, new Proxy(new Error('p'), { get() { throw 1; } }), () => {}, 'x'.repeat(1e6), chained]) reportError(value);`);
  const messages = uncaught.map(({ message }) => message);
  t.same(messages.slice(0, 5), ['null', 'undefined', '0n', 'text', 'Symbol(s)']);
  t.match(messages[5], /not an Error/);
  t.equal(messages[6], 'mine');
  t.match(messages[7], /not an Error/);
  t.same([uncaught[8]?.name, uncaught[8]?.message, uncaught[8]?.stack], ['Error', '', '']);
  t.same([uncaught[9]?.name, uncaught[9]?.message], ['Error', '']);
  t.ok((messages[13] ?? '').length < 10_000);
  t.match(uncaught[14]?.stack, /^Error: outer\n {4}at .*\n {2}\[cause\]: RangeError: inner\n/s);
  t.equal(uncaught.length, 15);
});

t.test('its constants stand in the order of their codes', async (t) => {
  const results = await evaluate(`
    const names = Object.keys(DOMException);
    return [names.length, names.every((name, i) => DOMException[name] === i + 1 && DOMException.prototype[name] === i + 1),
      new URLSearchParams(DOMException).toString().startsWith('INDEX_SIZE_ERR=1&DOMSTRING_SIZE_ERR=2&')];`);
  t.same(results, [25, true, true]);
});
