/** What the supervisor hands to a thread when it starts it. Plain data and ports: everything here can be sent. */

import type { MessagePort } from 'node:worker_threads';
import type { AppSite, SiteSettings } from '../shared/site/settings.ts';
import type { ClientTls, Keypair } from '../shared/tls-options.ts';
import type { LogLimit } from './log.ts';

/** The one argument of a thread's resident task. */
export interface ThreadStartup {
  /** Unique while the process lives. */
  readonly thread: number;
  readonly group: string;
  readonly prelude: PreludeScript;
  /** The text of src/nodejs/; undefined where no worker needs it. */
  readonly nodejs: string | undefined;
  readonly services: readonly ServiceSpec[];
  /** How long the top level of a worker may take, in milliseconds. */
  readonly evaluationTimeout: number;
  readonly ingress: IngressLimits;
  /** Carries the comlink contract of control.ts. */
  readonly control: MessagePort;
  /** Carries LogMessage records to the supervisor. */
  readonly logs: MessagePort;
  /** Carries CrashMessage records to the supervisor. */
  readonly crashes: MessagePort;
  /** See src/shared/running-mark.ts. */
  readonly mark: SharedArrayBuffer;
  /** Carries the questions and answers of builds.ts. */
  readonly builds: MessagePort;
}

/** What an HTTP client may do. Times in milliseconds, sizes in bytes. */
export interface IngressLimits {
  /** Request line and headers; more is answered 431. */
  readonly headerBytes: number;
  /** Until the headers are complete; longer is answered 408. */
  readonly headersTimeout: number;
  /** Until the whole request has arrived; longer is answered 408. */
  readonly requestTimeout: number;
  /** An idle connection is kept this long. */
  readonly keepAliveTimeout: number;
  /** An idle connection is kept this long once nothing is accepted any more: a request may be on its way. */
  readonly lingerTimeout: number;
  /** A longer body is answered 413. */
  readonly bodyBytes: number;
  /** How often connections are held against the times above. */
  readonly checkInterval: number;
}

/** The prelude's text and V8's code cache for it. */
export interface PreludeScript {
  readonly text: string;
  readonly cachedData: Uint8Array | undefined;
}

/** A service as one thread sees it: it lives here, or in another group. */
export type ServiceSpec = PartSpec | SplitSpec;

/** A service as somebody has written it. */
export type PartSpec =
  WorkerSpec | NetworkSpec | ExternalSpec | DiskSpec | AssetsSpec | RemoteSpec | ParkedSpec;

/** What becomes of the services of a thread: a spec for each that is new or another one, and the names of those that go. */
export interface ServiceChanges {
  readonly set: readonly ServiceSpec[];
  /** By the name of a service in `set`: which parts of the former service its parts go on with (see `partsOf`), realms and all. */
  readonly adopted: ReadonlyMap<string, readonly (number | undefined)[]>;
  readonly removed: readonly string[];
  /** The text of src/nodejs/, where a worker may need it now and none has before. */
  readonly nodejs: string | undefined;
}

/** Two versions of a service side by side: a share of the requests goes to the candidate. */
export interface SplitSpec {
  readonly kind: 'split';
  readonly name: string;
  readonly stable: PartSpec;
  readonly candidate: PartSpec;
  /** Of requests, from 0 to 100. */
  readonly percent: number;
}

/** What a service is made of. */
export function partsOf(spec: ServiceSpec): readonly PartSpec[] {
  return spec.kind === 'split' ? [spec.stable, spec.candidate] : [spec];
}

/** What keeps the requests of one client on one side of a share. */
export interface StickySpec {
  readonly kind: 'header' | 'cookie';
  /** In lower case where it is a header. */
  readonly name: string;
}

export interface WorkerSpec {
  readonly kind: 'worker';
  readonly name: string;
  /** Content hash of code and configuration. */
  readonly version: string;
  /** How often somebody asked for it to be started anew. */
  readonly restarts: number;
  readonly format: 'module' | 'script';
  readonly code: string;
  readonly sourceMap: string;
  readonly assets: readonly AssetSpec[];
  readonly mentionsTemporal: boolean;
  /** The worker may import modules of Node.js. */
  readonly nodejs: boolean;
  /** The default one when absent. */
  readonly logLimit?: LogLimit | undefined;
  readonly bindings: readonly BindingSpec[];
  readonly globalOutbound: DesignatorSpec;
  /** The static site in front of it. */
  readonly site?: AppSite | undefined;
  /** How long its top level may take, in milliseconds; that of the thread when absent. */
  readonly evaluationTimeout?: number;
  /** It is evaluated before calls are led to it. */
  readonly waitReady?: boolean;
}

export interface AssetSpec {
  readonly kind: 'data' | 'wasm';
  readonly bytes: Uint8Array;
}

export interface NetworkSpec {
  readonly kind: 'network';
  readonly name: string;
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly tls: ClientTls;
}

/** A header that takes the place of those of its name; `null` takes them away. Names are in lower case. */
export interface InjectedHeader {
  readonly name: string;
  readonly value: string | null;
}

/** A server of its own. The fields are those of the configuration (src/config/types.ts). */
export interface ExternalSpec {
  readonly kind: 'external';
  readonly name: string;
  readonly protocol: 'http' | 'https' | 'tcp';
  readonly address:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'unix'; readonly path: string }
    | { readonly kind: 'unix-abstract'; readonly name: string };
  readonly style: 'host' | 'proxy';
  readonly forwardedProtoHeader: string | undefined;
  readonly cfBlobHeader: string | undefined;
  readonly injectRequestHeaders: readonly InjectedHeader[];
  readonly injectResponseHeaders: readonly InjectedHeader[];
  readonly certificateHost: string | undefined;
  readonly tls: ClientTls | undefined;
  readonly timeouts: {
    readonly connectMs: number;
    readonly headersMs: number;
    readonly bodyMs: number;
  };
  /** Where the server is another nanod, whose methods can be called. */
  readonly rpc: RpcClientSpec | undefined;
}

/** What a connection between two nanods may carry at a time. The fields are those of the configuration (src/config/types.ts). */
export interface RpcLimitsSpec {
  readonly messageBytes: number;
  readonly calls: number;
  readonly capabilities: number;
}

/** How methods of another nanod are called. `token` is a secret. */
export interface RpcClientSpec {
  readonly path: string;
  readonly token: string | undefined;
  readonly entrypoint: string | undefined;
  readonly limits: RpcLimitsSpec;
}

/** How a socket takes method calls of other servers. `token` is a secret. */
export interface RpcServerSpec {
  readonly path: string;
  readonly token: string | undefined;
  readonly anyone: boolean;
  readonly entrypoints: readonly string[];
  readonly props: boolean;
  readonly limits: RpcLimitsSpec;
}

/** A directory over HTTP. */
export interface DiskSpec {
  readonly kind: 'disk';
  readonly name: string;
  readonly path: string;
  readonly writable: boolean;
  readonly allowDotfiles: boolean;
}

/** A static site. */
export interface AssetsSpec {
  readonly kind: 'assets';
  readonly name: string;
  readonly site: SiteSettings;
}

/** A worker of another group: calls take a channel to one of its threads. */
export interface RemoteSpec {
  readonly kind: 'remote';
  readonly name: string;
  readonly group: string;
}

/** A service that refuses every call: it was stopped, or it failed too often. */
export interface ParkedSpec {
  readonly kind: 'parked';
  readonly name: string;
  readonly reason: 'stopped' | 'errored';
}

/** One member of `env`. */
export type BindingSpec =
  | { readonly kind: 'text'; readonly name: string; readonly text: string }
  | { readonly kind: 'json'; readonly name: string; readonly json: string }
  | { readonly kind: 'data'; readonly name: string; readonly base64: string }
  | ({ readonly kind: 'service'; readonly name: string } & DesignatorSpec)
  /** `asset`: index of a `wasm` asset of the worker. */
  | { readonly kind: 'wasmModule'; readonly name: string; readonly asset: number }
  | CryptoKeySpec
  /** See src/shared/cache-memory/. */
  | { readonly kind: 'memoryCache'; readonly name: string; readonly memory: SharedArrayBuffer }
  /** See src/shared/rate-counters.ts. `period`: in seconds. */
  | {
      readonly kind: 'ratelimit';
      readonly name: string;
      readonly memory: SharedArrayBuffer;
      readonly limit: number;
      readonly period: number;
    }
  /** `id`: shared by the bindings that have it; undefined for a loader of its own. */
  | {
      readonly kind: 'workerLoader';
      readonly name: string;
      readonly id: string | undefined;
      readonly maxWorkers: number;
    }
  /** Made of others by a function in the bundle. */
  | { readonly kind: 'wrapped'; readonly name: string; readonly inner: readonly BindingSpec[] };

/** A key to import. `material` is a secret. */
export interface CryptoKeySpec {
  readonly kind: 'cryptoKey';
  readonly name: string;
  readonly format: 'raw' | 'pkcs8' | 'spki' | 'jwk';
  /** Base64; JSON where the format is `jwk`. */
  readonly material: string;
  /** JSON. */
  readonly algorithm: string;
  readonly extractable: boolean;
  readonly usages: readonly string[];
}

/** A service, an entrypoint of it, and what the entrypoint is told (JSON, or ''). */
export interface DesignatorSpec {
  readonly service: string;
  readonly entrypoint: string;
  readonly props: string;
}

/** An address to listen on, and what is behind it. */
export interface SocketSpec {
  readonly name: string;
  /** Of the listener: another one for another address, protocol or keypair. */
  readonly id: string;
  readonly listen: ListenSpec;
  readonly protocol: 'http' | 'https' | 'tcp';
  readonly tls: TlsSpec | undefined;
  readonly http: HttpSpec | undefined;
  /** Where other servers call methods of the target. */
  readonly rpc: RpcServerSpec | undefined;
  /** What answers where no route does. */
  readonly target: DesignatorSpec | undefined;
  /** Undefined where there is no table; an empty one matches nothing. */
  readonly routes: readonly RouteSpec[] | undefined;
  /** Undefined where each request is drawn by itself. */
  readonly sticky: StickySpec | undefined;
}

/** What a thread can listen on. */
export type ListenSpec =
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      /** Several threads listen on this address. */
      readonly shared: boolean;
    }
  /** A Unix socket, as the system names it: a path, or a null character and a name. */
  | { readonly kind: 'path'; readonly path: string }
  /** Inherited descriptors, which this thread owns from now on. */
  | { readonly kind: 'fd'; readonly fds: readonly number[] };

/** Hosts and paths that lead to a service; see RouteMatch of the configuration. */
export interface RouteSpec {
  readonly host: string;
  readonly isHostSuffix: boolean;
  readonly path: string;
  readonly isPathPrefix: boolean;
  readonly target: DesignatorSpec;
}

/** What happens to requests and responses where they come in. Names are in lower case. */
export interface HttpSpec {
  readonly style: 'host' | 'proxy';
  readonly forwardedProtoHeader?: string;
  readonly cfBlobHeader?: string;
  readonly injectRequestHeaders: readonly HeaderSpec[];
  readonly injectResponseHeaders: readonly HeaderSpec[];
}

/** A header to be set, or (null) to be taken away. */
export interface HeaderSpec {
  readonly name: string;
  readonly value: string | null;
}

/** Certificates and keys in PEM. */
export interface TlsSpec {
  readonly keypair: Keypair;
  readonly requireClientCerts: boolean;
  readonly trustBrowserCas: boolean;
  readonly trustedCertificates: readonly string[];
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly cipherList?: string;
  readonly sni: readonly { readonly hosts: readonly string[]; readonly keypair: Keypair }[];
  /** 48 random bytes, the same for every thread: a session that began with one is resumed by another. */
  readonly ticketKeys: Uint8Array;
}
