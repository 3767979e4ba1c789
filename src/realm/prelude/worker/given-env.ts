/**
 * The `env` of a worker whose code is given at run time: a copy of what the giver says, with services in it that the giver has. Nothing else of
 * the giver's gets across.
 */

import { TypeErrorCtor } from '../primordials.ts';
import { encodeLasting } from '../rpc/own-source.ts';
import { Reception, receiveValue } from '../rpc/receive.ts';
import type { EncodedState } from '../rpc/rpc-state.ts';
import type { TargetState } from '../state.ts';
import { isObject } from '../webidl.ts';

/** A copy for a realm that is not there yet. `serviceOf`: the way to a service as the other realm gets it. Throws a DataCloneError. */
export function encodeEnv(env: unknown, serviceOf: (target: TargetState) => TargetState): EncodedState {
  if (!isObject(env)) throw new TypeErrorCtor('WorkerLoader: env is not an object.');
  return encodeLasting(env, 'env', serviceOf);
}

/** The `env` of this realm. */
export function receiveEnv({ value, source }: EncodedState): object {
  return receiveValue(value, new Reception(source)) as object;
}
