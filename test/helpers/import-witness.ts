/**
 * A thread that runs bundles and tells which dynamic imports they asked `$nanod` for, and which reached V8. Started with
 * --experimental-vm-modules.
 */

import vm from 'node:vm';
import { parentPort } from 'node:worker_threads';

/** Specifiers, in the order of the calls. */
export interface Witnessed {
  readonly caught: readonly string[];
  readonly escaped: readonly string[];
}

async function witness({ format, code }: { format: 'module' | 'script'; code: string }): Promise<Witnessed> {
  const caught: string[] = [];
  const escaped: string[] = [];
  const scope = Object.assign((specifier: unknown) => Promise.resolve(caught.push(String(specifier))), {
    exports: () => {},
    meta: {},
  });
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, {
    codeGeneration: { strings: false, wasm: false },
  });
  if (format === 'script') context['$nanod'] = scope;
  try {
    const script = new vm.Script(code, {
      importModuleDynamically: async (specifier) => {
        escaped.push(specifier);
        const empty = new vm.SourceTextModule('', { context });
        await empty.link(() => empty);
        return empty;
      },
    });
    const value: unknown = script.runInContext(context);
    if (format === 'module') await (value as (given: unknown) => unknown)(scope);
  } catch {
    // What an attack makes of itself is not the question.
  }
  return { caught, escaped };
}

parentPort?.on('message', (bundle: { format: 'module' | 'script'; code: string }) => {
  void witness(bundle).then((heard) => parentPort?.postMessage(heard));
});
