/** A realm for tests, without threads or bundling: `evaluate` runs code inside it and brings back its result as JSON. */

import { makeRealmMemoryCaches } from '../../src/bindings/memory-cache.ts';
import { makeRealmLoaders } from '../../src/bindings/worker-loader.ts';
import type { CacheMemory } from '../../src/shared/cache-memory/cache-memory.ts';
import { importBoundKey, type BoundKeySource } from '../../src/realm/host/crypto/bound-key.ts';
import { neutral } from '../../src/realm/neutral.ts';
import type { CallState, ErrorState, ResponseState, TargetState } from '../../src/realm/prelude/state.ts';
import {
  compilePrelude,
  createRealm,
  nodejsCompiler,
  type Realm,
  type RealmOptions,
} from '../../src/realm/realm.ts';
import { compileImage, type ImageAsset } from '../../src/realm/worker-image.ts';
import { bundleNodejs } from '../../src/bundle/bundle-nodejs.ts';
import { bundlePrelude } from '../../src/bundle/bundle-prelude.ts';
import { shared } from './shared-host.ts';
import { makeCounts } from '../../src/services/edge.ts';
import { makeHostError } from '../../src/services/host-error.ts';
import { nestCall } from '../../src/services/request-context.ts';

const prelude = compilePrelude(await bundlePrelude());
let nodejs: string | undefined;

interface TestRequest {
  readonly method?: string;
  readonly headers?: string;
  readonly text?: string;
  readonly entrypoint?: string;
}

export interface TestRealm {
  readonly realm: Realm;
  /** What the realm logged, as `[level, text]`. */
  readonly logs: (readonly [number, string])[];
  /** Errors that nobody caught in the realm. */
  readonly uncaught: { source: string; name: string; message: string; stack: string }[];
  /** The worker's answer to a request. Rejects with the neutral error of a failed call. */
  fetch(url?: string, init?: TestRequest): Promise<ResponseState>;
}

export interface TestRealmOptions {
  readonly bindings?: RealmOptions['bindings'];
  readonly targets?: readonly TargetState[];
  readonly rateLimits?: RealmOptions['rateLimits'];
  readonly caches?: readonly CacheMemory[];
  readonly keys?: readonly BoundKeySource[];
  readonly assets?: readonly ImageAsset[];
  readonly format?: 'module' | 'script';
  readonly service?: string;
  /** The worker may import modules of Node.js. */
  readonly nodejs?: boolean;
  /** In place of those that do nothing. */
  readonly hooks?: Partial<RealmOptions['hooks']>;
}

/** A realm that has loaded `code`: the completion value of a bundle (`($nanod) => {...}`), or a classic script. */
export async function makeTestRealm(code: string, options: TestRealmOptions = {}): Promise<TestRealm> {
  const logs: TestRealm['logs'] = [];
  const uncaught: TestRealm['uncaught'] = [];
  const image = compileImage({
    service: options.service ?? 'test',
    version: 'test',
    format: options.format ?? 'module',
    code,
    assets: options.assets ?? [],
    mentionsTemporal: code.includes('Temporal'),
    nodejs: options.nodejs ?? false,
  });
  if (options.nodejs) nodejs ??= await bundleNodejs();
  const realm = createRealm({
    prelude,
    nodejs: nodejsCompiler(nodejs),
    shared,
    image,
    bindings: options.bindings ?? [],
    targets: options.targets ?? [],
    keys: (options.keys ?? []).map(importBoundKey),
    rateLimits: options.rateLimits ?? [],
    loaders: makeRealmLoaders([]),
    memoryCaches: makeRealmMemoryCaches(options.caches ?? []),
    hooks: {
      log: (level, text) => logs.push([level, text]),
      uncaught: (source, name, message, stack) => uncaught.push({ source, name, message, stack }),
      loopback: () => options.targets?.[0] as TargetState,
      broken: () => makeHostError('RPC_BROKEN', { service: 'test' }),
      tooDeep: () => makeHostError('CALL_TOO_DEEP', {}),
      stubCounts: makeCounts(),
      nest: nestCall,
      leave: () => {},
      atRequestEnd: () => {},
      onPending: () => {},
      leak: (label) => logs.push([40, label]),
      ...options.hooks,
    },
  });
  const error = await realm.load();
  if (error !== undefined) throw errorOf(error);
  return { realm, logs, uncaught, fetch: (url, init) => fetchRealm(realm, url, init) };
}

function fetchRealm(realm: Realm, url = 'http://test/', init: TestRequest = {}): Promise<ResponseState> {
  const request = neutral.request(init.method ?? 'GET', url, init.headers ?? '', init.text, '');
  return new Promise((resolve, reject) => {
    const settle: CallState['settle'] = (_call, response, error) => {
      if (response === undefined) reject(errorOf(error as ErrorState));
      else resolve(response);
    };
    const call = neutral.call(settle, undefined, request, undefined, undefined, undefined);
    realm.entry.open(init.entrypoint ?? 'default', '')?.fetch(request, call);
  });
}

/**
 * Runs the body of an async function inside a fresh realm and returns what it returns, by way of JSON (undefined becomes null):
 * `await evaluate('return new URL("/x", "http://a").href')`. Throws what the code throws, as a neutral error.
 */
export async function evaluate(body: string, options: TestRealmOptions = {}): Promise<unknown> {
  const code = `"use strict";($nanod) => { $nanod.exports({ default: () => handler });
const handler = { async fetch(request, env, ctx) {
  const value = await (async () => {${body}
  })();
  return new Response(JSON.stringify(value === undefined ? null : value));
} };
}`;
  const { realm, fetch } = await makeTestRealm(code, options);
  const { body: answer } = await fetch().finally(() => realm.dispose());
  return JSON.parse(typeof answer === 'string' ? answer : 'null');
}

function errorOf(state: ErrorState): Error {
  return Object.assign(new Error(state.message), {
    name: state.name,
    code: state.code,
    remoteStack: state.stack,
  });
}
