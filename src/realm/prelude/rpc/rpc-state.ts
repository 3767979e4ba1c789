/**
 * Neutral state of RPC: what two realms (or a realm and the host) hand each other when a method is called. Types only.
 *
 * Values are handed over as they are, each with the `ValueSource` of its realm, and the receiving prelude copies them at once: nothing
 * of them is kept (HARDENING R14). A result that is a primitive is handed over as itself.
 */

import type { Kind } from '../clone/kinds.ts';
import type { ErrorState } from '../failure-state.ts';

export type { Kind };

/** The way from a capability to a property of it: nothing is the capability itself, a string one property, a link more. */
export type PathState = undefined | string | PathLink;

export interface PathLink {
  readonly parent: string | PathLink;
  readonly key: string;
}

/** What a prelude lets others know about values of its realm, so that they can copy them. May throw anything. */
export interface ValueSource {
  /** What the object is, as far as copying goes. */
  readonly kindOf: (value: object) => Kind;
  /**
   * The neutral form of a function, a platform object, or (from a source of `encode`) an error. Undefined where there is none: an error
   * is copied as it stands, and what else has none cannot cross.
   */
  readonly exportValue: (value: object, kind: 'error' | 'function' | 'platform') => ExportState | undefined;
  /** Copies a value within its realm, for a receiver that is not there yet: what cannot cross is an error state. */
  readonly encode: (value: unknown, root: string) => EncodedState | ErrorState;
}

/** A copy that only preludes and the host hold. Plain data, with a marker in the place of each object that is more. */
export interface EncodedState {
  readonly value: unknown;
  /** For a receiver on the same thread. */
  readonly source: ValueSource;
  /** The last marker first. */
  readonly markers: MarkerState | undefined;
}

export interface MarkerState {
  /** The object that stands in the value. */
  readonly marker: object;
  readonly state: ExportState;
  readonly next: MarkerState | undefined;
}

export type ExportKind =
  | 'abort-signal'
  | 'blob'
  | 'domexception'
  | 'error'
  | 'file'
  | 'form-data'
  | 'headers'
  | 'readable'
  | 'request'
  | 'response'
  | 'search-params'
  | 'service'
  | 'stub'
  | 'text'
  | 'url'
  | 'writable';

/** An object that is more than data, on its way. */
export interface ExportState {
  readonly kind: ExportKind;
  /** A name or a text: of a URL, a type, a field. */
  readonly text: string;
  /** What the kind says: a capability, the state of a request, a buffer. */
  readonly value: unknown;
  /** What the kind says: a file's name and date as JSON. */
  readonly detail: string;
  /** The entry after this one, in a list of entries. */
  readonly next: ExportState | undefined;
}

/** Told why a capability is broken. Runs no code of a worker. */
export type OnBroken = (error: ErrorState) => void;

/** Nobody wants to hear of it any more. */
export type Unwatch = () => void;

/** How whoever owns a capability serves it. Nothing of this throws. */
export interface CapOps {
  /** Calls what the path leads to. `source` is undefined where all arguments are primitives. */
  readonly call: (
    cap: CapState,
    path: PathState,
    args: readonly unknown[],
    source: ValueSource | undefined,
  ) => Outcome;
  /** Reads what the path leads to. */
  readonly get: (cap: CapState, path: PathState) => Outcome;
  /** One more holder. */
  readonly hold: (cap: CapState) => void;
  /** One holder less. The last one leaves the capability to its owner. */
  readonly drop: (cap: CapState) => void;
  /** Says once when the capability is broken for good; at once where it is already. Returns what ends the watch. */
  readonly watch: (cap: CapState, onBroken: OnBroken) => Unwatch;
}

/** Something that can be called, or asked for properties: an object, a function, the result of a call. */
export interface CapState {
  readonly ops: CapOps;
  /** The owner's; nobody else touches it. */
  readonly subject: unknown;
}

/** What a call gives: the result itself where it is a primitive, else an answer. */
export type Outcome = undefined | null | boolean | number | bigint | string | AnswerState;

/** Takes a result; one that is still pending has been given up. Each prelude has one such function, by which its calls are known when the realm goes. */
export type OnSettle = (answer: AnswerState) => void;

/** A result that is there, or will be. As a capability it stands for that result. */
export interface AnswerState extends CapState {
  status: 'pending' | 'value' | 'error';
  /** The result, or what was thrown: a value of the realm of `source`, or a primitive. */
  value: unknown;
  source: ValueSource | undefined;
  /** Status 'error': what nanod itself has to say, in place of a value. */
  failure: ErrorState | undefined;
  /** The caller's: called once when the status is no longer pending. */
  onSettle: OnSettle | undefined;
  /** What the caller needs then; nobody else touches these. */
  resolve: unknown;
  reject: unknown;
  called: unknown;
  /** The owner's: neighbours in its list of what is pending. */
  previous: AnswerState | undefined;
  following: AnswerState | undefined;
}

/** The part of a TargetState that RPC uses. */
export interface RpcTargetState {
  /** Calls a method of the entrypoint. Nothing is thrown. */
  call: (path: PathState, args: readonly unknown[], source: ValueSource | undefined) => Outcome;
  /** Reads a property of the entrypoint. */
  get: (path: PathState) => Outcome;
}

/** Makes the neutral records of RPC. */
export interface RpcHost {
  cap(ops: CapOps, subject: unknown): CapState;
  /** A pending answer. */
  answer(ops: CapOps, subject: unknown): AnswerState;
  link(parent: string | PathLink, key: string): PathLink;
  exported(
    kind: ExportKind,
    text: string,
    value: unknown,
    detail: string,
    next: ExportState | undefined,
  ): ExportState;
  encoded(value: unknown, source: ValueSource, markers: MarkerState | undefined): EncodedState;
  marker(marker: object, state: ExportState, next: MarkerState | undefined): MarkerState;
  source(
    kindOf: ValueSource['kindOf'],
    exportValue: ValueSource['exportValue'],
    encode: ValueSource['encode'],
  ): ValueSource;
  ops(
    call: CapOps['call'],
    get: CapOps['get'],
    hold: CapOps['hold'],
    drop: CapOps['drop'],
    watch: CapOps['watch'],
  ): CapOps;
}
