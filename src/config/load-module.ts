/**
 * Dialect 1 written as JavaScript or TypeScript: a module whose export is the configuration, a promise of it, or a function that returns
 * either. The file runs in the supervisor with all of its powers, as every configuration in code does.
 */
import { makeError } from '../shared/errors.ts';
import { displayPath } from '../shared/display-path.ts';
import { describeModuleFailure } from './module-failure.ts';
import type { ConfigPowers } from './powers.ts';
import type { LoadedFile } from './source-file.ts';

const settleWithin = { seconds: 30 };

/** Evaluates a file (an absolute path) anew. */
export async function loadModuleFile(path: string, powers: ConfigPowers): Promise<LoadedFile> {
  const file = displayPath(path, powers.cwd);
  try {
    const outcome = await within(evaluate(path, powers), powers);
    if (outcome === 'late') return { errors: [makeError('CONFIG_TIMEOUT', settleWithin, { file })] };
    if ('value' in outcome) return outcome;
    return { errors: [makeError('CONFIG_EXPORT', { found: outcome.exports }, { file })] };
  } catch (error) {
    return { errors: [await describeModuleFailure(error, path, powers)] };
  }
}

/** The value, or the names that are exported where there is no default export. */
type Exported = { readonly value: unknown } | { readonly exports: readonly string[] };

async function evaluate(path: string, powers: ConfigPowers): Promise<Exported> {
  const namespace = (await powers.importModule(path)) as Readonly<Record<string, unknown>>;
  if (!('default' in namespace)) return { exports: Object.keys(namespace) };
  const exported: unknown = await unwrapTranspiled(namespace['default']);
  return { value: isFactory(exported) ? await exported() : exported };
}

function isFactory(exported: unknown): exported is () => unknown {
  return typeof exported === 'function';
}

/** The default export of an ES module that was compiled to CommonJS. */
function unwrapTranspiled(exported: unknown): unknown {
  const isTranspiled =
    typeof exported === 'object' && exported !== null && Object.hasOwn(exported, '__esModule');
  return isTranspiled && 'default' in exported ? exported.default : exported;
}

/** The outcome of a promise, or `late`. A promise that never settles would otherwise end the process without a word. */
async function within<T>(promise: Promise<T>, powers: ConfigPowers): Promise<T | 'late'> {
  const settled = new AbortController();
  const late = powers.delay(settleWithin.seconds * 1000, settled.signal).then(() => 'late' as const);
  late.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    settled.abort();
  }
}
