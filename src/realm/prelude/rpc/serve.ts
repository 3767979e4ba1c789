/** The entrypoints of this realm's worker, as methods are called on them from outside. */

import { ReflectApply, TypeErrorCtor } from '../primordials.ts';
import { isObject } from '../webidl.ts';
import { newExecutionContext } from '../worker/context.ts';
import type { LoadedWorker } from '../worker/loader.ts';
import { failed, refused } from './answers.ts';
import { Members, missing, readOwn } from './callable.ts';
import { BUSY, depth, MAX_DEPTH, tooDeep } from './depth.ts';
import { isDurableObjectClass, unavailable } from './durable-object.ts';
import { callFunction, callInside, getAt, nested } from './paths.ts';
import type { Outcome, PathState, RpcTargetState, ValueSource } from './rpc-state.ts';
import { isEntrypointClass } from './targets.ts';

/** The way in to an entrypoint of a loaded worker. Nothing that it does throws. */
export function serveEntrypoint(
  worker: LoadedWorker | undefined,
  entrypoint: string,
  props: string,
): RpcTargetState {
  const server = new EntrypointServer(worker, entrypoint, props);
  return {
    call: (path, args, source) => server.call(path, args, source),
    get: (path) => server.get(path),
  };
}

interface EntrypointClass {
  new (ctx: unknown, env: unknown): object;
  readonly prototype: object;
}

/** No class is that. */
const INTERNAL = {};

class EntrypointServer {
  /** Of the export. */
  readonly #getter: (() => unknown) | undefined;
  readonly #env: object | undefined;
  readonly #entrypoint: string;
  readonly #props: string;
  /** The class that was found at the last call, and its members. */
  #class: unknown = INTERNAL;
  #members: Members | undefined;

  constructor(worker: LoadedWorker | undefined, entrypoint: string, props: string) {
    this.#getter = worker?.exports?.getters[entrypoint];
    this.#env = worker?.env;
    this.#entrypoint = entrypoint;
    this.#props = props;
  }

  #find(): unknown {
    const getter = this.#getter;
    return getter === undefined ? undefined : getter();
  }

  call(path: PathState, args: readonly unknown[], source: ValueSource | undefined): Outcome {
    if ((depth[1] as number) < BUSY) return this.#guard(path, args, source, false);
    return nested(() => this.#guard(path, args, source, false));
  }

  get(path: PathState): Outcome {
    return (depth[1] as number) < BUSY ? this.#get(path) : nested(() => this.#get(path));
  }

  /**
   * Serves a call, and guards it. What is guarded is a call of the same function again, which the engine does not inline: within a `try` it
   * does not inline the constructors of classes that extend another, and the call would take 15 ns more (bench/rpc.ts).
   */
  #guard(
    path: PathState,
    args: readonly unknown[],
    source: ValueSource | undefined,
    isGuarded: boolean,
  ): Outcome {
    if (isGuarded) return this.#serve(path, args, source);
    const before = depth[0] as number;
    if (before >= MAX_DEPTH) return refused(tooDeep());
    depth[0] = before + 1;
    try {
      return this.#guard(path, args, source, true);
    } catch (error) {
      return failed(error);
    } finally {
      depth[0] = before;
    }
  }

  #serve(path: PathState, args: readonly unknown[], source: ValueSource | undefined): Outcome {
    const found = this.#find();
    if (found !== this.#class && !this.#isClass(found)) return this.#callPlain(found, path, args, source);
    const context = newExecutionContext(this.#props);
    const instance = new (found as EntrypointClass)(context, this.#env);
    if (typeof path !== 'string') return callInside(instance, path, args, source);
    const method = this.#membersOf(found as EntrypointClass).read(instance, path);
    return callFunction(method, instance, args, source, path, context);
  }

  #get(path: PathState): Outcome {
    const before = depth[0] as number;
    if (before >= MAX_DEPTH) return refused(tooDeep());
    depth[0] = before + 1;
    try {
      const found = this.#find();
      if (!this.#isClass(found)) return failed(new TypeErrorCtor(notRpc(this.#entrypoint, found)));
      return getAt(new found(newExecutionContext(this.#props), this.#env), path);
    } catch (error) {
      return failed(error);
    } finally {
      depth[0] = before;
    }
  }

  #isClass(found: unknown): found is EntrypointClass {
    if (!isEntrypointClass(found)) return false;
    this.#class = found;
    return true;
  }

  /** A class says what can be called, whatever its constructor returns. */
  #membersOf({ prototype }: EntrypointClass): Members {
    if (this.#members === undefined || this.#members.prototype !== prototype)
      this.#members = new Members(prototype, true);
    return this.#members;
  }

  /** A method of an object of handlers gets the one argument of the call, and after it what handlers get. */
  #callPlain(
    found: unknown,
    path: PathState,
    args: readonly unknown[],
    source: ValueSource | undefined,
  ): Outcome {
    if (!isObject(found) || typeof found === 'function' || typeof path !== 'string')
      throw new TypeErrorCtor(notRpc(this.#entrypoint, found));
    const method = readOwn(found, path, true);
    if (typeof method !== 'function') throw missing(path, 'method');
    if (args.length !== 1)
      throw new TypeErrorCtor(
        `The method "${path}" of an object of handlers takes exactly one argument; a class that extends WorkerEntrypoint takes any number.`,
      );
    const context = newExecutionContext(this.#props);
    const withContext = (argument: unknown): unknown =>
      ReflectApply(method as (...given: unknown[]) => unknown, found, [argument, this.#env, context]);
    return callFunction(withContext, found, args, source, path, context);
  }
}

function notRpc(entrypoint: string, found: unknown): string {
  if (found === undefined) return `The worker has no export "${entrypoint}".`;
  if (isDurableObjectClass(found)) return unavailable;
  return `The entrypoint "${entrypoint}" does not support RPC: its class does not extend WorkerEntrypoint of "cloudflare:workers".`;
}
