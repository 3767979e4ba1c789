/** Handshakes of other servers that want to call methods: refused, or the beginning of a link. Runs in a thread. */

import type { ServerResponse } from 'node:http';
import { quote } from '../../shared/text.ts';
import { AcceptedLinks } from '../link/accepted-links.ts';
import { linkProtocol } from '../link/limits.ts';
import type { RpcDoor } from '../link/rpc-door.ts';
import type { Door } from './door.ts';
import type { IngressPowers } from './ingress-powers.ts';
import { isHandshake, type Upgrade, type Upgrades } from './upgrades.ts';

export interface RpcConnectionsOptions {
  readonly powers: IngressPowers;
  readonly upgrades: Upgrades;
  /** Called for each connection when it is gone. */
  readonly onEnd: () => void;
}

export class RpcConnections {
  readonly #options: RpcConnectionsOptions;
  readonly #links: AcceptedLinks;

  constructor(options: RpcConnectionsOptions) {
    this.#options = options;
    const { links, limits, log } = options.powers;
    this.#links = new AcceptedLinks({
      ...links,
      lingerTimeout: limits.lingerTimeout,
      onViolation: (socket, reason) =>
        log(
          40,
          `a server that called methods through the socket ${quote(socket)} was cut off: ${reason}`,
          '',
        ),
    });
  }

  /** `out`: what refuses it. */
  accept(upgrade: Upgrade, out: ServerResponse, door: Door, rpc: RpcDoor): void {
    const { upgrades, onEnd } = this.#options;
    const status = isHandshake(upgrade.message) ? rpc.refusal(upgrade.message) : 400;
    if (status !== undefined) return refuse(out, status, onEnd);
    const socket = upgrades.take(upgrade, linkProtocol, rpc.spec.limits.messageBytes);
    if (socket === undefined) onEnd();
    else this.#links.accept(socket, door, rpc, onEnd);
  }

  /** See AcceptedLinks. */
  leave(door: Door): void {
    this.#links.leave(door);
  }

  leaveAll(): void {
    this.#links.leaveAll();
  }

  destroyAll(): void {
    this.#links.destroyAll();
  }
}

function refuse(out: ServerResponse, status: 400 | 401 | 403, onEnd: () => void): void {
  out.once('close', onEnd);
  const fields = { 'content-type': 'text/plain;charset=UTF-8', connection: 'close' };
  out.writeHead(status, status === 401 ? { ...fields, 'www-authenticate': 'Bearer' } : fields);
  out.end(`${status}\n`);
}
