/** Temporal: made in this realm, or not there at all. */

import { attacker } from './kit.js';

export default attacker({
  'what there is of it belongs to this realm'(t) {
    t.same(typeof Temporal, 'object', 'Temporal');
    t.walk(Temporal, 'Temporal');
    t.walk(new Date().toTemporalInstant(), 'toTemporalInstant');
    t.walk(Temporal.Now.zonedDateTimeISO(), 'now');
    t.walk(Temporal.PlainDate.from('2020-01-01').until('2021-01-01'), 'duration');
    t.call(() => Temporal.PlainDate.from('nothing'), 'from');
    t.call(() => new Intl.DateTimeFormat('en').formatToParts(Temporal.Now.plainDateISO()), 'Intl');
    t.call(() => new Temporal.Duration(0.5), 'Duration');
    t.call(() => structuredClone(Temporal.Now.instant()), 'clone');
  },

  async 'the platform looks at values of it'(t) {
    const values = [Temporal.Now.instant(), Temporal, new Date()];
    for (const value of values) {
      t.call(() => console.log(value, { value }), 'console');
      t.call(() => reportError(value), 'reportError');
      await t.settle(() => Response.json({ value }).json(), 'json');
      await t.settle(() => t.env.OTHER.fetch('http://x/', { method: 'POST', body: value }), 'body');
      t.call(() => new Headers({ a: value }), 'header');
      t.call(() => setTimeout(() => {}, value), 'delay');
    }
  },
});
