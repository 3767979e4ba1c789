/**
 * What a case of the contract is. Its functions run inside two workers, so each is written as an arrow function that refers to nothing but
 * its parameters and the globals of a realm: the text of the function is what gets deployed.
 */

/** Remembers what has happened on the callee's side, for the caller to ask for. */
export interface Notes {
  set(key: string, value: unknown): void;
  /** Resolves when it is set. */
  get(key: string): Promise<unknown>;
}

/** A service binding, as a worker sees it. */
export interface Service {
  fetch(input: unknown, init?: object): Promise<Response>;
}

export interface CalleeGiven {
  readonly notes: Notes;
  readonly ctx: { readonly props: unknown; waitUntil(promise: Promise<unknown>): void };
  /** The entrypoint that was called. */
  readonly entrypoint: string;
  /** Bindings back to the caller, and to the callee itself. */
  readonly caller: Service;
  readonly self: Service;
}

export interface CallerGiven {
  readonly callee: Service;
  /** The callee's entrypoint `Named`, with props; one that it does not export; and one without a handler. */
  readonly named: Service;
  readonly missing: Service;
  readonly empty: Service;
  /** Where the callee's half of this case is. Anything may be added. */
  readonly url: string;
  /** What the callee has noted, by way of JSON, as soon as it has. */
  note(key: string): Promise<unknown>;
  /** Gives other work its turn, on the way to the callee and back. */
  turns(count: number): Promise<void>;
  /** The request of the test. */
  readonly request: Request;
  /** The callee's entrypoint `Methods`, with props. Its methods are in workers.ts. */
  readonly rpc: Rpc;
  /** What `cloudflare:workers` exports to the caller. */
  readonly workers: Readonly<Record<'RpcTarget' | 'RpcStub' | 'RpcPromise' | 'RpcProperty', RpcClass>>;
  /** What `run` throws, as `name: message`; says so if it throws nothing. */
  failure(run: () => unknown): Promise<string>;
  /** The callee's entrypoints that are no such class: a class of handlers, and an object of them. */
  readonly plain: Rpc;
  readonly handlers: Rpc;
  /** The callee's class that extends DurableObject. */
  readonly durable: Rpc;
  /** A binding to the caller's own entrypoint `Own`. */
  readonly own: Rpc;
  readonly ctx: { readonly exports: Readonly<Record<string, Rpc>> };
}

/** A stub: any name is a method or a property. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a stub is whatever its target is
export type Rpc = any;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- likewise
export type RpcClass = new (...args: any[]) => any;

export interface Case {
  /** A sentence. */
  readonly name: string;
  /** Answers the caller. */
  readonly callee?: (request: Request, given: CalleeGiven) => unknown;
  /** What it resolves with is compared to `expected` by way of JSON; a Response goes to the test as it is. */
  readonly caller: (given: CallerGiven) => unknown;
  /** Answers calls of the callee to the caller. */
  readonly back?: (request: Request, given: Pick<CallerGiven, 'callee' | 'missing'>) => unknown;
  /** The request of the test, if it is more than a GET. */
  readonly input?: {
    readonly method: string;
    readonly body: string;
    readonly headers?: Readonly<Record<string, string>>;
  };
  readonly expected: unknown;
}

/** A response that reached the test: what to expect of it. */
export interface ExpectedResponse {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}
