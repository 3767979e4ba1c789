/**
 * Which request the code that is running belongs to. The context follows through realms and their promises, at one `run` per
 * request that enters a thread, and one per call where many of them wait (HARDENING R18: AsyncLocalStorage, never async_hooks).
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { callDepth } from '../realm/call-depth.ts';

export interface RequestContext {
  /** Unique within the process. */
  readonly requestId: string;
  /** Hops that the request made before it came to this thread. */
  readonly depth: number;
  /** The service that it came to from outside of this thread, and by which entrypoint; for the log. */
  service?: string;
  entrypoint?: string;
  /** What is done when it has been served; see endRequest. */
  ends?: (() => void)[] | undefined;
  /** Told of what a worker's code throws outside of the handler, and nobody catches. */
  readonly onUncaught?: (error: UncaughtError) => void;
  /** Promises given to `waitUntil` that have not settled. */
  pending?: number;
  /** It has been answered. */
  isAnswered?: boolean;
  /** Where it stands in shares of requests, from 0 to 100; found when it is first asked for. */
  draw?: number | undefined;
  /** In which it began; set by the first run. */
  era?: Era | undefined;
}

/** As text, with positions of the sources. */
export interface UncaughtError {
  readonly service: string;
  /** Where it arose: `waitUntil`, `timer`, `fetch`, and others. */
  readonly source: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** The time between two deployments: requests that began in it may still use what the second of them replaced. */
export interface Era {
  /** Requests of it that are under way. */
  requests: number;
  /** Called when the era is over and its last request has ended. */
  onEmpty: (() => void) | undefined;
}

let era: Era = { requests: 0, onEmpty: undefined };
/** Resolves when no request of a former era is under way. */
let formerEras: Promise<void> = Promise.resolve();

/** Begins a new era. Resolves when every request that began before has ended, what it gave to `waitUntil` included. */
export function endEra(): Promise<void> {
  const ending = era;
  era = { requests: 0, onEmpty: undefined };
  const empty = new Promise<void>((resolve) => {
    if (ending.requests === 0) resolve();
    else ending.onEmpty = resolve;
  });
  const before = formerEras;
  formerEras = (async () => {
    await before;
    await empty;
  })();
  return formerEras;
}

/** Where in a request the code is. Outside of all requests calls can be nested as well. */
interface Place {
  readonly request: RequestContext | undefined;
  /** Hops that led here, as far as they were counted. */
  readonly depth: number;
}

const storage = new AsyncLocalStorage<Place>();

/**
 * Runs `enter` as part of a request. The call stack starts anew here, and so does the depth of nested calls: what turns that were
 * interrupted have left behind is forgotten (HARDENING R19).
 */
export function runInRequest(context: RequestContext, enter: () => void): void {
  if (context.era === undefined && context.isAnswered !== true) {
    context.era = era;
    era.requests++;
  }
  callDepth[0] = context.depth;
  try {
    storage.run({ request: context, depth: context.depth }, enter);
  } finally {
    callDepth[0] = 0;
  }
}

/** Runs what belongs to no request, though one may have caused it: the top level of a worker, and so the timers that it starts. */
export function runOutside<T>(run: () => T): T {
  const depth = storage.getStore()?.depth ?? 0;
  return storage.run({ request: undefined, depth }, run);
}

export function currentRequest(): RequestContext | undefined {
  return storage.getStore()?.request;
}

/** Where the request stands in shares of requests: at least 0 and less than 100, and 100, which is in no share, outside of requests. */
export function currentDraw(): number {
  const request = currentRequest();
  if (request === undefined) return 100;
  return (request.draw ??= drawOf(request.requestId));
}

/** The same for a text on all threads; spread evenly over different texts. The empty text is in no share. */
export function drawOf(text: string): number {
  if (text === '') return 100;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * 100;
}

/** Calls that may lead into each other; preludes count them (prelude/rpc/depth.ts). */
export const maxDepth = 64;

/** Calls that are nested on the stack now. */
export function currentDepth(): number {
  return callDepth[0] ?? 0;
}

/** The depth of a call that is made now; undefined where it is too deep. */
export function nextDepth(): number | undefined {
  const depth = Math.max(currentDepth(), storage.getStore()?.depth ?? 0) + 1;
  return depth > maxDepth ? undefined : depth;
}

/** Runs a call one level deeper than what runs now, also where it goes on after a wait. Returns false where that is too deep. */
export function nestCall(enter: () => void): boolean {
  const place = storage.getStore();
  const depth = (place?.depth ?? 0) + 1;
  if (depth > maxDepth) return false;
  storage.run({ request: place?.request, depth }, enter);
  return true;
}

/** Has something done when the request that is being served has been; never, where there is none. */
export function atRequestEnd(end: () => void): void {
  const context = currentRequest();
  if (context !== undefined) (context.ends ??= []).push(end);
}

/** Work that outlives the response has begun (1) or ended (-1). */
export function extendRequest(change: number): void {
  const context = currentRequest();
  if (context === undefined) return;
  context.pending = (context.pending ?? 0) + change;
  if (context.isAnswered === true) finishRequest(context);
}

/** The request has been answered. */
export function endRequest(context: RequestContext): void {
  context.isAnswered = true;
  finishRequest(context);
}

function finishRequest(context: RequestContext): void {
  if ((context.pending ?? 0) > 0) return;
  const { ends } = context;
  context.ends = undefined;
  if (ends !== undefined) for (const end of ends) end();
  leaveEra(context);
}

function leaveEra(context: RequestContext): void {
  const left = context.era;
  if (left === undefined) return;
  context.era = undefined;
  left.requests--;
  if (left.requests === 0) left.onEmpty?.();
}
