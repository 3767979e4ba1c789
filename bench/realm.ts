/**
 * What does a realm cost: the time to create one and answer its first request, and the heap that it holds while it lives? Beside it, what an
 * empty context of `node:vm` costs, below which no realm can come. Prints JSON: milliseconds, and KiB.
 */

import { setFlagsFromString } from 'node:v8';
import vm from 'node:vm';
import { makeRealmMemoryCaches } from '../src/bindings/memory-cache.ts';
import { makeRealmLoaders } from '../src/bindings/worker-loader.ts';
import { bundlePrelude } from '../src/bundle/bundle-prelude.ts';
import { makeSharedHost } from '../src/realm/host/index.ts';
import { neutral } from '../src/realm/neutral.ts';
import { compilePrelude, nodejsCompiler, createRealm, type Realm } from '../src/realm/realm.ts';
import { makeCounts } from '../src/services/edge.ts';
import { compileImage } from '../src/realm/worker-image.ts';
import { summarize } from './statistics.ts';

const COUNT = 500;
const WARM_UP = 50;

setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

const prelude = compilePrelude(await bundlePrelude());
const nodejs = nodejsCompiler(undefined);
const shared = makeSharedHost();
const image = compileImage({
  service: 'hello',
  version: 'bench',
  format: 'module',
  code: `"use strict";($nanod) => { $nanod.exports({ default: () => handler });
const handler = { fetch() { return new Response('hello world'); } };
}`,
  assets: [],
  mentionsTemporal: false,
  nodejs: false,
});

const none = (): void => {};
const never = (): never => {
  throw new Error('the worker does nothing of the kind');
};
const hooks = {
  log: none,
  uncaught: none,
  loopback: never,
  broken: never,
  tooDeep: never,
  nest: never,
  stubCounts: makeCounts(),
  leave: () => undefined,
  atRequestEnd: none,
  leak: none,
  onPending: none,
};

async function answerFirst(): Promise<Realm> {
  const bound = {
    bindings: [],
    targets: [],
    keys: [],
    loaders: makeRealmLoaders([]),
    memoryCaches: makeRealmMemoryCaches([]),
    rateLimits: [],
  };
  const realm = createRealm({ prelude, nodejs, shared, image, ...bound, hooks });
  const failed = await realm.load();
  if (failed !== undefined) throw new Error(failed.message);
  const request = neutral.request('GET', 'http://hello/', '', undefined, '');
  await new Promise<void>((resolve, reject) => {
    const call = neutral.call(
      (_call, response) => (response?.body === 'hello world' ? resolve() : reject(new Error('a bad answer'))),
      undefined,
      request,
      undefined,
      undefined,
      undefined,
    );
    realm.entry.open('default', '')?.fetch(request, call);
  });
  return realm;
}

/** Makes `COUNT` of them and keeps them. */
async function measure(make: () => Promise<unknown>): Promise<object> {
  const kept: unknown[] = [];
  for (let i = 0; i < WARM_UP; i++) kept.push(await make());
  const before = heapUsed();
  const milliseconds: number[] = [];
  for (let i = 0; i < COUNT; i++) {
    const began = performance.now();
    kept.push(await make());
    milliseconds.push(performance.now() - began);
  }
  const heap = (heapUsed() - before) / COUNT / 1024;
  if (kept.length !== COUNT + WARM_UP) throw new Error('some were not kept');
  const { p50, p99 } = summarize(milliseconds);
  return { p50: round(p50), p99: round(p99), heapKiB: Math.round(heap) };
}

function heapUsed(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

const context = (): Promise<unknown> =>
  Promise.resolve(
    vm.createContext(vm.constants.DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: false } }),
  );

const results = {
  'create a realm and answer its first request': await measure(answerFirst),
  'create an empty context': await measure(context),
};
console.log(JSON.stringify(results, undefined, 2));
process.exit(0);
