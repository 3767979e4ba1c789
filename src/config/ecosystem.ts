/** Dialect 1: from the value that a file exports to a draft. Runs in the supervisor. */
import { Environments } from './app-environment.ts';
import { bindingTag } from './binding-schema.ts';
import type { taggedBindings, targetSchema } from './binding-schema.ts';
import { readCryptoKey } from './bindings/crypto-key.ts';
import { readMemoryCache } from './bindings/memory-cache.ts';
import { readParameter } from './bindings/parameter.ts';
import { readRateLimit } from './bindings/ratelimit.ts';
import { readVersionMetadata } from './bindings/version-metadata.ts';
import { readWasmModule } from './bindings/wasm-module.ts';
import { readAdmin } from './admin-schema.ts';
import { readWorkerLoader } from './bindings/worker-loader.ts';
import type { Draft, DraftBinding, DraftService, DraftWorker } from './draft.ts';
import type { DraftAssets } from './kinds/assets.ts';
import { codeKeys, defaultCompatibilityDate, ecosystemSchema } from './ecosystem-schema.ts';
import type { appSchema } from './ecosystem-schema.ts';
import { readAppAssets, readSiteApp } from './app-assets.ts';
import { readAppRoutes } from './app-routes.ts';
import { readAssets } from './kinds/assets.ts';
import { withInstances } from './instances.ts';
import { readDisk } from './kinds/disk.ts';
import { readExternal } from './kinds/external.ts';
import { readNetwork } from './kinds/network.ts';
import { readLogs, readLogSettings, refuseOwnName } from './log-settings.ts';
import type { LogSettings } from './log-settings.ts';
import { isRecord, plainCopy } from './plain-copy.ts';
import type { ConfigPath, Problems } from './problems.ts';
import { readLenient } from './read.ts';
import { readReplacements } from './replacements.ts';
import type { serviceSchema } from './service-schema.ts';
import { readSocket } from './socket-schema.ts';
import { Sourcing } from './sourced.ts';
import { checkNoBuild, readExtensions, readSource } from './sources.ts';
import type { Read, Sourced } from './sourced.ts';
import { readSupervision } from './supervision-schema.ts';
import { readTarget } from './target.ts';
import { defaultThreadMemoryMb } from './types.ts';
import type { ServiceDesignator } from './types.ts';
import { toBase64 } from './values.ts';

type Tagged<Tag extends keyof typeof taggedBindings> = Read<(typeof taggedBindings)[Tag]>;

/** How a value is read. */
export interface EcosystemOptions {
  /** The environment NAME whose `env_NAME` of each app is laid over its `env`. */
  readonly env?: string | undefined;
  /** May change the copy that is read. */
  readonly adjust?: (copy: unknown) => void;
}

/** Reads an untrusted value. What is wrong is reported and left out; `undefined` when nothing can be made of it. */
export function readEcosystem(
  value: unknown,
  problems: Problems,
  { env, adjust }: EcosystemOptions = {},
): Draft | undefined {
  const copy = plainCopy(value, problems);
  if (copy === undefined && problems.count > 0) return undefined;
  adjust?.(copy);
  const root = readLenient(ecosystemSchema, copy, problems);
  if (root === undefined) return undefined;
  const environments = new Environments(env, problems);
  const logs = readLogSettings(root.logs);
  const converter = new Converter(problems, environments, logs);
  const apps = (root.apps ?? []).flatMap(
    (app, index) => converter.app(app, ['apps', index], writtenItem(copy, 'apps', index)) ?? [],
  );
  environments.checkChosen();
  const workers = apps.filter((app) => app.kind === 'worker');
  const groups = Object.entries(root.groups ?? {}).map(([name, group]) => ({
    name,
    threads: group?.threads,
  }));
  return {
    preload: root.preload ?? 'auto',
    allowBindingCycles: root.allowBindingCycles ?? false,
    threadMemoryMb: root.threadMemoryMb ?? defaultThreadMemoryMb,
    ...withInstances({ threads: root.threads, groups }, workers, problems),
    services: refuseOwnName(
      [
        ...apps,
        ...(root.services ?? []).flatMap(
          (service, index) => readService(service, new Sourcing(problems, ['services', index])) ?? [],
        ),
      ],
      problems,
    ),
    sockets: readAppRoutes(
      root.apps ?? [],
      (root.sockets ?? []).flatMap(
        (socket, index) =>
          readSocket(
            socket,
            new Sourcing(problems, ['sockets', index]),
            writtenItem(copy, 'sockets', index),
          ) ?? [],
      ),
      problems,
    ),
    admin: readAdmin(root.admin, new Sourcing(problems, ['admin'])),
    extensions: readExtensions(root.extensions ?? [], new Sourcing(problems, ['extensions'])),
    writtenNames: writtenNames(copy),
    logs,
    replacements: readReplacements(root.overrides ?? {}, new Sourcing(problems, ['overrides'])),
  };
}

function writtenItem(copy: unknown, list: 'apps' | 'sockets', index: number): unknown {
  return (copy as Readonly<Record<typeof list, readonly unknown[]>>)[list][index];
}

/** Every name that the file gives to something, good or bad. */
function writtenNames(copy: unknown): Draft['writtenNames'] {
  const services = new Set<string>();
  const groups = new Set<string>();
  if (!isRecord(copy)) return { services, groups };
  for (const list of [copy['apps'], copy['services']]) {
    for (const item of Array.isArray(list) ? (list as unknown[]) : []) {
      if (isRecord(item) && typeof item['name'] === 'string') services.add(item['name']);
    }
  }
  if (isRecord(copy['groups'])) for (const name of Object.keys(copy['groups'])) groups.add(name);
  return { services, groups };
}

function readService(
  service: Read<typeof serviceSchema> | undefined,
  at: Sourcing,
): DraftService | undefined {
  switch (service?.kind) {
    case 'network':
      return readNetwork(service, at);
    case 'external':
      return readExternal(service, at);
    case 'disk':
      return readDisk(service, at);
    case 'assets':
      return readAssets(service, at);
    case undefined:
      return undefined;
  }
}

/** What a worker that inherits has from the other one cannot be said anew. */
function checkHeir(app: Read<typeof appSchema>, at: Sourcing): void {
  checkNoBuild(app, at);
  for (const key of ['compatibilityDate', 'compatibilityFlags'] as const) {
    if (app[key] === undefined) continue;
    const details = { expected: 'nothing, as the worker inherits it', found: `\`${key}\`` };
    at.problems.report('CONFIG_VALUE', details, [...at.path, key]);
  }
}

class Converter {
  readonly #problems: Problems;
  readonly #environments: Environments;
  readonly #logs: LogSettings;

  constructor(problems: Problems, environments: Environments, logs: LogSettings = {}) {
    this.#problems = problems;
    this.#environments = environments;
    this.#logs = logs;
  }

  /** A worker, or the site of an app without code. */
  app(
    app: Read<typeof appSchema> | undefined,
    path: ConfigPath,
    written: unknown,
  ): DraftWorker | DraftAssets | undefined {
    if (app === undefined) return undefined;
    const at = new Sourcing(this.#problems, path);
    const isSite =
      isRecord(written) &&
      written['assets'] !== undefined &&
      !codeKeys.some((key) => written[key] !== undefined);
    return isSite ? readSiteApp(app, at) : this.#worker(app, path);
  }

  #worker(app: Read<typeof appSchema>, path: ConfigPath): DraftWorker {
    const bindings = [
      ...this.#bindings(app.bindings ?? {}, [...path, 'bindings']),
      ...this.#environments.bindings(app, new Sourcing(this.#problems, path)),
    ];
    if (app.inherit !== undefined) checkHeir(app, new Sourcing(this.#problems, path));
    return {
      kind: 'worker',
      placeOf: (binding) => this.#problems.place([...path, 'bindings', binding]),
      name: this.#sourced(app.name, [...path, 'name']),
      source: readSource(app, new Sourcing(this.#problems, path)),
      inherit: this.#sourced(app.inherit, [...path, 'inherit']),
      group: this.#sourced(app.group, [...path, 'group']),
      compatibilityDate: app.compatibilityDate ?? defaultCompatibilityDate,
      compatibilityFlags: (app.compatibilityFlags ?? []).flatMap(
        (flag, index) => this.#sourced(flag, [...path, 'compatibilityFlags', index]) ?? [],
      ),
      bindings,
      assets: readAppAssets(app.assets, bindings, new Sourcing(this.#problems, [...path, 'assets'])),
      globalOutbound: this.#target(app.globalOutbound, [...path, 'globalOutbound']),
      supervision: readSupervision(app, path),
      logs: readLogs(app, this.#logs, new Sourcing(this.#problems, path)),
    };
  }

  #sourced<T>(value: T | undefined, path: ConfigPath): Sourced<T> | undefined {
    return value === undefined ? undefined : { value, place: this.#problems.place(path) };
  }

  #target(
    target: Read<typeof targetSchema> | undefined,
    path: ConfigPath,
  ): Sourced<ServiceDesignator> | undefined {
    return readTarget(target, new Sourcing(this.#problems, path));
  }

  #bindings(bindings: Readonly<Record<string, unknown>>, path: ConfigPath): DraftBinding[] {
    return Object.entries(bindings).flatMap(
      ([name, value]) => this.#binding(name, value, [...path, name]) ?? [],
    );
  }

  /** Who inherits a worker fills its own parameters, and no others. */
  #refuseParameters(bindings: Readonly<Record<string, unknown>>, path: ConfigPath): void {
    for (const [name, value] of Object.entries(bindings)) {
      if (bindingTag(value) !== 'parameter') continue;
      const details = { expected: 'a binding that is given', found: 'a parameter' };
      this.#problems.report('CONFIG_VALUE', details, [...path, name]);
    }
  }

  #binding(name: string, value: unknown, path: ConfigPath): DraftBinding | undefined {
    if (value === undefined) return undefined;
    const kind = bindingTag(value);
    // The schema has chosen its member by the same `bindingTag`, which is what each of these casts relies on.
    switch (kind) {
      case 'plainText':
        return { kind: 'text', name, text: value as string };
      case 'plainJson':
        return { kind: 'json', name, json: JSON.stringify(value) };
      case 'text': {
        const { text } = value as Tagged<'text'>;
        return text === undefined ? undefined : { kind, name, text };
      }
      case 'data': {
        const { data } = value as Tagged<'data'>;
        return data === undefined ? undefined : { kind, name, base64: toBase64(data) };
      }
      case 'json': {
        const { json } = value as { readonly json?: unknown };
        return json === undefined ? undefined : { kind, name, json: JSON.stringify(json) };
      }
      case 'fromEnvironment': {
        const variable = this.#sourced((value as Tagged<'fromEnvironment'>).fromEnvironment, path);
        return variable === undefined ? undefined : { kind, name, variable };
      }
      case 'service': {
        const target = this.#target(value as Tagged<'service'>, path);
        return target === undefined ? undefined : { kind, name, target };
      }
      case 'cryptoKey':
        return readCryptoKey(name, value as Tagged<'cryptoKey'>, new Sourcing(this.#problems, path));
      case 'memoryCache':
        return readMemoryCache(name, value as Tagged<'memoryCache'>);
      case 'ratelimit':
        return readRateLimit(name, value as Tagged<'ratelimit'>);
      case 'versionMetadata':
        return readVersionMetadata(name, value as Tagged<'versionMetadata'>);
      case 'parameter':
        return readParameter(name, value as Tagged<'parameter'>);
      case 'workerLoader':
        return readWorkerLoader(name, value as Tagged<'workerLoader'>);
      case 'wasmModule':
        return readWasmModule(name, value as Tagged<'wasmModule'>, new Sourcing(this.#problems, path));
      case 'wrapped': {
        const {
          moduleName: name_,
          entrypoint = 'default',
          innerBindings = {},
        } = (value as Tagged<'wrapped'>).wrapped ?? {};
        const inner = [...path, 'wrapped'];
        this.#refuseParameters(innerBindings, [...inner, 'innerBindings']);
        const moduleName = this.#sourced(name_, [...inner, 'moduleName']);
        const bindings = this.#bindings(innerBindings, [...inner, 'innerBindings']);
        return moduleName && { kind, name, moduleName, entrypoint, innerBindings: bindings };
      }
      case undefined:
        return undefined;
    }
  }
}
