/** A worker that never says the name: it finds nothing of it. */

import { attacker } from './kit.js';

const name = ['Temp', 'oral'].join('');
const method = ['toTemp', 'oralInstant'].join('');

export default attacker({
  'it is nowhere'(t) {
    t.same(name in globalThis, false, 'the global');
    t.same(method in Date.prototype, false, 'the method of Date');
    t.call(() => new Date()[method](), 'the method');
    const seen = new Set();
    const find = (holder, depth) => {
      if (Object(holder) !== holder || seen.has(holder) || depth > 6) return;
      seen.add(holder);
      for (const key of Reflect.ownKeys(holder)) {
        if (String(key).includes(name)) t.fail(`found ${String(key)}`);
        const descriptor = Reflect.getOwnPropertyDescriptor(holder, key);
        for (const value of [descriptor.value, descriptor.get]) find(value, depth + 1);
      }
      find(Object.getPrototypeOf(holder), depth + 1);
    };
    find(globalThis, 0);
    t.ok(seen.size > 500, `only ${seen.size} objects`);
  },

  'Intl, which knows its types, gives none'(t) {
    t.walk(new Intl.DateTimeFormat('en').resolvedOptions(), 'options');
    t.walk(new Intl.DurationFormat('en').formatToParts({ hours: 1 }), 'duration');
  },
});
