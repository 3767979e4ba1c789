/** Ways to make code from strings. */

import { attacker } from './kit.js';

export default attacker({
  async 'code in strings'(t) {
    const code = 'import("node:fs")';
    const attempts = {
      eval: () => eval(code),
      'indirect eval': () => (0, eval)(code),
      Function: () => Function(code)(),
      'new Function': () => new Function(code)(),
      AsyncFunction: () => new (async () => {}).constructor(code)(),
      GeneratorFunction: () => new function* () {}.constructor(code)().next(),
      AsyncGeneratorFunction: () => new async function* () {}.constructor(code)().next(),
      'Function of a bound function': () => (() => {}).bind().constructor(code)(),
      'Function of a proxy': () => new Proxy(() => {}, {}).constructor(code)(),
      'Function of a method of the platform': () => fetch.constructor(code)(),
      'Reflect.construct': () => Reflect.construct(Function, [code], Array)(),
      setTimeout: () => setTimeout(code),
      setInterval: () => setInterval(code),
      queueMicrotask: () => queueMicrotask(code),
      'an event handler': () => void (globalThis.onerror = code),
      'an event listener': () => addEventListener('x', code),
      'an async callback': () => Promise.resolve().then(code),
      'a reviver': () => JSON.parse('{}', code),
      'a replacer': () => 'a'.replace('a', code),
      'a source phase of WebAssembly': () => new WebAssembly.Module(new TextEncoder().encode(code)),
      'a code point of a regular expression': () => new RegExp(`(?<a>${code.replaceAll(/[^a-z]/g, '')})`),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      const { error } = await t.settle(attempt, name);
      if (/eval|Function|construct/.test(name)) t.same(error?.constructor, EvalError, name);
    }
  },

  'trusted strings and objects that stand for code'(t) {
    const object = { toString: () => 'import("node:fs")' };
    t.call(() => eval(object), 'eval of an object');
    t.call(() => eval(new String('import("node:fs")')), 'eval of a String');
    t.call(() => new Function(object)(), 'Function of an object');
  },
});
