/**
 * The types of method calls between services. Types only. A binding is typed with the module behind it:
 * `AUTH: Service<typeof import('./auth.ts')>`.
 */

import type { Fetcher } from './fetcher-types.ts';

/** Marks what is passed by reference; there is no such property. */
export declare const byReference: unique symbol;

/** What extends RpcTarget is passed by reference. */
export interface RpcTargetBranded {
  readonly [byReference]: true;
}

/** Names that are no methods of a stub. */
type Reserved =
  | 'alarm'
  | 'connect'
  | 'constructor'
  | 'dup'
  | 'email'
  | 'fetch'
  | 'onRpcBroken'
  | 'queue'
  | 'scheduled'
  | 'tail'
  | 'tailStream'
  | 'test'
  | 'trace'
  | 'webSocketClose'
  | 'webSocketError'
  | 'webSocketMessage';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a bound that every function meets
type AnyFunction = (...args: any[]) => unknown;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- likewise
type AnyClass = abstract new (...args: any[]) => object;

/** What is copied as it is. */
type Copied =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Date
  | RegExp
  | Error
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | FormData
  | Headers
  | Request
  | Response
  | URL
  | URLSearchParams
  | ReadableStream
  | WritableStream
  | AbortSignal;

/** A value as its receiver gets it: stubs in the place of functions and of what extends RpcTarget. */
export type Received<Value> = Value extends Copied
  ? Value
  : Value extends RpcTargetBranded | AnyFunction
    ? RpcStub<Value>
    : Value extends ReadonlyMap<infer Key, infer Item>
      ? Map<Received<Key>, Received<Item>>
      : Value extends ReadonlySet<infer Item>
        ? Set<Received<Item>>
        : Value extends object
          ? { [Key in keyof Value]: Received<Value[Key]> }
          : Value;

/** A value as it may be passed: a stub will do for what it stands for. */
export type Passed<Value> = Value | (Value extends RpcTargetBranded | AnyFunction ? RpcStub<Value> : never);

/** The arguments of a method as its caller may pass them: a result on its way will do for what it gives. */
type PassedAll<Args extends readonly unknown[]> = {
  [Index in keyof Args]: Passed<Args[Index]> | (Promise<Received<Args[Index]>> & Breakable);
};

/** Those of a function: just like the function's own, or a callback that is passed would not get its types from either. */
type PassedToFunction<Args extends readonly unknown[]> = { [Index in keyof Args]: Passed<Args[Index]> };

/** Methods and properties, each of which gives a promise that can be asked for what is in the result. */
export type Members<Value> = {
  readonly [Key in Exclude<keyof Value, Reserved | symbol>]: Member<Value[Key]>;
};

type Member<Value> = Value extends (...args: infer Args) => infer Result
  ? (...args: PassedAll<Args>) => RpcResult<Awaited<Result>>
  : RpcResult<Awaited<Value>>;

/** A result on its way. Its members can be called before it is there. */
export type RpcResult<Value> = Promise<Received<Value>> & Disposable & Breakable & Pipelined<Value>;

interface Breakable {
  /**
   * Calls back once when what it refers to is gone for good, also where it is gone already, until it is disposed. Of a promise: when it is
   * rejected, or when the stub that it gives breaks.
   */
  onRpcBroken(callback: (error: unknown) => void): void;
}

type Pipelined<Value> = Value extends Copied ? unknown : Value extends AnyFunction ? Value : Members<Value>;

/** A reference to an RpcTarget or a function. `using stub = await ...` lets it go at the end of the block. */
export type RpcStub<Value = unknown> = Disposable &
  Breakable & {
    /** Another stub of the same, which has to be disposed by itself. */
    dup(): RpcStub<Value>;
  } & (Value extends (...args: infer Args) => infer Result
    ? (...args: PassedToFunction<Args>) => RpcResult<Awaited<Result>>
    : Members<Value>);

/** What a module exports under a name, or a class itself. */
type ExportOf<Module, Entrypoint extends string> = Module extends AnyClass
  ? Module
  : Entrypoint extends keyof Module
    ? Module[Entrypoint]
    : never;

/** A binding to a service: `fetch`, and the methods of its entrypoint. */
export type Service<Module = unknown, Entrypoint extends string = 'default'> = Fetcher &
  (ExportOf<Module, Entrypoint> extends abstract new (...args: never[]) => infer Instance
    ? Members<Instance>
    : unknown);
