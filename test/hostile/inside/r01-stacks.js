import { attacker, foreignness } from './kit.js';

/** Values that a formatter stumbles over. */
const odd = {
  symbol: Symbol('name'),
  object: { toString: () => ({}) },
  throwing: {
    toString() {
      throw Symbol('thrown');
    },
  },
  'null-prototype': Object.create(null),
  bigint: 10n,
  proxy: new Proxy(() => {}, {
    get() {
      throw new RangeError('trap');
    },
  }),
  revoked: revokedProxy(),
};

function revokedProxy() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function eachOdd(action) {
  for (const [name, value] of Object.entries(odd)) action(value, name);
}

const constructors = [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError];

export default attacker({
  'the name of an error is odd'(t) {
    for (const Ctor of constructors) {
      eachOdd((value, name) => {
        const error = new Ctor('x');
        error.name = value;
        t.call(() => error.stack, `${Ctor.name} ${name}`);
        t.same(typeof error.stack, 'string', name);
      });
    }
  },
});
