/** A prelude whose surroundings are altered for an attack: something is done in each realm's context, or its host functions are replaced. */

import type { Context, Script } from 'node:vm';
import { bundlePrelude } from '../../src/bundle/bundle-prelude.ts';
import type { HostApi } from '../../src/realm/prelude/host-api.ts';
import { compilePrelude } from '../../src/realm/realm.ts';

export interface Alterations {
  /** Done before the prelude starts. */
  readonly before?: (context: Context) => void;
  /** Done when it has started, before the worker runs. */
  readonly after?: (context: Context) => void;
  /** Gives the host API that the prelude gets. */
  readonly host?: (host: HostApi, context: Context) => object;
  /** Gives the entry that the host calls. */
  readonly entry?: (entry: object) => object;
}

type Start = (host: object) => object;

/** Stands in for the prelude's script. */
export async function alteredPrelude({ before, after, host, entry }: Alterations): Promise<Script> {
  const script = compilePrelude(await bundlePrelude());
  const altered = {
    runInContext(context: Context): Start {
      before?.(context);
      const start = script.runInContext(context) as Start;
      return (given) => {
        const made = start(host === undefined ? given : host(given as HostApi, context));
        after?.(context);
        return entry === undefined ? made : entry(made);
      };
    },
  };
  return altered as Script;
}
