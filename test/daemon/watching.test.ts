/** What is watched, and how many changes make one deployment. No file is touched: the test says what has changed. */

import t from 'tap';
import type { Supervision, Watch } from '../../src/config/supervision.ts';
import { emptyState, type SavedState } from '../../src/daemon/state-file.ts';
import { type ReloadOutcome, Watching } from '../../src/daemon/watching.ts';

const watch: Watch = { paths: ['/app/src'], ignored: [], base: '/app', delay: 200 };

function stateOf(
  supervisions: Readonly<Record<string, Supervision>>,
  stopped: readonly string[] = [],
): SavedState {
  const services = Object.entries(supervisions).map(([name, supervision]) => {
    return { kind: 'worker', name, supervision };
  });
  const source = '/app/ecosystem.config.js';
  return {
    ...emptyState,
    stopped,
    sources: [{ source, config: { services }, bundles: {} }],
  } as unknown as SavedState;
}

interface Watcher {
  readonly paths: readonly string[];
  readonly isIgnored: (path: string) => boolean;
  readonly change: (path: string) => void;
  isOver: boolean;
}

function makeWatching() {
  const watchers: Watcher[] = [];
  const reloads: { readonly services: readonly string[]; readonly end: (outcome: ReloadOutcome) => void }[] =
    [];
  const timers = new Set<() => void>();
  const logged: string[] = [];
  const watching = new Watching({
    watch(paths, isIgnored, change) {
      const watcher = { paths, isIgnored, change, isOver: false };
      watchers.push(watcher);
      return () => (watcher.isOver = true);
    },
    reload: (_source, services) => new Promise((end) => reloads.push({ services, end })),
    after(_ms, run) {
      timers.add(run);
      return () => timers.delete(run);
    },
    log: (level, text) => logged.push(`${level} ${text}`),
    home: '/app/src/state',
  });
  /** Every delay is over. */
  const settle = (): void => {
    for (const run of timers) {
      timers.delete(run);
      run();
    }
  };
  return { watching, watchers, reloads, timers, logged, settle };
}

/** What is asked for in this turn has been done. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('several changes make one deployment, and a change during it another one', async (t) => {
  const { watching, watchers, reloads, timers, logged, settle } = makeWatching();
  watching.follow(stateOf({ a: { watch }, b: { watch }, c: {} }));
  t.strictSame(
    watchers.map(({ paths }) => paths),
    [['/app/ecosystem.config.js', '/app/src']],
  );
  const [watcher] = watchers;
  for (let i = 0; i < 10; i++) watcher?.change('/app/src/a.js');
  t.equal(timers.size, 1);
  settle();
  t.match(reloads, [{ services: ['a', 'b'] }]);
  for (let i = 0; i < 3; i++) {
    watcher?.change('/app/src/b.js');
    settle();
  }
  t.equal(reloads.length, 1, 'one at a time');
  reloads[0]?.end({ isDone: true, text: '' });
  await turn();
  t.equal(reloads.length, 2);
  reloads[1]?.end({ isDone: false, text: 'error[SCRIPT_SYNTAX]: no' });
  await turn();
  t.equal(reloads.length, 2);
  t.match(logged, ['info reloaded after a change: a, b', /^error a change could not be deployed: error\[/]);
});

t.test('a deployment that changes nothing about it leaves the watcher alone', (t) => {
  const { watching, watchers } = makeWatching();
  watching.follow(stateOf({ a: { watch } }));
  watching.follow(stateOf({ a: { watch } }));
  t.equal(watchers.length, 1);
  watching.follow(stateOf({ a: { watch: { ...watch, paths: ['/app/lib'] } } }));
  t.match(watchers, [{ isOver: true }, { isOver: false, paths: ['/app/ecosystem.config.js', '/app/lib'] }]);
  watching.follow(stateOf({ a: { watch } }, ['a']));
  t.match(watchers, [{ isOver: true }, { isOver: true }], 'who is stopped is not watched');
  watching.follow(stateOf({ a: { watch } }));
  watching.stop();
  t.ok(watchers.every(({ isOver }) => isOver));
  t.end();
});

t.test('what is ignored', (t) => {
  const { watching, watchers } = makeWatching();
  const ignored = ['generated', 'src/data', '*.log', 'src/**/fixtures/*.json', './lib/x.js'];
  watching.follow(stateOf({ a: { watch: { ...watch, paths: ['/app/src', '/app/lib'], ignored } } }));
  const isIgnored = watchers[0]?.isIgnored ?? (() => undefined);
  const seen = [
    'ecosystem.config.js',
    'src',
    'src/a.js',
    'src/deep/er/b.ts',
    'lib/y.js',
    'src/data.js',
    'src/x.json',
  ];
  const unseen = [
    'src/node_modules/x/index.js',
    'src/.git/HEAD',
    'src/.a.js.swp',
    'src/generated/a.js',
    'src/data/big.bin',
    'src/deep/debug.log',
    'src/deep/fixtures/x.json',
    'lib/x.js',
    'src/state/state.json',
    'other/a.js',
  ];
  for (const path of seen) t.equal(isIgnored(`/app/${path}`), false, path);
  for (const path of unseen) t.equal(isIgnored(`/app/${path}`), true, path);
  t.end();
});
