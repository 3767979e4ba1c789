/** What is behind a socket: where each request leads, and what is changed on it. Runs in a thread. */

import type { DesignatorSpec, SocketSpec, StickySpec } from '../../messages/startup.ts';
import type { TargetState } from '../../realm/prelude/state.ts';
import { RpcDoor } from '../link/rpc-door.ts';
import { HttpRewriter } from './http-rewriter.ts';
import type { IngressPowers } from './ingress-powers.ts';
import { RouteTable } from '../../shared/route-table.ts';

/** The way to a service, its name, and by which entrypoint it is called. */
export interface Destination {
  readonly target: TargetState;
  readonly service: string;
  readonly entrypoint: string;
}

export class Door {
  readonly name: string;
  /** Of the connection. */
  readonly scheme: 'http' | 'https';
  /** What other servers may call; undefined where they may not. */
  rpc: RpcDoor | undefined;
  rewriter: HttpRewriter | undefined;
  /** What keeps a client on one side of a share; undefined where each request is drawn by itself. */
  sticky: StickySpec | undefined;
  /** Nothing is accepted any more: connections end with the response they carry. */
  isClosing = false;
  #main: Destination | undefined;
  #routes: RouteTable<Destination> | undefined;

  constructor(socket: SocketSpec, find: IngressPowers['target']) {
    this.name = socket.name;
    this.scheme = socket.protocol === 'https' ? 'https' : 'http';
    this.lead(socket, find);
  }

  /** Leads elsewhere from now on. Returns whether other servers are offered something else than before. */
  lead({ name, http, rpc, target, routes, sticky }: SocketSpec, find: IngressPowers['target']): boolean {
    const destination = (to: DesignatorSpec): Destination => ({
      target: find(to, name),
      service: to.service,
      entrypoint: to.entrypoint,
    });
    this.sticky = sticky;
    this.rewriter = http && new HttpRewriter(http);
    this.#main = target && destination(target);
    this.#routes =
      routes && new RouteTable(routes.map((route) => ({ pattern: route, to: destination(route.target) })));
    const former = this.rpc?.spec;
    this.rpc = rpc && target && new RpcDoor(rpc, target, (to) => find(to, name));
    return JSON.stringify(former) !== JSON.stringify(this.rpc?.spec);
  }

  /** Where a URL leads; undefined where nobody answers. */
  to(url: string): Destination | undefined {
    return this.#routes === undefined ? this.#main : (this.#routes.find(url) ?? this.#main);
  }

  /** Where connections lead that have no URL. */
  get main(): Destination | undefined {
    return this.#main;
  }
}
