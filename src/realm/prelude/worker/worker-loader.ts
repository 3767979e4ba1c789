/** The object behind a `workerLoader` binding, with the interface of Cloudflare's, and the workers that it gives. */

import { toErrorState, fromErrorState } from '../errors/error-state.ts';
import { guarded } from '../host.ts';
import type { LoadedHandle } from '../host-api.ts';
import { JSONStringify, ObjectCreate, ObjectFreeze, ReflectApply, TypeErrorCtor } from '../primordials.ts';
import { exportedByStub } from '../rpc/stub-brand.ts';
import type { TargetState } from '../state.ts';
import {
  defineInterface,
  illegalConstructor,
  illegalInvocation,
  isCallable,
  isObject,
  requireArguments,
  toDictionary,
  toDOMString,
} from '../webidl.ts';
import { type Fetcher, newFetcher } from './fetcher.ts';
import { encodeEnv } from './given-env.ts';
import { readCode, type WorkerCode } from './loader-code.ts';

const host = guarded($host.loaders);

const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);
/** As LoadersHost.give has it. */
const NO_LIMIT = -1;
/** UTF-16 units of a name. */
const LONGEST_NAME = 1024;

type GetCode = () => unknown;

/** https://developers.cloudflare.com/workers/runtime-apis/bindings/worker-loader/ */
export class WorkerLoader {
  readonly #index: number;

  constructor(token: unknown = undefined, index = 0) {
    if (token !== INTERNAL) throw illegalConstructor();
    this.#index = index;
  }

  /** The worker of that name. `getCode` is called where it is not loaded; what it throws, calls of the worker fail with. */
  get(name: unknown, getCode: unknown): WorkerStub {
    if (!(#index in this)) throw illegalInvocation();
    requireArguments(arguments.length, 2, 'WorkerLoader.get');
    const known = name === undefined || name === null ? undefined : toDOMString(name);
    if (known !== undefined && known.length > LONGEST_NAME)
      throw new TypeErrorCtor(`WorkerLoader.get: the name is longer than ${LONGEST_NAME} characters.`);
    if (!isCallable(getCode)) throw new TypeErrorCtor('WorkerLoader.get: argument 2 is not a function.');
    const worker = open(this.#index, known);
    if (host.needsCode(worker)) void supply(worker, getCode);
    return new WorkerStub(INTERNAL, worker);
  }

  /** A worker of its own, for as long as the request is being served. */
  load(code: unknown): WorkerStub {
    if (!(#index in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, 'WorkerLoader.load');
    const read = readCode(code);
    const worker = open(this.#index, undefined);
    try {
      give(worker, read);
    } catch (error) {
      host.fail(worker, toErrorState(error));
      throw error;
    }
    return new WorkerStub(INTERNAL, worker);
  }
}
defineInterface(WorkerLoader, 'WorkerLoader');

/** A worker that a loader gives. */
export class WorkerStub {
  readonly #worker: LoadedHandle;

  constructor(token: unknown = undefined, worker: LoadedHandle | undefined = undefined) {
    if (token !== INTERNAL) throw illegalConstructor();
    this.#worker = worker as LoadedHandle;
  }

  /** A service binding to an entrypoint: the default export, or a named one. */
  getEntrypoint(name: unknown = undefined, options: unknown = undefined): Fetcher {
    if (!(#worker in this)) throw illegalInvocation();
    const entrypoint = name === undefined || name === null ? 'default' : toDOMString(name);
    const where = 'WorkerStub.getEntrypoint: options';
    const props = toDictionary<{ props: unknown }>(options, where)?.props;
    return newFetcher(host.target(this.#worker, entrypoint, propsText(props)), 'worker');
  }

  getDurableObjectClass(): never {
    if (!(#worker in this)) throw illegalInvocation();
    throw new TypeErrorCtor('WorkerStub.getDurableObjectClass: Durable Objects come with a later version.');
  }
}
defineInterface(WorkerStub, 'WorkerStub');

/** The loader with that index in the host's list. */
export function newWorkerLoader(index: number): WorkerLoader {
  return new WorkerLoader(INTERNAL, index);
}

function propsText(props: unknown): string {
  if (props === undefined) return '';
  const json: unknown = JSONStringify(props);
  if (!isObject(props) || typeof json !== 'string')
    throw new TypeErrorCtor('WorkerStub.getEntrypoint: props is not an object that JSON can hold.');
  return json;
}

function open(loader: number, name: string | undefined): LoadedHandle {
  const worker = host.open(loader, name);
  if (worker === undefined) throw fromErrorState(host.full(loader));
  return worker;
}

/** Async, so that whatever goes wrong fails the calls of the worker, and nothing else. */
async function supply(worker: LoadedHandle, getCode: GetCode): Promise<void> {
  try {
    const code: unknown = await ReflectApply(getCode, undefined, []);
    give(worker, readCode(code));
  } catch (error) {
    host.fail(worker, toErrorState(error));
  }
}

function give(worker: LoadedHandle, { settings, modules, env, globalOutbound, calls }: WorkerCode): void {
  const serviceOf = (target: TargetState): TargetState =>
    calls === undefined ? target : host.limit(worker, target, calls);
  const outbound = outboundOf(globalOutbound);
  host.give(worker, settings, modules, encodeEnv(env, serviceOf), outbound, calls ?? NO_LIMIT);
}

function outboundOf(value: unknown): 'inherited' | 'none' | TargetState {
  if (value === undefined) return 'inherited';
  if (value === null) return 'none';
  const state = isObject(value) ? exportedByStub(value) : undefined;
  if (state?.kind === 'service') return state.value as TargetState;
  throw new TypeErrorCtor('WorkerLoader: globalOutbound is neither null nor a service binding.');
}
