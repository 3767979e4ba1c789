/** What becomes of methods under way, stubs and streams when a realm is replaced, or a channel is lost, in the middle of it. */

import t from 'tap';
import { makeRpcRealms, type RpcRealmsOptions } from '../helpers/rpc-realms.ts';

const callee = `
const seen = [];
host.seen = () => seen.splice(0);
let released = Promise.withResolvers();
host.heard = async () => { await released.promise; return seen.splice(0); };
let arrived = Promise.withResolvers();
host.arrived = () => arrived.promise;
class Counter extends RpcTarget {
  #count = 0;
  increment() { return ++this.#count; }
  never() { return new Promise(() => {}); }
  [Symbol.dispose]() { seen.push('disposed'); released.resolve(); }
}
class Callee extends WorkerEntrypoint {
  fetch() { return new Promise(() => {}); }
  echo(value) { return value; }
  async later(value) { await null; return value; }
  async fails() { await null; throw new RangeError('no'); }
  counter() { return new Counter(); }
  async counterLater() { await null; return new Counter(); }
  list() { return { counters: [new Counter(), new Counter()] }; }
  async never() {
    this.ctx.signal.addEventListener('abort', () => { seen.push('abandoned'); released.resolve(); });
    arrived.resolve('arrived');
    return new Promise(() => {});
  }
  stream() {
    return new ReadableStream({ start(c) { c.enqueue(new Uint8Array([65])); }, pull() { return new Promise(() => {}); } });
  }
  async take(callback) { await callback(1); arrived.resolve('arrived'); return new Promise(() => {}); }
  async hold(stub) {
    const kept = stub.dup();
    kept.onRpcBroken((error) => { seen.push(error.code); released.resolve(); });
    await kept(0);
    return 'held';
  }
}`;

/** What \`run\` throws, as its code and class. */
const failure = `async (run) => {
  try { return 'nothing: ' + JSON.stringify(await run()); } catch (error) { return [error instanceof Error, error.code ?? '', error.message]; }
}`;

const replaced = [true, 'RPC_BROKEN', 'the service "callee" has been replaced, and its stubs with it'];
const losses = {
  channel: [true, 'CHANNEL_LOST', 'the thread that was answering ended during the call'],
  http: [true, 'RPC_CONNECTION_LOST', 'the connection to "other" was lost: it was closed (1000)'],
} as const;

type Routes = readonly RpcRealmsOptions['route'][];
const routes: Routes = ['direct', 'channel', 'http'];

/** Everything that can be under way. \`begin\` starts it, and \`end\` says what has become of it. */
const underWay = {
  begin: `async ({ CALLEE }, kept) => {
    kept.failure = ${failure};
    kept.broken = [];
    kept.stub = await CALLEE.counter();
    kept.list = await CALLEE.list();
    kept.stub.onRpcBroken((error) => kept.broken.push('stub ' + error.code));
    kept.list.counters[0].dup().onRpcBroken((error) => kept.broken.push('in a list ' + error.code));
    CALLEE.never().onRpcBroken((error) => kept.broken.push('promise ' + error.code));
    CALLEE.counterLater().onRpcBroken((error) => kept.broken.push('promised stub ' + error.code));
    await CALLEE.later(1);
    kept.gone = await CALLEE.counter();
    kept.gone.onRpcBroken(() => kept.broken.push('a disposed stub'));
    kept.gone[Symbol.dispose]();
    kept.calls = [
      kept.failure(() => CALLEE.never()),
      kept.failure(() => CALLEE.never().then((value) => value)),
      kept.failure(() => CALLEE.never().a.b()),
      kept.failure(() => kept.stub.never()),
      kept.failure(() => CALLEE.take(() => 1)),
      kept.failure(async () => await CALLEE.never().property),
      kept.failure(() => CALLEE.fetch('http://callee/')),
    ];
    kept.reader = (await CALLEE.stream()).getReader();
    kept.first = (await kept.reader.read()).value[0];
    kept.reading = kept.failure(() => kept.reader.read());
    const { readable, writable } = new TransformStream();
    kept.writing = writable.getWriter();
    return kept.stub.increment();
  }`,
  calls: `(env, kept) => Promise.all(kept.calls)`,
  stream: `async (env, kept) => [kept.first, await kept.reading, await kept.failure(() => kept.reader.read())]`,
  after: `async (env, kept) => [
    await kept.failure(() => kept.stub.increment()),
    await kept.failure(async () => await kept.stub.property),
    await kept.failure(() => kept.list.counters[1].increment()),
  ]`,
  broken: `(env, kept) => kept.broken.toSorted()`,
  late: `async (env, kept) => {
    const heard = Promise.withResolvers();
    const seen = [];
    kept.stub.onRpcBroken((error) => seen.push(error.code));
    const duplicate = kept.stub.dup();
    duplicate.onRpcBroken((error) => heard.resolve(error.code));
    seen.push('registered');
    return [await heard.promise, seen];
  }`,
};
const allBroken = (code: string): string[] =>
  ['in a list', 'promise', 'promised stub', 'stub'].map((each) => `${each} ${code}`);

for (const route of routes) {
  await t.test(`${route}: the callee is replaced in the middle`, async (t) => {
    const realms = await makeRpcRealms(t, { route, callee, steps: underWay });
    t.equal(await realms.step('begin'), 1);
    realms.callee.realm.dispose();
    t.strictSame(
      await realms.step('calls'),
      Array.from({ length: 7 }, () => replaced),
      'calls fail',
    );
    t.strictSame(await realms.step('stream'), [65, replaced, replaced], 'a stream fails');
    t.strictSame(await realms.step('after'), [replaced, replaced, replaced], 'stubs fail');
    t.strictSame(
      await realms.step('late'),
      ['RPC_BROKEN', ['registered', 'RPC_BROKEN']],
      'one that is broken already says so',
    );
    t.strictSame(await realms.step('broken'), allBroken('RPC_BROKEN'));
    t.strictSame([realms.caller.uncaught, realms.callee.uncaught], [[], []]);
  });
}

for (const [route, lost] of Object.entries(losses) as ['channel', (typeof losses)['channel']][])
  await t.test(`${route}: the other side is lost in the middle`, async (t) => {
    const realms = await makeRpcRealms(t, { route, callee, steps: underWay });
    const code = lost[1];
    t.equal(await realms.step('begin'), 1);
    realms.channels[1]?.close();
    t.strictSame(
      await realms.step('calls'),
      Array.from({ length: 7 }, () => lost),
      'calls fail',
    );
    t.strictSame(await realms.step('stream'), [65, lost, lost], 'a stream fails');
    t.strictSame(await realms.step('after'), [lost, lost, lost], 'stubs fail');
    t.strictSame(await realms.step('late'), [code, ['registered', code]]);
    t.strictSame(await realms.step('broken'), allBroken(code));
    t.equal(realms.held(), 0);
    t.ok(((await realms.ask('heard')) as string[]).length > 0, 'the callee hears that nobody waits');
  });

for (const route of routes) {
  await t.test(`${route}: the caller goes in the middle`, async (t) => {
    const realms = await makeRpcRealms(t, {
      route,
      callee,
      steps: {
        never: `({ CALLEE }) => { CALLEE.never(); CALLEE.never(); CALLEE.never().a.b(); CALLEE.take(() => 1); return 'called'; }`,
        hold: `({ CALLEE }) => CALLEE.hold((value) => value)`,
      },
    });
    t.equal(await realms.step('hold'), 'held');
    t.equal(await realms.step('never'), 'called');
    t.equal(await realms.ask('arrived'), 'arrived');
    realms.caller.realm.dispose();
    const heard = (await realms.ask('heard')) as string[];
    while (heard.length < 4) {
      await new Promise((resolve) => setImmediate(resolve)); // what comes over the channel comes in a turn of its own
      heard.push(...((await realms.ask('seen')) as string[]));
    }
    t.strictSame(
      heard.toSorted(),
      ['RPC_BROKEN', 'abandoned', 'abandoned', 'abandoned'],
      'the callee hears of all of it',
    );
    t.strictSame([realms.caller.uncaught, realms.callee.uncaught], [[], []]);
  });

  await t.test(`${route}: what nobody waits for any more is not begun`, async (t) => {
    const realms = await makeRpcRealms(t, {
      route,
      callee: `${callee}
        let opened; const gate = new Promise((resolve) => { opened = resolve; });
        host.open = () => { opened(); return 'open'; };
        class Late extends RpcTarget { begin(value) { seen.push('begun ' + value); return value; } }
        Callee.prototype.gated = async () => { await gate; return new Late(); };`,
      steps: {
        begin: `({ CALLEE }, kept) => {
          const gated = CALLEE.gated();
          kept.first = gated.begin(1);
          kept.second = gated.begin({ two: 2 });
          kept.third = gated.begin(3);
          kept.first[Symbol.dispose]();
          kept.second[Symbol.dispose]();
          return CALLEE.echo('begun');
        }`,
        end: `(env, kept) => kept.third`,
      },
    });
    t.equal(await realms.step('begin'), 'begun');
    t.equal(await realms.ask('open'), 'open');
    t.equal(await realms.step('end'), 3);
    t.strictSame(await realms.ask('seen'), ['begun 3']);
  });
}

for (const route of ['channel', 'http'] as const)
  await t.test(`${route}: calls leave nothing behind`, async (t) => {
    const realms = await makeRpcRealms(t, {
      route,
      callee,
      steps: {
        calls: `async ({ CALLEE }) => {
        for (let i = 0; i < 20; i++) {
          await CALLEE.later(i);
          await CALLEE.fails().catch(() => {});
          await CALLEE.nothing().catch(() => {});
          await CALLEE.later(1).a.b().catch(() => {});
          await CALLEE.fails().a.b().catch(() => {});
          (await CALLEE.counter())[Symbol.dispose]();
          CALLEE.never()[Symbol.dispose]();
          await CALLEE.echo(Symbol('s')).catch(() => {});
          await CALLEE.later(() => 1).catch(() => {});
        }
        return 'called';
      }`,
        fence: `({ CALLEE }) => CALLEE.echo('fence')`,
      },
    });
    t.equal(await realms.step('calls'), 'called');
    await realms.step('fence');
    // Twenty stubs and functions were results: what stands for those is kept until the collector has found their promises.
    t.ok(realms.held() <= 40, `${realms.held()} are held`);
    t.ok(realms.held() >= 0);
  });
