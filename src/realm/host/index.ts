/** The host API of realms: one set of areas serves every realm of a thread; each realm adds its own `realm` area. */

import { callDepth } from '../call-depth.ts';
import { neutral } from '../neutral.ts';
import { neutralRpc } from '../neutral-rpc.ts';
import type { HostApi } from '../prelude/host-api.ts';
import { type CachesHostOf, makeCachesHosts } from './caches.ts';
import { makeClockHost } from './clock.ts';
import { makeCompressionHost } from './compression.ts';
import { makeContextHost } from './context.ts';
import { makeCryptoHost } from './crypto.ts';
import { makeEncodingHost } from './encoding.ts';
import { makeHashingHost } from './hashing.ts';
import { makeHtmlHost } from './html.ts';
import { makeUrlHost } from './url.ts';
import { makeValuesHost } from './values.ts';

/** The areas that realms share. */
export type SharedHost = Omit<HostApi, 'realm' | 'caches' | 'memoryCaches' | 'loaders'> & {
  readonly cachesOf: CachesHostOf;
};

/** Makes the shared areas; once per thread. */
export function makeSharedHost(): SharedHost {
  return Object.freeze({
    neutral,
    cachesOf: makeCachesHosts(),
    rpc: neutralRpc,
    depth: callDepth,
    clock: makeClockHost(),
    compression: makeCompressionHost(),
    context: makeContextHost(),
    crypto: makeCryptoHost(),
    encoding: makeEncodingHost(),
    hashing: makeHashingHost(),
    html: makeHtmlHost(),
    url: makeUrlHost(),
    values: makeValuesHost(),
  });
}

/** The host API of one realm. */
export function makeHostApi(
  { cachesOf, ...shared }: SharedHost,
  own: Pick<HostApi, 'realm' | 'memoryCaches' | 'loaders'>,
  service: string,
): HostApi {
  return Object.freeze({
    ...shared,
    ...own,
    // Few realms keep anything.
    get caches() {
      return cachesOf(service);
    },
  });
}
