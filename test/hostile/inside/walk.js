import { apis } from './apis.js';
import { attacker } from './kit.js';

export default attacker({
  async 'all that can be reached from the global object'(t) {
    t.walk(globalThis, 'globalThis');
    await t.walker.finish();
    t.ok(t.walker.visited > 1500, `only ${t.walker.visited} objects were found`);
  },

  async 'what the APIs return, throw and settle with'(t) {
    for (const [name, calls] of Object.entries(apis(t))) {
      for (const [i, call] of calls.entries()) t.call(call, `${name}[${i}]`);
    }
    await t.walker.finish();
    await t.walker.finish();
    t.ok(t.walker.visited > 2000, `only ${t.walker.visited} objects were found`);
  },

  'every global has its calls in the table'(t) {
    const table = apis(t);
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      if (!t.env.LANGUAGE.includes(name) && !Object.hasOwn(table, name)) t.fail(`${name} is in no table`);
    }
    t.ok(true, 'looked');
  },
});
