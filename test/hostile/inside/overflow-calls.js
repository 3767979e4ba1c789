import { attacker } from './kit.js';
const shifts = Array.from({ length: 24 }, (_, count) => new Array(count).fill(0));
function nearLimit(call, shift, frames) {
  const outcomes = [];
  let count = 0,
    good = 0;
  const down = () => {
    try {
      down();
    } catch {}
    if (count >= frames || good > 600) return;
    count++;
    try {
      outcomes[outcomes.length] = call();
      good++;
    } catch (e) {
      outcomes[outcomes.length] = e;
    }
  };
  Reflect.apply(down, undefined, shifts[shift]);
  return outcomes;
}
async function all(t, make, what) {
  const kinds = {};
  let n = 0;
  let settled = 0;
  for (let s = 0; s < 4; s++)
    for (const o of nearLimit(make, s, 4000)) {
      if (o instanceof Promise) {
        n++;
        o.then(
          (r) => {
            settled++;
            kinds[r?.status ?? typeof r] = (kinds[r?.status ?? typeof r] ?? 0) + 1;
            t.walk(r);
          },
          (e) => {
            settled++;
            const k = e?.name + ':' + e?.message + (e?.code ?? '');
            kinds[k] = (kinds[k] ?? 0) + 1;
            t.walk(e);
          },
        );
      } else {
        t.walk(o);
        const k = 'sync ' + o?.message;
        kinds[k] = (kinds[k] ?? 0) + 1;
      }
    }
  for (let i = 0; i < 50 && settled < n; i++) await new Promise((r) => setTimeout(r, 5));
  t.same(settled, n, what + ' ' + JSON.stringify(kinds));
  t.fail(what + ' ' + n + JSON.stringify(kinds));
}
export default attacker({
  cold: async (t) => {
    await all(t, () => t.env.OTHER.fetch('http://x/'), 'cold');
    t.same(await (await t.env.OTHER.fetch('http://x/')).text(), '', 'after');
  },
  warm: async (t) => {
    await t.env.OTHER.fetch('http://x/');
    await all(t, () => t.env.OTHER.fetch('http://x/'), 'warm');
  },
  body: async (t) => {
    await t.env.OTHER.fetch('http://x/');
    await all(
      t,
      () => t.env.OTHER.fetch('http://x/', { method: 'POST', body: 'abc' }).then((r) => r.text()),
      'body',
    );
  },
  stream: async (t) => {
    await t.env.OTHER.fetch('http://x/');
    await all(
      t,
      () =>
        t.env.OTHER.fetch('http://x/', {
          method: 'POST',
          duplex: 'half',
          body: new Response('abc').body,
        }).then((r) => r.text()),
      'stream',
    );
  },
  down: async (t) => {
    await t.env.OTHER.fetch('http://x/');
    await all(t, () => t.env.OTHER.fetch('http://x/stream').then((r) => r.text()), 'down');
  },
  throws: async (t) => {
    await t.env.OTHER.fetch('http://x/');
    await all(t, () => t.env.OTHER.fetch('http://x/throw'), 'throws');
  },
  broken: async (t) => {
    await t.env.OTHER.fetch('http://x/');
    await all(t, () => t.env.OTHER.fetch('http://x/broken').then((r) => r.text()), 'broken');
  },
  redirect: async (t) => {
    await t.env.OTHER.fetch('http://x/');
    await all(t, () => t.env.OTHER.fetch('http://x/redirect'), 'redirect');
  },
  abort: async (t) => {
    await t.env.OTHER.fetch('http://x/');
    await all(
      t,
      () => {
        const c = new AbortController();
        const p = t.env.OTHER.fetch('http://x/hang', { signal: c.signal });
        p.catch(() => {});
        c.abort();
        return p;
      },
      'abort',
    );
  },
  abortlater: async (t) => {
    await t.env.OTHER.fetch('http://x/');
    const cs = [];
    for (let i = 0; i < 4000; i++) {
      const c = new AbortController();
      cs.push([c, t.env.OTHER.fetch('http://x/hang', { signal: c.signal })]);
      cs.at(-1)[1].catch(() => {});
    }
    let i = 0;
    await all(
      t,
      () => {
        if (i >= 4000) return 1;
        const [c, p] = cs[i++];
        c.abort();
        return p;
      },
      'abortlater',
    );
  },
  read: async (t) => {
    const rs = [];
    for (let i = 0; i < 2000; i++) rs.push(await t.env.OTHER.fetch('http://x/stream'));
    let i = 0;
    await all(t, () => (i < 2000 ? rs[i++].text() : 1), 'read');
  },
  readstream: async (t) => {
    const rs = [];
    for (let i = 0; i < 2000; i++) rs.push((await t.env.OTHER.fetch('http://x/stream')).body.getReader());
    let i = 0;
    await all(t, () => (i < 2000 ? rs[i++].read() : 1), 'readstream');
  },
  cancelstream: async (t) => {
    const rs = [];
    for (let i = 0; i < 2000; i++) rs.push((await t.env.OTHER.fetch('http://x/stream')).body);
    let i = 0;
    await all(t, () => (i < 2000 ? rs[i++].cancel('x') : 1), 'cancelstream');
  },
});
