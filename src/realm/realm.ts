/**
 * Makes a realm: a `node:vm` context of its own in which the prelude runs first and then one version of one worker. Runs in a
 * thread. The host calls only what the prelude returned, and looks at no object of the realm (HARDENING R4, R12).
 */

import { versions } from 'node:process';
import vm from 'node:vm';
import { copyOfBytes } from '../shared/bytes.ts';
import { makeHostApi, type SharedHost } from './host/index.ts';
import type { BoundKey } from './host/crypto/bound-key.ts';
import type {
  HostApi,
  KeyHandle,
  LoadedHandle,
  LoadersHost,
  MemoryCachesHost,
  RealmHost,
} from './prelude/host-api.ts';
import type { RealmEntry } from './prelude/realm-entry.ts';
import type { EncodedState } from './prelude/rpc/rpc-state.ts';
import type { EdgeCounts, ErrorState, TargetState } from './prelude/state.ts';
import type { RealmConfig } from './prelude/worker/config.ts';
import { neutral } from './neutral.ts';
import { makeRealmModules, type RealmModules } from './realm-modules.ts';
import { makeRealmBroadcast, type RealmBroadcast } from './realm-broadcast.ts';
import { makeRealmTasks, type RealmTasks } from './realm-tasks.ts';
import { makeRealmTimers, type RealmTimers } from './realm-timers.ts';
import { assertHeadroom, assertWideHeadroom } from '../shared/headroom.ts';
import { scriptName, type WorkerImage } from './worker-image.ts';

export type { LoadedHandle };

/** One member of `env`, as the prelude takes it. */
export type RealmBinding = RealmConfig['bindings'][number];

/** What a realm tells its thread. Texts were made inside the realm; nothing here is an object of it. */
export interface RealmHooks {
  log(level: number, text: string): void;
  uncaught(source: string, name: string, message: string, stack: string): void;
  loopback: RealmHost['loopback'];
  broken: RealmHost['broken'];
  tooDeep: RealmHost['tooDeep'];
  readonly stubCounts: EdgeCounts;
  nest: RealmHost['nest'];
  leave: RealmHost['leave'];
  atRequestEnd: RealmHost['atRequestEnd'];
  leak: RealmHost['leak'];
  /** Work that outlives its request has begun (1) or ended (-1). */
  onPending(change: number): void;
  /** The host calls into the realm by itself: a timer is due, say. */
  onTurn?(): void;
}

export interface RealmOptions {
  readonly prelude: vm.Script;
  /** The script of src/nodejs/. Called when a worker first uses a module of Node.js. */
  readonly nodejs: () => vm.Script;
  readonly shared: SharedHost;
  readonly image: WorkerImage;
  readonly bindings: readonly RealmBinding[];
  /** Target 0 is the global outbound; bindings refer to the others. */
  readonly targets: readonly TargetState[];
  /** What bindings of the kind `cryptoKey` refer to. The worker is evaluated when they are there. */
  readonly keys: readonly Promise<BoundKey>[];
  readonly memoryCaches: RealmMemoryCaches;
  /** What bindings of the kind `ratelimit` refer to: each counts a call, and says whether it is within the limit. */
  readonly rateLimits: readonly ((key: string) => boolean)[];
  readonly loaders: RealmLoaders;
  /** Present for a worker whose code was given at run time. */
  readonly dynamic?: DynamicParts;
  readonly hooks: RealmHooks;
}

/** What a worker has by being made of code that was given at run time. */
export interface DynamicParts {
  /** What its `env` holds. */
  readonly env: EncodedState;
  /** Unique: what the realms of a service share is its own, and goes with it. */
  readonly scope: string;
}

/** The loaders that bindings of a realm refer to. */
export interface RealmLoaders {
  readonly host: LoadersHost;
  /** The realm is going: so are the workers that it gave the code of. */
  stop(): void;
}

/** The memory caches that bindings of a realm refer to. */
export interface RealmMemoryCaches {
  readonly host: MemoryCachesHost;
  /** The realm is going: what it computes is given up. */
  stop(): void;
}

/** A live realm. */
export interface Realm {
  readonly entry: RealmEntry;
  /** Evaluates the worker. Resolves with what went wrong, if anything did. */
  load(): Promise<ErrorState | undefined>;
  /** Work that outlives its request: promises given to `waitUntil`. */
  pending(): number;
  dispose(): void;
}

/** Compiles the prelude's text for the realms of this thread. `cachedData`: from `createCachedData` of another thread. */
export function compilePrelude(text: string, cachedData?: Uint8Array): vm.Script {
  const cache = cachedData === undefined ? {} : { cachedData: Buffer.from(cachedData) };
  return new vm.Script(text, { filename: 'nanod:prelude', ...cache });
}

/** Compiles the text of src/nodejs/ at the first call, for the realms of this thread. */
export function nodejsCompiler(text: string | undefined): () => vm.Script {
  let script: vm.Script | undefined;
  return () => (script ??= new vm.Script(text ?? '', { filename: 'nanod:nodejs' }));
}

/** Creates a realm and starts its prelude; the worker is not evaluated yet. */
export function createRealm(options: RealmOptions): Realm {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, {
    name: options.image.source.service,
    codeGeneration: { strings: false, wasm: false },
  });
  const modules = makeRealmModules(options.image, context);
  let pending = 0;
  const scope = options.dynamic?.scope ?? options.image.source.service;
  const turns = makeTurns(scope, options.hooks, () => entry);
  const keys: BoundKey[] = [];
  const host = makeRealmHost(options, turns, {
    modules,
    keys,
    onPending: (change) => {
      pending += change;
      options.hooks.onPending(change);
    },
    nodeScript: makeNodeScript(options.nodejs, context),
  });
  const start = options.prelude.runInContext(context) as (host: HostApi) => RealmEntry;
  const own = { realm: host, memoryCaches: options.memoryCaches.host, loaders: options.loaders.host };
  const entry = start(makeHostApi(options.shared, own, scope));
  return {
    entry,
    async load() {
      if (options.keys.length > 0) {
        const found = await Promise.all(options.keys).catch(() => undefined);
        if (found === undefined) return noKeys;
        keys.push(...found);
      }
      return load(entry, options.image, context);
    },
    pending: () => pending,
    dispose() {
      entry.dispose();
      turns.timers.stop();
      turns.tasks.stop();
      turns.broadcast.stop();
      options.memoryCaches.stop();
      options.loaders.stop();
      if (options.dynamic !== undefined) options.shared.cachesOf.forget(scope);
    },
  };
}

/** They could be imported when the configuration was read. */
const noKeys = neutral.error('error', 'Error', 'a key of the configuration cannot be imported', '', '');

/** What makes the host call into a realm by itself. */
interface Turns {
  readonly timers: RealmTimers;
  readonly tasks: RealmTasks;
  readonly broadcast: RealmBroadcast;
}

function makeTurns(scope: string, hooks: RealmHooks, enter: () => RealmEntry): Turns {
  const entry = (): RealmEntry => {
    hooks.onTurn?.();
    return enter();
  };
  return {
    timers: makeRealmTimers((id) => entry().fireTimer(id)),
    tasks: makeRealmTasks(() => entry().runTask()),
    broadcast: makeRealmBroadcast(scope, (name, text, buffer) =>
      entry().receiveBroadcast(name, text, buffer),
    ),
  };
}

function load(entry: RealmEntry, image: WorkerImage, context: vm.Context): Promise<ErrorState | undefined> {
  const run = (): unknown => image.script.runInContext(context, { displayErrors: false });
  return new Promise((resolve) => {
    if (image.source.format === 'module') entry.loadModule(run(), resolve);
    else entry.loadScript(run, resolve);
  });
}

/** Evaluates the script in the context at the first call. */
function makeNodeScript(compile: () => vm.Script, context: vm.Context): () => unknown {
  let made: unknown;
  return () => {
    assertWideHeadroom();
    made ??= compile().runInContext(context, { displayErrors: false });
    return made;
  };
}

interface RealmParts {
  readonly modules: RealmModules;
  /** They are there once the worker is evaluated. */
  readonly keys: readonly BoundKey[];
  readonly onPending: (change: number) => void;
  readonly nodeScript: () => unknown;
}

function makeRealmHost(
  options: RealmOptions,
  { timers, tasks, broadcast }: Turns,
  { modules, keys, onPending, nodeScript }: RealmParts,
): RealmHost {
  const { image, hooks, targets } = options;
  const { service, version, mentionsTemporal, nodejs, assets } = image.source;
  const script = scriptName(service, version);
  const config: RealmConfig = {
    service,
    version,
    script,
    bindings: options.bindings,
    temporal: mentionsTemporal,
    nodejs: nodejs ? `v${versions.node}` : '',
  };
  return Object.freeze({
    config: () => JSON.stringify(config),
    target: (index) => targets[index] as TargetState,
    env: () => options.dynamic?.env,
    asset: (index) => copyOfBytes(assets[index]?.bytes ?? new Uint8Array()),
    loopback: hooks.loopback,
    broken: hooks.broken,
    tooDeep: hooks.tooDeep,
    stubCounts: () => hooks.stubCounts,
    nest: hooks.nest,
    leave: hooks.leave,
    atRequestEnd: hooks.atRequestEnd,
    leak: hooks.leak,
    keyText: (index) => keys[index]?.text ?? '',
    keyHandle: (index) => keys[index]?.handle as KeyHandle,
    rateLimit(index, key) {
      assertHeadroom();
      return options.rateLimits[index]?.(key) ?? false;
    },
    wasmModule: modules,
    log: hooks.log,
    uncaught: hooks.uncaught,
    setTimer: timers.set,
    clearTimer: timers.clear,
    queueTask: tasks.queue,
    openBroadcast: broadcast.open,
    closeBroadcast: broadcast.close,
    postBroadcast: broadcast.post,
    pending: onPending,
    nodeScript,
  } satisfies RealmHost);
}
