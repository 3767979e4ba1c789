/** What a prelude gives to the host: the only functions that the host ever calls in a realm. Types only. */

import type { OnSettle } from './rpc/rpc-state.ts';
import type { EntrypointState, ErrorState } from './state.ts';

/** Told once how an evaluation ended: without an error, the worker is ready. */
export type Loaded = (error: ErrorState | undefined) => void;

/** Nothing of this throws (HARDENING R12). */
export interface RealmEntry {
  /** Evaluates a module worker; `done` is called once, perhaps later. `factory` is the completion value of the bundle. */
  loadModule(factory: unknown, done: Loaded): void;
  /** Evaluates a classic script: `run` runs it. */
  loadScript(run: () => unknown, done: Loaded): void;
  /** Whether a binding can point at this entrypoint of the loaded worker. */
  hasEntrypoint(name: string): boolean;
  /** Says the name of each entrypoint of the loaded worker that has a test. */
  eachTest(found: (entrypoint: string) => void): void;
  /** Runs the test of an entrypoint; `done` is called once, perhaps later. */
  runTest(entrypoint: string, done: Loaded): void;
  /** The way in to an entrypoint of the loaded worker. `props`: JSON of `ctx.props`, or ''. Undefined near stack overflow. */
  open(entrypoint: string, props: string): EntrypointState | undefined;
  /** Reports a rejection that nobody handled, if the promise is one of this realm; else returns false. */
  reportRejection(promise: object, reason: unknown): boolean;
  /** A promise that was reported got a handler after all. Returns false where this realm has not reported it. */
  reportHandled(promise: object): boolean;
  /** A timer started by this realm is due. */
  fireTimer(id: number): void;
  /** One of the turns that the realm asked for has come. */
  runTask(): void;
  /** Another realm of the service has posted to its broadcast channels. The buffer is fresh. */
  receiveBroadcast(name: string, text: string, buffer: ArrayBuffer): void;
  /** A realm that has called methods of this one is going, and gets no results any more: they were to be given to this function. */
  abandonCalls(onSettle: OnSettle): void;
  /** The realm is going: its timers and tasks are dropped, and its connections closed. */
  dispose(): void;
}
