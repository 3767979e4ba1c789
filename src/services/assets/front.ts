/**
 * A static site in front of a worker: which of the two answers a request. The same decision as Cloudflare's: what is said to go to the worker
 * first, then what the site has, then the worker. Runs in a thread.
 */

import type { EntrypointState, RequestState } from '../../realm/prelude/state.ts';
import { PathGlobs } from '../../shared/site/glob.ts';
import type { AppSite } from '../../shared/site/settings.ts';
import type { AssetsService } from '../assets.ts';
import { requestsOnly } from '../service.ts';
import { parseHeaders } from '../disk/request-headers.ts';
import { partsOf } from './url-parts.ts';

/** What a worker needs of its site. */
export interface Front {
  /** The way to the worker as others take it. `isClient`: for requests from outside. */
  before(way: EntrypointState, isClient: boolean): EntrypointState;
  /** The way past the worker: its binding. */
  open(isClient: boolean): EntrypointState;
  close(): Promise<void>;
}

type FrontSettings = Pick<AppSite, 'runWorkerFirst' | 'navigationPrefersAssets'>;

/** `service`: the name of the worker. */
export function makeFront(
  assets: AssetsService,
  service: string,
  { runWorkerFirst, navigationPrefersAssets }: FrontSettings,
): Front {
  const globs = typeof runWorkerFirst === 'boolean' ? undefined : new PathGlobs(runWorkerFirst);
  /** Whether a page is wanted: then what is said for missing files comes before the worker. */
  const prefersAssets = (request: RequestState): boolean =>
    navigationPrefersAssets &&
    request.headers.includes('sec-fetch-mode\nnavigate\n') &&
    parseHeaders(request.headers).get('sec-fetch-mode') === 'navigate';
  return {
    before(way, isClient) {
      if (runWorkerFirst === true) return way;
      const fetch: EntrypointState['fetch'] = (request, call) => {
        if (request.method === 'CONNECT') return way.fetch(request, call);
        const first = globs?.test(partsOf(request.url).path);
        if (first === 'included') return way.fetch(request, call);
        if (first === 'excluded') return assets.fetch(request, call, isClient);
        assets.whenKnown(call, () => {
          const decision = assets.decide(request, prefersAssets(request) ? undefined : 'none');
          if (decision.kind === 'missing' && !decision.isRewritten) way.fetch(request, call);
          else assets.answer(request, call, decision, isClient);
        });
      };
      return { fetch, call: (...args) => way.call(...args), get: (path) => way.get(path) };
    },
    open: (isClient) => requestsOnly((request, call) => assets.fetch(request, call, isClient), service),
    close: () => assets.close(),
  };
}
