/** What a bundled worker sees as `import` (see src/bundle): its own exports, dynamic import, import.meta, assets, built-ins. */

import { defineValue } from '../lazy.ts';
import {
  ObjectCreate,
  PromiseReject,
  ReflectDefineProperty,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  TypeErrorCtor,
} from '../primordials.ts';
import { guarded } from '../host.ts';
import { toDOMString, toUnsigned } from '../webidl.ts';

const host = guarded($host.realm);

/** The exports of a worker's main module, live. */
export interface WorkerExports {
  /** Calls of a getter may throw (an export in its temporal dead zone). */
  readonly getters: Record<string, () => unknown>;
  readonly names: readonly string[];
}

/** `$nanod` of a bundle, and the exports it registers. */
export interface ModuleScope {
  readonly scope: object;
  exports(): WorkerExports;
}

export function makeModuleScope(
  builtins: (specifier: string) => object | undefined,
  onWrapped: () => void = () => {},
): ModuleScope {
  const getters = ObjectCreate(null) as Record<string, () => unknown>;
  const names: string[] = [];
  const scope = (specifier: unknown): Promise<unknown> => {
    try {
      return PromiseReject(
        new TypeErrorCtor(`Cannot import "${toDOMString(specifier)}": it is not part of the bundle.`),
      );
    } catch (error) {
      return PromiseReject(error);
    }
  };
  defineValue(scope, 'exports', (given: object) => {
    const keys = ReflectOwnKeys(given);
    for (let i = 0; i < keys.length; i++) {
      const name = keys[i] as string;
      getters[name] = ReflectGetOwnPropertyDescriptor(given, name)?.value as () => unknown;
      defineValue(names, names.length, name, true);
    }
  });
  defineValue(scope, 'meta', makeImportMeta());
  defineValue(scope, 'asset', loadAsset);
  defineValue(scope, 'wrap', (index: unknown, make: unknown) => {
    require('./wrapped.ts').wrap(index, make);
    onWrapped();
  });
  defineValue(scope, 'builtin', (specifier: string) => requireBuiltin(specifier, builtins));
  return { scope, exports: () => ({ getters, names }) };
}

function makeImportMeta(): object {
  const meta = ObjectCreate(null) as object;
  ReflectDefineProperty(meta, 'url', {
    __proto__: null,
    value: 'worker:///index.js',
    writable: true,
    enumerable: true,
    configurable: true,
  } as PropertyDescriptor);
  return meta;
}

function requireBuiltin(specifier: string, builtins: (specifier: string) => object | undefined): object {
  const found = builtins(specifier);
  if (found === undefined) throw new TypeErrorCtor(`No such built-in module: "${specifier}".`);
  return found;
}

/** Data as an ArrayBuffer, WebAssembly as a module: always of this realm. */
function loadAsset(index: unknown, kind: unknown): object {
  return require('./assets.ts').assetOf(host, toUnsigned(index, 32), kind === 'wasm' ? 'wasm' : 'data');
}
