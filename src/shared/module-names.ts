/** Names of modules that a configuration holds, and what an import in one of them refers to. Pure functions; workerd's rules. */

const scheme = /^[a-z][a-z\d+.-]*:/u;

/** Whether a specifier begins with a scheme (`node:fs`, `burrito-shop:kitchen`): such names are absolute. */
export function hasScheme(specifier: string): boolean {
  return scheme.test(specifier);
}

/** A name without `.`, `..` and empty steps; `undefined` when it leads out of its root, or nothing is left. */
export function normalizeModuleName(name: string): string | undefined {
  if (hasScheme(name)) return name;
  return resolveModuleName('', name);
}

/**
 * The name that a specifier in the module `importer` refers to, counted from the directory of the importer whether it begins with `./` or
 * not. `undefined` when it leads out of the root.
 */
export function resolveModuleName(importer: string, specifier: string): string | undefined {
  if (hasScheme(specifier)) return specifier;
  const steps = specifier.startsWith('/') ? [] : importer.split('/').slice(0, -1);
  for (const step of specifier.split('/')) {
    if (step === '' || step === '.') continue;
    if (step !== '..') steps.push(step);
    else if (steps.pop() === undefined) return undefined;
  }
  return steps.length === 0 ? undefined : steps.join('/');
}
