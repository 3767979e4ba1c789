/** The ways in to this realm's worker: each entrypoint with the props that a binding gives it. */

import { toErrorState } from '../errors/error-state.ts';
import { BUSY, depth, MAX_DEPTH, runDeeper, tooDeep } from '../rpc/depth.ts';
import type { RpcTargetState } from '../rpc/rpc-state.ts';
import type { CallState, EntrypointState, RequestState } from '../state.ts';
import { enterRealm, inOwnContext, usesContexts } from '../nodejs/context-hooks.ts';
import { answer } from './handlers.ts';
import { loadedWorker, notLoaded } from './loader.ts';

/** The way in. `props`: JSON, or ''. */
export function openEntrypoint(entrypoint: string, props: string): EntrypointState {
  const handler = loadedWorker()?.handler ?? notLoaded;
  let served: RpcTargetState | undefined;
  const serve = (): RpcTargetState => {
    const worker = loadedWorker();
    return (served = require('../rpc/serve.ts').serveEntrypoint(worker, entrypoint, props));
  };
  const take = (request: RequestState, call: CallState): void => {
    if (request.method !== 'CONNECT') answer(handler, entrypoint, props, request, call);
    else require('../sockets/serve-connect.ts').answerConnection(entrypoint, props, request, call);
  };
  const enter = (request: RequestState, call: CallState): void => {
    if (usesContexts()) enterRealm(undefined, () => take(request, call));
    else take(request, call);
  };
  return {
    fetch(request, call) {
      const before = depth[0] as number;
      if (before >= MAX_DEPTH) return call.settle(call, undefined, tooDeep());
      depth[0] = before + 1;
      try {
        if ((depth[1] as number) < BUSY) enter(request, call);
        else if (!runDeeper(() => enter(request, call))) call.settle(call, undefined, tooDeep());
      } catch (error) {
        call.settle(call, undefined, toErrorState(error));
      } finally {
        depth[0] = before;
      }
    },
    call(path, args, source) {
      const way = served ?? serve();
      return usesContexts() ? inOwnContext(() => way.call(path, args, source)) : way.call(path, args, source);
    },
    get: (path) => inOwnContext(() => (served ?? serve()).get(path)),
  };
}
