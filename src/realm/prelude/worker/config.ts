/** What a realm is told about its worker, as JSON. Types only. */

export interface RealmConfig {
  /** The service's name. */
  readonly service: string;
  readonly version: string;
  /** The name of the worker's script in stacks. */
  readonly script: string;
  /** Target indexes refer to the host's list; target 0 is the global outbound. */
  readonly bindings: readonly BindingConfig[];
  /** The code mentions Temporal. */
  readonly temporal: boolean;
  /** The version of Node.js whose modules the worker may import (`v26.10.0`), or '' where it may import none. */
  readonly nodejs: string;
}

/** One member of `env`. */
export type BindingConfig =
  | { readonly kind: 'text'; readonly name: string; readonly text: string }
  | { readonly kind: 'json'; readonly name: string; readonly json: string }
  | { readonly kind: 'data'; readonly name: string; readonly base64: string }
  | { readonly kind: 'service'; readonly name: string; readonly target: number }
  | { readonly kind: 'wasmModule'; readonly name: string; readonly asset: number }
  | { readonly kind: 'cryptoKey'; readonly name: string; readonly key: number }
  | { readonly kind: 'memoryCache'; readonly name: string; readonly cache: number }
  | { readonly kind: 'ratelimit'; readonly name: string; readonly limit: number }
  | { readonly kind: 'workerLoader'; readonly name: string; readonly loader: number }
  /** Made of the inner ones by a function that the bundle hands over before the worker's code runs. */
  | { readonly kind: 'wrapped'; readonly name: string; readonly inner: readonly BindingConfig[] };
