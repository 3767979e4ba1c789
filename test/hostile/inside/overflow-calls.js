/** Calls from realm to realm near stack overflow: every promise settles, with values of this realm, and the way stays open. */

import { attacker } from './kit.js';
import { nearLimit, shiftsBy } from './near-limit.js';

const url = 'http://test/';
const { setTimeout } = globalThis;

/** Whoever calls is cut short more often than not: so the frames go far, until everything has gone well for a while. */
const reach = { frames: 600, enough: 20 };

/** Makes the calls near the limit, and waits for what they promise. */
async function settles(t, make, what) {
  let made = 0;
  let settled = 0;
  const see = (outcome) => {
    settled++;
    t.walk(outcome, what);
  };
  for (const shift of shiftsBy(t.env.STEP)) {
    for (const outcome of nearLimit(make, shift, reach)) {
      if (!(outcome instanceof Promise)) {
        t.walk(outcome, `${what}!`);
        continue;
      }
      made++;
      outcome.then(see, see);
    }
  }
  for (let i = 0; i < 200 && settled < made; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  t.same(settled, made, `${what}: promises that have settled`);
  t.ok(made > 0, `${what}: no call was made`);
  const after = await t.env.OTHER.fetch(url, { method: 'POST', body: 'after' });
  t.same(await after.text(), 'after', `${what}: a call with room, afterwards`);
}

/** Loads what calls need, where there is room. */
const warm = (t) => t.env.OTHER.fetch(url, { method: 'POST', body: 'x' }).then((response) => response.text());

/** Something for each call: made beforehand, used up near the limit. */
async function prepared(t, count, make) {
  const all = [];
  for (let i = 0; i < count; i++) all.push(await make());
  let i = 0;
  return (use) => () => (i < count ? use(all[i++]) : undefined);
}

const afterFetch = (path, init, use) => async (t) => {
  await warm(t);
  await settles(t, () => t.env.OTHER.fetch(url + path, init?.()).then(use), path);
};

export default attacker({
  'a service that was never called': (t) => settles(t, () => t.env.OTHER.fetch(url), 'cold'),
  'a service that is not there': (t) => settles(t, () => t.env.MISSING.fetch(url), 'missing'),
  'the network': (t) => settles(t, () => t.env.NETWORK.fetch('http://127.0.0.1:1/'), 'network'),
  'a text': afterFetch(
    '',
    () => ({ method: 'POST', body: 'abc' }),
    (response) => response.text(),
  ),
  'a stream there': afterFetch(
    '',
    () => ({ method: 'POST', body: new Response('abc').body, duplex: 'half' }),
    (response) => response.text(),
  ),
  'a stream back': afterFetch('stream', undefined, (response) => response.text()),
  'an answer that throws': afterFetch('throw'),
  'a stream that breaks': afterFetch('broken', undefined, (response) => response.text()),
  'a redirect': afterFetch('redirect'),
  'a call that leads to itself': async (t) => {
    await warm(t);
    await settles(t, () => t.env.LOOP.fetch(url), 'loop');
  },

  async 'a call that is aborted at once'(t) {
    await warm(t);
    const make = () => {
      const controller = new AbortController();
      const promise = t.env.OTHER.fetch(`${url}hang`, { signal: controller.signal });
      promise.catch(() => {});
      controller.abort();
      return promise;
    };
    await settles(t, make, 'aborted');
  },

  async 'calls that wait, aborted'(t) {
    const each = await prepared(t, 2000, () => {
      const controller = new AbortController();
      const promise = t.env.OTHER.fetch(`${url}hang`, { signal: controller.signal });
      promise.catch(() => {});
      return { controller, promise };
    });
    // A call that could not be aborted there is aborted with room.
    const cut = [];
    const abort = ({ controller, promise }) => {
      cut.push(controller);
      controller.abort();
      return promise;
    };
    const pending = settles(t, each(abort), 'aborted later');
    for (const controller of cut) controller.abort();
    await pending;
  },

  async 'a text that is read'(t) {
    const each = await prepared(t, 1000, () => t.env.OTHER.fetch(`${url}stream`));
    await settles(
      t,
      each((response) => response.text()),
      'text',
    );
  },

  async 'a stream that is read'(t) {
    const each = await prepared(t, 1000, async () =>
      (await t.env.OTHER.fetch(`${url}stream`)).body.getReader(),
    );
    await settles(
      t,
      each((reader) => reader.read()),
      'read',
    );
  },

  async 'a stream that is canceled'(t) {
    const each = await prepared(t, 1000, async () => (await t.env.OTHER.fetch(`${url}stream`)).body);
    await settles(
      t,
      each((body) => body.cancel('x')),
      'cancel',
    );
  },
});
