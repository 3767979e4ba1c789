/** What a socket offers to other servers: who may call, and which entrypoints of the service behind it. Runs in a thread. */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { DesignatorSpec, RpcServerSpec } from '../../messages/startup.ts';
import type { TargetState } from '../../realm/prelude/state.ts';
import { refused } from '../../services/deferred.ts';
import { makeHostError } from '../../services/host-error.ts';
import { Target } from '../../services/service.ts';
import { linkProtocol } from './limits.ts';

/** Longest props, in units of JSON text. */
const longestProps = 65_536;

export class RpcDoor {
  readonly spec: RpcServerSpec;
  /** What the socket leads to. */
  readonly #main: DesignatorSpec;
  readonly #find: (to: DesignatorSpec) => TargetState;
  readonly #tokenHash: Buffer | undefined;

  constructor(spec: RpcServerSpec, main: DesignatorSpec, find: (to: DesignatorSpec) => TargetState) {
    this.spec = spec;
    this.#main = main;
    this.#find = find;
    this.#tokenHash = spec.token === undefined ? undefined : hashOf(`Bearer ${spec.token}`);
  }

  /** Whether a handshake is one for method calls, and no WebSocket of the service. */
  isFor({ url = '', headers }: IncomingMessage): boolean {
    const asked = headers['sec-websocket-protocol']?.split(',').map((each) => each.trim()) ?? [];
    return url === this.spec.path && asked.includes(linkProtocol);
  }

  /** The status that refuses a handshake; undefined for one that is good. */
  refusal({ headers }: IncomingMessage): 401 | 403 | undefined {
    // A page in a browser, which could call from its user's machine, always says where it is from; servers do not.
    if (headers.origin !== undefined) return 403;
    if (this.#tokenHash === undefined) return undefined;
    return timingSafeEqual(hashOf(headers.authorization ?? ''), this.#tokenHash) ? undefined : 401;
  }

  /** The way to an entrypoint; '' is the one that the socket leads to. */
  target(entrypoint: string, props: string): TargetState {
    const main = this.#main;
    const { entrypoints, props: takesProps } = this.spec;
    const isMain = entrypoint === '' || entrypoint === main.entrypoint;
    if (!isMain && !entrypoints.includes(entrypoint))
      return refusing(`call the entrypoint "${entrypoint.slice(0, 100)}"`, '`entrypoints`');
    if (props === '') return this.#find(isMain ? main : { ...main, entrypoint, props: '' });
    if (!takesProps || main.props !== '') return refusing('say props', '`props`');
    if (!isProps(props)) return refusing('say props that are no JSON object, or a large one', 'nothing');
    return this.#find({ ...main, ...(isMain ? {} : { entrypoint }), props });
  }
}

/** Tokens are compared by their hashes, which have one length. */
function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isProps(text: string): boolean {
  if (text.length > longestProps) return false;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** What leads nowhere, and says so. */
export function refusing(what: string, option: string): TargetState {
  const failure = makeHostError('RPC_NOT_OFFERED', { what, option });
  const refuse = (): ReturnType<TargetState['get']> => refused(failure);
  return new Target(
    {
      fetch: (_request, call) => call.settle(call, undefined, failure),
      call: refuse,
      get: refuse,
    },
    '',
  );
}
