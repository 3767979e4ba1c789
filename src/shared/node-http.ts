/**
 * The modules of Node.js that speak HTTP and TLS, for the main thread and for threads: each is loaded at the first call, and required instead of imported. `import`
 * reads every export of such a module, and some of these are accessors that load Node's own `fetch`, HTTP/2 and every certificate authority, which
 * takes 11 MB and serves nobody here (docs/decisions/cost-of-a-realm.md).
 */

import { createRequire } from 'node:module';
import type * as Http from 'node:http';
import type * as Https from 'node:https';
import type * as Tls from 'node:tls';

const load = createRequire(import.meta.url);

/** `node:http`. */
export function http(): typeof Http {
  return load('node:http') as typeof Http;
}

/** `node:https`. */
export function https(): typeof Https {
  return load('node:https') as typeof Https;
}

/** `node:tls`. */
export function tls(): typeof Tls {
  return load('node:tls') as typeof Tls;
}
