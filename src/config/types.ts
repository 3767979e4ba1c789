/**
 * What every configuration dialect becomes: one `Config`, validated, deeply frozen, and made of plain data that a thread can be sent as it
 * is. Nothing here knows how a dialect is written; dialect 1 is described in ecosystem-schema.ts.
 */

import type { RpcClient, RpcServer } from './rpc-types.ts';
import type { SocketAddress } from './socket-address.ts';
import type { ReadWith } from '../shared/read-with.ts';
import type { AppSite, SiteSettings } from '../shared/site/settings.ts';
import type { ClientTls, Keypair, TlsVersion } from '../shared/tls-options.ts';
import type { LogSettings, ServiceLogs } from './log-settings.ts';
import type { Supervision } from './supervision.ts';
import type { ExtensionModule, WorkerSource, Wrapper } from '../shared/worker-source.ts';

export type {
  AbstractAddress,
  ActivationAddress,
  DescriptorAddress,
  SocketAddress,
  TcpAddress,
  UnixAddress,
} from './socket-address.ts';
export type {
  ExtensionModule,
  ModuleKind,
  ModuleSource,
  ModulesSource,
  ScriptSource,
  ServiceWorkerSource,
  SourceContent,
  WorkerSource,
  Wrapper,
} from '../shared/worker-source.ts';

/** A deployment: what runs, where it runs, and what is listened on. */
export interface Config {
  /** Absolute path of the file it was read from; `undefined` when it was given as a value. */
  readonly source: string | undefined;
  /** What was said besides the path when the file was read; absent when that was nothing. */
  readonly readWith?: ReadWith;
  /** Absolute directory that relative paths of the file count from. */
  readonly baseDir: string;
  readonly preload: Preload;
  /** Largest heap of a thread, in megabytes. */
  readonly threadMemoryMb: number;
  /** Every group that has a service, a socket, or an entry of its own. Names are unique. */
  readonly groups: readonly Group[];
  /** Workers in the order of the file, then the implicit services. Names are unique. */
  readonly services: readonly Service[];
  /** Names and addresses are unique, except that any number of sockets may have port 0. */
  readonly sockets: readonly Socket[];
  /** Where nanod says how it is: at most one, except where several files are one. */
  readonly admin: readonly Admin[];
  /** Modules that every worker may import. Names are unique. */
  readonly extensions: readonly ExtensionModule[];
  /** How the log is kept, where that is not as usual. */
  readonly logs?: LogSettings;
}

/** Which workers are evaluated before anything listens. `auto`: all of them when there are at most `autoPreloadLimit`. */
export type Preload = 'auto' | 'all' | 'none';

/** `auto` is one per core, counted by whoever starts the threads. */
export type ThreadCount = 'auto' | number;

/** Services placed together on the same threads. */
export interface Group {
  readonly name: string;
  readonly threads: ThreadCount;
}

/** Anything that receives requests by name. Discriminated by `kind`; other kinds join this union. */
export type Service = WorkerService | NetworkService | ExternalService | DiskService | AssetsService;

/** What it takes to bundle a worker. */
export interface WorkerScript {
  readonly name: string;
  readonly source: WorkerSource;
  readonly compatibilityFlags: readonly string[];
  readonly extensions: readonly ExtensionModule[];
  /** Of its wrapped bindings, in the order in which they are made. */
  readonly wrappers: readonly Wrapper[];
}

/** A service made of code. */
export interface WorkerService {
  readonly kind: 'worker';
  readonly name: string;
  readonly source: WorkerSource;
  /** Name of a group of the same `Config`. */
  readonly group: string;
  /** `YYYY-MM-DD`. */
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  /** Names are unique. */
  readonly bindings: readonly Binding[];
  /** What the global `fetch` of the worker reaches. */
  readonly globalOutbound: ServiceDesignator;
  /** The static site in front of it. */
  readonly site?: AppSite;
  /** Absent: nothing is said about its life. */
  readonly supervision?: Supervision;
  /** How its records are kept, where that is not as usual. */
  readonly logs?: ServiceLogs;
}

/** Addresses that may be reached, as CIDR blocks and the words `public`, `private`, `local`, `network`, `unix`, `unix-abstract`. */
export interface NetworkService {
  readonly kind: 'network';
  readonly name: string;
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly tls: ClientTls;
}

/** A server of its own: all requests go there. */
export interface ExternalService {
  readonly kind: 'external';
  readonly name: string;
  readonly protocol: 'http' | 'https' | 'tcp';
  readonly address: ExternalAddress;
  readonly style: HttpStyle;
  /** Names of headers are in lower case. */
  readonly forwardedProtoHeader: string | undefined;
  readonly cfBlobHeader: string | undefined;
  readonly injectRequestHeaders: readonly InjectedHeader[];
  readonly injectResponseHeaders: readonly InjectedHeader[];
  /** What its certificate has to be for; the host of the address when absent, which is there for a Unix socket. */
  readonly certificateHost: string | undefined;
  /** `undefined` where no TLS is spoken. */
  readonly tls: ClientTls | undefined;
  readonly timeouts: ExternalTimeouts;
  /** Present where it is another nanod whose methods can be called; then requests go the same way. */
  readonly rpc: RpcClient | undefined;
}

/** A directory over HTTP. */
export interface DiskService {
  readonly kind: 'disk';
  readonly name: string;
  /** Absolute. The directory existed when the configuration was read. */
  readonly path: string;
  readonly writable: boolean;
  readonly allowDotfiles: boolean;
}

/** A static site. The directory existed when the configuration was read. */
export interface AssetsService {
  readonly kind: 'assets';
  readonly name: string;
  readonly site: SiteSettings;
}

/** How a request names what it asks for: by a path and a Host header, or by the whole URL. */
export type HttpStyle = 'host' | 'proxy';

/** In milliseconds; see the network service's limits. */
export interface ExternalTimeouts {
  readonly connectMs: number;
  readonly headersMs: number;
  readonly bodyMs: number;
}

/** Where a server is. Paths are absolute; hosts are names or IP addresses without brackets. */
export type ExternalAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'unix-abstract'; readonly name: string };

/** A service, one of its entrypoints, and what that entrypoint is told about its caller. */
export interface ServiceDesignator {
  /** Name of a service of the same `Config`. */
  readonly service: string;
  /** A named export; the default export when absent. Whether the worker exports it is known only once it is bundled. */
  readonly entrypoint?: string;
  /** JSON text of `ctx.props`; an empty object when absent. */
  readonly props?: string;
}

/** A capability handed to a worker as `env[name]`. Discriminated by `kind`; other kinds join this union. */
export type Binding =
  | TextBinding
  | DataBinding
  | JsonBinding
  | EnvironmentBinding
  | ServiceBinding
  | WasmModuleBinding
  | CryptoKeyBinding
  | MemoryCacheBinding
  | RateLimitBinding
  | VersionMetadataBinding
  | AssetsBinding
  | WorkerLoaderBinding
  | WrappedBinding;

/** A string. */
export interface TextBinding {
  readonly kind: 'text';
  readonly name: string;
  readonly text: string;
}

/** Bytes: an `ArrayBuffer` in the worker. */
export interface DataBinding {
  readonly kind: 'data';
  readonly name: string;
  /** Base64 with padding, because a frozen configuration cannot hold mutable bytes. */
  readonly base64: string;
}

/** A value parsed from JSON in the realm of the worker. */
export interface JsonBinding {
  readonly kind: 'json';
  readonly name: string;
  /** JSON text. */
  readonly json: string;
}

/** A string taken from the environment of nanod. Treat `text` as a secret: it belongs in no log and no listing. */
export interface EnvironmentBinding {
  readonly kind: 'fromEnvironment';
  readonly name: string;
  /** Name of the environment variable. */
  readonly variable: string;
  /** Its value when the configuration was read. */
  readonly text: string;
}

/** Another service. */
export interface ServiceBinding extends ServiceDesignator {
  readonly kind: 'service';
  readonly name: string;
}

/** A WebAssembly module. */
export interface WasmModuleBinding {
  readonly kind: 'wasmModule';
  readonly name: string;
  /** Its code, which is valid, as base64 with padding. */
  readonly base64: string;
}

/** A key for SubtleCrypto, which can be imported. Treat `material` as a secret: it belongs in no log and no listing. */
export interface CryptoKeyBinding {
  readonly kind: 'cryptoKey';
  readonly name: string;
  readonly format: 'raw' | 'pkcs8' | 'spki' | 'jwk';
  /** Base64 with padding; JSON text where the format is `jwk`. */
  readonly material: string;
  /** JSON text of a string or of an object. */
  readonly algorithm: string;
  readonly extractable: boolean;
  readonly usages: readonly string[];
}

/** A cache in memory, shared by all threads. */
export interface MemoryCacheBinding {
  readonly kind: 'memoryCache';
  readonly name: string;
  /** Bindings with one id share one cache; without an id it is the binding's own. */
  readonly id?: string;
  /** Sizes in bytes. */
  readonly limits: {
    readonly maxKeys: number;
    readonly maxValueSize: number;
    readonly maxTotalValueSize: number;
  };
}

/** A limit on how often something happens. */
export interface RateLimitBinding {
  readonly kind: 'ratelimit';
  readonly name: string;
  /** Bindings with one id and one period count together; without an id the counters are the binding's own. */
  readonly id?: string;
  /** Calls in a period. */
  readonly limit: number;
  /** In seconds. */
  readonly period: number;
}

/** What a worker can know of its own version. */
export interface VersionMetadataBinding {
  readonly kind: 'versionMetadata';
  readonly name: string;
  readonly tag: string;
}

/** The static site of the worker itself. */
export interface AssetsBinding {
  readonly kind: 'assets';
  readonly name: string;
}

/** Makes workers of code that is given at run time. */
export interface WorkerLoaderBinding {
  readonly kind: 'workerLoader';
  readonly name: string;
  /** Bindings with one id share their workers; without an id they are the binding's own. */
  readonly id?: string;
  /** Workers that are kept on each thread. */
  readonly maxWorkers: number;
}

/** What a function of an extension makes of other bindings, which the worker cannot reach but through it. */
export interface WrappedBinding {
  readonly kind: 'wrapped';
  readonly name: string;
  /** An internal module of `Config.extensions`. */
  readonly moduleName: string;
  /** The export that is the function. */
  readonly entrypoint: string;
  /** Names are unique. */
  readonly innerBindings: readonly Binding[];
}

/** An address that nanod listens on, and what is behind it. */
export interface Socket {
  readonly name: string;
  readonly address: SocketAddress;
  readonly protocol: SocketProtocol;
  /** Present with `https`; with `tcp` where it speaks TLS. */
  readonly tls?: ServerTls;
  /** Absent where requests and responses pass as they are. */
  readonly http?: HttpOptions;
  /** Absent where other servers call no methods. Where it is there, so is `service`. */
  readonly rpc?: RpcServer;
  /** What answers where no route does. Absent only where there are routes. */
  readonly service?: ServiceDesignator;
  /** Hosts and paths with services of their own, in the order of the file. No two of them have the same pattern. */
  readonly routes?: readonly Route[];
  /** The group whose threads listen: that of the worker behind the socket, or behind its first route, else `default`. */
  readonly group: string;
}

/** A socket of nanod itself. Its address is none of a `Socket`, and no inherited descriptor. */
export interface Admin {
  readonly address: SocketAddress;
  /** Whether metrics are shown there. */
  readonly metrics: boolean;
}

export type SocketProtocol = 'http' | 'https' | 'tcp';

/** Requests whose URL the pattern matches go to the service. */
export interface Route {
  /** As it was written. */
  readonly pattern: string;
  readonly match: RouteMatch;
  readonly service: ServiceDesignator;
}

/** What a pattern comes to: all strings are in the form in which URLs have them. */
export interface RouteMatch {
  /** Exactly this host, or every host that ends like this (`''`: every host). */
  readonly host: string;
  readonly isHostSuffix: boolean;
  /** Exactly this path, or every path that begins like this. */
  readonly path: string;
  readonly isPathPrefix: boolean;
}

/** How a socket speaks TLS. Certificates and keys have been read, and fit each other. */
export interface ServerTls {
  readonly keypair: Keypair;
  readonly requireClientCerts: boolean;
  readonly trustBrowserCas: boolean;
  /** In PEM. */
  readonly trustedCertificates: readonly string[];
  readonly minVersion: ServerTlsVersion;
  /** As OpenSSL writes it; the default of Node.js when absent. */
  readonly cipherList?: string;
  readonly sni: readonly SniKeypair[];
}

/** Of those that clients can be made to speak, the two that are safe to offer. */
export type ServerTlsVersion = Extract<TlsVersion, 'TLSv1.2' | 'TLSv1.3'>;

/** A keypair for clients that ask for one of these hosts: names in lower case, or `*.` and such a name. */
export interface SniKeypair {
  readonly hosts: readonly string[];
  readonly keypair: Keypair;
}

/** What happens to requests and responses where they come in. Names of headers are in lower case. */
export interface HttpOptions {
  readonly style: 'host' | 'proxy';
  readonly forwardedProtoHeader?: string;
  readonly cfBlobHeader?: string;
  readonly injectRequestHeaders: readonly InjectedHeader[];
  readonly injectResponseHeaders: readonly InjectedHeader[];
}

/** A header that takes the place of those of its name; `null` takes them away. */
export interface InjectedHeader {
  readonly name: string;
  readonly value: string | null;
}

/** The group of a worker that names none. */
export const defaultGroup = 'default';

/**
 * Largest heap of a thread when the file does not say it, in megabytes. From 2048 on, V8 lets garbage grow to three times what lives before it collects
 * (docs/decisions/cost-of-a-realm.md).
 */
export const defaultThreadMemoryMb = 1536;

/** The implicit network service: public addresses only. */
export const internetService = 'internet';

/** Most workers that `preload: 'auto'` evaluates before listening. */
export const autoPreloadLimit = 100;

/** A configuration without anything in it. */
export const placeholderConfig: Config = Object.freeze({
  source: undefined,
  baseDir: '/',
  preload: 'none',
  threadMemoryMb: defaultThreadMemoryMb,
  groups: [],
  services: [],
  sockets: [],
  admin: [],
  extensions: [],
});

/** The bindings of a worker and those within its wrapped ones, each behind those that it is made of. */
export function allBindings(bindings: readonly Binding[]): Binding[] {
  return bindings.flatMap((binding) =>
    binding.kind === 'wrapped' ? [...allBindings(binding.innerBindings), binding] : [binding],
  );
}

/** The functions behind the wrapped bindings of a worker, in the order in which they are called. */
export function wrappersOf(bindings: readonly Binding[]): Wrapper[] {
  return allBindings(bindings).flatMap((binding) =>
    binding.kind === 'wrapped' ? [{ module: binding.moduleName, entrypoint: binding.entrypoint }] : [],
  );
}

/** Whether the workers of a configuration are evaluated before anything listens. */
export function preloads(config: Config): boolean {
  if (config.preload !== 'auto') return config.preload === 'all';
  return config.services.filter((service) => service.kind === 'worker').length <= autoPreloadLimit;
}
