/** Calls and reads what a path leads to, from a value of this realm on. */

import { guarded } from '../host.ts';
import {
  ArrayIsArray,
  ObjectPrototype,
  ReflectApply,
  ReflectGetPrototypeOf,
  TypeErrorCtor,
} from '../primordials.ts';
import { isObject } from '../webidl.ts';
import type { ExecutionContext } from '../worker/context.ts';
import { failed, outcomeOf, refused, setReach } from './answers.ts';
import { Members, missing, readOwn } from './callable.ts';
import { receiveArguments, receivePlain, Reception } from './receive.ts';
import type { CapState, Outcome, PathLink, PathState, ValueSource } from './rpc-state.ts';
import { isRpcTarget, isWorkerEntrypoint } from './targets.ts';
import { capOfStub } from './stub-brand.ts';
import { BUSY, depth, MAX_DEPTH, runDeeper, tooDeep } from './depth.ts';

const rpc = guarded($host.rpc);

/** Where a path has led. */
interface Place {
  readonly holder: object;
  /** What is left of the path: its last key, or more where the holder is a stub. */
  readonly rest: PathState;
  /** The holder as a stub: what is left is for its owner. */
  readonly cap: CapState | undefined;
}

/** Calls what is found at the path. Nothing is thrown. */
export function callAt(
  root: unknown,
  path: PathState,
  args: readonly unknown[],
  source: ValueSource | undefined,
): Outcome {
  if ((depth[1] as number) < BUSY) return callInside(root, path, args, source);
  return nested(() => callInside(root, path, args, source));
}

/** Serves a call where many wait: it is counted in its context as well. */
export function nested(serve: () => Outcome): Outcome {
  let outcome: Outcome;
  try {
    const enter = (): void => {
      outcome = serve();
    };
    return runDeeper(enter) ? outcome : refused(tooDeep());
  } catch (error) {
    return failed(error);
  }
}

/** The same within a call that has been counted. */
export function callInside(
  root: unknown,
  path: PathState,
  args: readonly unknown[],
  source: ValueSource | undefined,
): Outcome {
  const before = depth[0] as number;
  if (before >= MAX_DEPTH) return refused(tooDeep());
  depth[0] = before + 1;
  try {
    const { holder, rest, cap } = walk(root, path);
    if (cap !== undefined) return cap.ops.call(cap, rest, args, source);
    if (rest === undefined) return callFunction(holder, undefined, args, source, 'call');
    const method = readMember(holder, rest as string);
    const methodCap = isObject(method) ? capOfStub(method) : undefined;
    if (methodCap !== undefined) return methodCap.ops.call(methodCap, undefined, args, source);
    return callFunction(method, holder, args, source, rest as string);
  } catch (error) {
    return failed(error);
  } finally {
    depth[0] = before;
  }
}

/** Reads what is found at the path. Nothing is thrown. */
export function getAt(root: unknown, path: PathState): Outcome {
  try {
    const { holder, rest, cap } = walk(root, path);
    if (cap !== undefined) return cap.ops.get(cap, rest);
    if (rest === undefined) return outcomeOf(holder, undefined, undefined);
    const value = readMember(holder, rest as string);
    if (value === undefined && !hasMember(holder, rest as string)) throw missing(rest as string, 'property');
    return outcomeOf(value, undefined, undefined);
  } catch (error) {
    return failed(error);
  }
}

export function callFunction(
  method: unknown,
  receiver: unknown,
  args: readonly unknown[],
  source: ValueSource | undefined,
  name: string,
  context?: ExecutionContext,
): Outcome {
  if (typeof method !== 'function') throw missing(name, 'method');
  if (source === undefined) return outcomeOf(applyTo(method as Method, receiver, args), undefined, context);
  const reception = new Reception(source);
  const own = receiveArguments(args, reception);
  return outcomeOf(applyTo(method as Method, receiver, own), reception, context);
}

type Method = (...args: unknown[]) => unknown;

/**
 * Calls with arguments of this realm, or with primitives in a list of another. A list that is written where it is used is never made: the engine passes its elements on as they are, which
 * takes 20 ns less (bench/rpc.ts).
 */
function applyTo(method: Method, receiver: unknown, args: readonly unknown[]): unknown {
  switch (args.length) {
    case 0:
      return ReflectApply(method, receiver, []);
    case 1:
      return ReflectApply(method, receiver, [args[0]]);
    case 2:
      return ReflectApply(method, receiver, [args[0], args[1]]);
    case 3:
      return ReflectApply(method, receiver, [args[0], args[1], args[2]]);
    default:
      return ReflectApply(method, receiver, receivePlain(args));
  }
}

/** Follows a path up to its last key, or to the first stub. */
function walk(root: unknown, path: PathState): Place {
  if (!isObject(root))
    throw new TypeErrorCtor('The RPC receiver is no object: it has no methods or properties.');
  const cap = capOfStub(root);
  if (cap !== undefined || path === undefined || typeof path === 'string')
    return { holder: root, rest: path, cap };
  const inner = walk(root, path.parent);
  if (inner.cap !== undefined) return { ...inner, rest: joined(inner.rest, path.key) };
  const holder = readMember(inner.holder, inner.rest as string);
  if (!isObject(holder)) throw missing(inner.rest as string, 'property');
  return { holder, rest: path.key, cap: capOfStub(holder) };
}

function joined(path: PathState, key: string): string | PathLink {
  return path === undefined ? key : rpc.link(path, key);
}

function readMember(holder: object, name: string): unknown {
  if (isRpcTarget(holder) || isWorkerEntrypoint(holder)) return membersOf(holder).read(holder, name);
  return isRecord(holder) ? readOwn(holder, name, false) : undefined;
}

function hasMember(holder: object, name: string): boolean {
  if (isRpcTarget(holder) || isWorkerEntrypoint(holder)) return membersOf(holder).has(name);
  return isRecord(holder) && readOwn(holder, name, false) !== undefined;
}

/** Only what is copied property by property has properties for others. */
function isRecord(holder: object): boolean {
  const prototype = ReflectGetPrototypeOf(holder);
  return prototype === ObjectPrototype || prototype === null || ArrayIsArray(holder);
}

let last: Members | undefined;

/** The members of an object's class; those of the class before are kept at hand. */
function membersOf(holder: object): Members {
  const prototype = ReflectGetPrototypeOf(holder) as object;
  if (last?.prototype === prototype) return last;
  return (last = new Members(prototype, isWorkerEntrypoint(holder)));
}

setReach({ callAt, getAt });
