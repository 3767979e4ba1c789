/** The host API of realms: one set of areas serves every realm of a thread; each realm adds its own `realm` area. */

import { callDepth } from '../call-depth.ts';
import { neutral } from '../neutral.ts';
import { neutralRpc } from '../neutral-rpc.ts';
import type { HostApi, RealmHost } from '../prelude/host-api.ts';
import { makeClockHost } from './clock.ts';
import { makeCompressionHost } from './compression.ts';
import { makeCryptoHost } from './crypto.ts';
import { makeEncodingHost } from './encoding.ts';
import { makeUrlHost } from './url.ts';
import { makeValuesHost } from './values.ts';

/** The areas that realms share. */
export type SharedHost = Omit<HostApi, 'realm'>;

/** Makes the shared areas; once per thread. */
export function makeSharedHost(): SharedHost {
  return Object.freeze({
    neutral,
    rpc: neutralRpc,
    depth: callDepth,
    clock: makeClockHost(),
    compression: makeCompressionHost(),
    crypto: makeCryptoHost(),
    encoding: makeEncodingHost(),
    url: makeUrlHost(),
    values: makeValuesHost(),
  });
}

/** The host API of one realm. */
export function makeHostApi(shared: SharedHost, realm: RealmHost): HostApi {
  return Object.freeze({ ...shared, realm });
}
