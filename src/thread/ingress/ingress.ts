/** The outside of a thread: listens on sockets, brings what comes to the service behind, and drains. */

import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { Server as NetServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ListenFailure } from '../../messages/control.ts';
import type { SocketSpec } from '../../messages/startup.ts';
import { Door } from './door.ts';
import { Exchange } from './exchange.ts';
import type { IngressPowers } from './ingress-powers.ts';
import { listenOptions, makeHttpServer, makeTcpServer, ServerTls } from './server.ts';
import { RpcConnections } from './rpc-connections.ts';
import { TcpConnections } from './tcp-connections.ts';
import { isHandshake, type Upgrade, Upgrades } from './upgrades.ts';

/** A server of Node.js; one of plain connections has none of the methods of HTTP. */
type AnyServer = HttpServer | HttpsServer | NetServer;

/** What listens for one socket: several servers, where there are several descriptors. */
interface Listener {
  readonly door: Door;
  readonly tls: ServerTls | undefined;
  readonly servers: readonly AnyServer[];
}

export class Ingress {
  readonly #powers: IngressPowers;
  readonly #servers = new Set<AnyServer>();
  /** By the id of their listener. */
  readonly #open = new Map<string, Listener>();
  readonly #upgrades = new Upgrades();
  readonly #tcp: TcpConnections;
  readonly #rpc: RpcConnections;
  /** Requests that are not answered completely; WebSockets and connections that are not closed. */
  #inFlight = 0;
  #connections = 0;
  #draining = false;
  #lingering = false;
  /** Connections that have come are still being accepted. */
  #closing = false;

  constructor(powers: IngressPowers) {
    this.#powers = powers;
    this.#tcp = new TcpConnections({ powers, onEnd: () => this.#ended() });
    this.#rpc = new RpcConnections({ powers, upgrades: this.#upgrades, onEnd: () => this.#ended() });
  }

  /** Every request is answered completely, and once nothing is accepted any more, none is to come. */
  get isIdle(): boolean {
    return this.#inFlight === 0 && !this.#closing && !(this.#lingering && this.#connections > 0);
  }

  /** Resolves with what failed, if anything did. */
  async listen(socket: SocketSpec): Promise<ListenFailure | undefined> {
    const door = new Door(socket, this.#powers.target);
    const tls = socket.tls && new ServerTls(socket.name, socket.tls);
    const all = listenOptions(socket.listen).map((options) => ({
      options,
      server: this.#serve(socket, door, tls),
    }));
    const servers = all.map(({ server }) => server);
    for (const server of servers) this.#servers.add(server);
    this.#open.set(socket.id, { door, tls, servers });
    const failures = await Promise.all(
      all.map(
        ({ options, server }) =>
          new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
            server.once('error', resolve);
            server.listen(options, () => resolve(undefined));
          }),
      ),
    );
    const failure = failures.find((each) => each !== undefined);
    if (failure === undefined) return undefined;
    this.#open.delete(socket.id);
    for (const server of servers) server.close(() => {});
    for (const server of servers) this.#servers.delete(server);
    return { socket: socket.name, code: failure.code ?? '', message: failure.message };
  }

  /** What comes from now on goes where these sockets lead, and meets the certificates that they have. */
  lead(sockets: readonly SocketSpec[]): void {
    for (const socket of sockets) {
      const open = this.#open.get(socket.id);
      if (open?.door.lead(socket, this.#powers.target) === true) this.#rpc.leave(open.door);
      if (socket.tls !== undefined) open?.tls?.change(socket.tls, open.servers);
    }
  }

  /** Stops accepting on some listeners; what is under way there goes on, and connections end with it. Resolves when they are closed. */
  async unlisten(ids: readonly string[]): Promise<void> {
    const servers: AnyServer[] = [];
    for (const id of ids) {
      const open = this.#open.get(id);
      if (open === undefined) continue;
      this.#open.delete(id);
      open.door.isClosing = true;
      this.#rpc.leave(open.door);
      servers.push(...open.servers);
    }
    await closeListeners(servers, (server) => this.#servers.delete(server));
    setTimeout(() => servers.forEach(closeIdle), this.#powers.limits.lingerTimeout);
  }

  /**
   * Stops accepting. Connections end with the response they carry, WebSockets are asked to close. Idle connections stay a moment longer: what
   * their clients have sent before they could hear of the end would be lost otherwise.
   */
  stopAccepting(): void {
    this.#draining = true;
    this.#lingering = true;
    this.#closing = true;
    void closeListeners(this.#servers).then(() => {
      this.#closing = false;
      this.#powers.onIdle();
    });
    this.#upgrades.closeAll();
    this.#rpc.leaveAll();
    setTimeout(() => {
      this.#lingering = false;
      for (const server of this.#servers) closeIdle(server);
      this.#powers.onIdle();
    }, this.#powers.limits.lingerTimeout);
  }

  /** Cuts off what is left. Returns the number of requests that were cut off. */
  abortAll(): number {
    const aborted = this.#inFlight;
    for (const server of this.#servers) if ('closeAllConnections' in server) server.closeAllConnections();
    this.#upgrades.destroyAll();
    this.#tcp.destroyAll();
    this.#rpc.destroyAll();
    return aborted;
  }

  #serve({ protocol }: SocketSpec, door: Door, tls: ServerTls | undefined): AnyServer {
    return protocol === 'tcp' ? this.#serveTcp(tls, door) : this.#serveHttp(tls, door);
  }

  #serveTcp(tls: ServerTls | undefined, door: Door): NetServer {
    return makeTcpServer(tls, this.#powers.limits, (connection) => {
      const to = door.main;
      if (to === undefined) return void connection.destroy();
      this.#inFlight++;
      this.#tcp.accept(connection, to, tls !== undefined);
    });
  }

  #serveHttp(tls: ServerTls | undefined, door: Door): HttpServer | HttpsServer {
    const server = makeHttpServer(tls, this.#powers.limits);
    server.on('request', (message: IncomingMessage, out: ServerResponse) =>
      this.#handle(door, message, out, false),
    );
    server.on('checkContinue', (message: IncomingMessage, out: ServerResponse) =>
      this.#handle(door, message, out, true),
    );
    server.on('upgrade', (message: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#handleUpgrade(door, { message, socket, head }),
    );
    server.on('connect', (_message: IncomingMessage, socket: Duplex) =>
      socket.end('HTTP/1.1 501 Not Implemented\r\nconnection: close\r\n\r\n'),
    );
    server.on('connection', (connection: Duplex) => {
      this.#connections++;
      connection.once('close', () => {
        this.#connections--;
        this.#powers.onIdle();
      });
    });
    return server;
  }

  /** `expects`: the client sends its body when it is told to go on. */
  #handle(door: Door, message: IncomingMessage, out: ServerResponse, expects: boolean): void {
    this.#begin(door, message, out, undefined).start(expects);
  }

  #handleUpgrade(door: Door, upgrade: Upgrade): void {
    const out = this.#upgrades.respond(upgrade);
    if (door.rpc?.isFor(upgrade.message) === true) {
      this.#inFlight++;
      this.#rpc.accept(upgrade, out, door, door.rpc);
      return;
    }
    const asked = isHandshake(upgrade.message) ? upgrade : undefined;
    this.#begin(door, upgrade.message, out, asked).start(false);
  }

  #begin(door: Door, message: IncomingMessage, out: ServerResponse, upgrade: Upgrade | undefined): Exchange {
    const requestId = this.#powers.nextRequestId();
    this.#inFlight++;
    let isOpen = true;
    const exchange = new Exchange(message, out, {
      door,
      requestId,
      powers: this.#powers,
      isDraining: () => this.#draining || door.isClosing,
      upgrade,
      upgrades: this.#upgrades,
      onEnd: () => {
        if (!isOpen) return;
        isOpen = false;
        exchange.close();
        this.#ended();
      },
    });
    return exchange;
  }

  #ended(): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#powers.onIdle();
  }
}

/**
 * Not http's own close, which ends idle connections at once. The kernel resets connections that wait to be accepted when their listener is
 * closed: those that have come by now are accepted first, in the turn of the event loop that follows.
 */
async function closeListeners(
  servers: Iterable<AnyServer>,
  onClosed = (_server: AnyServer) => {},
): Promise<void> {
  await nextTurn();
  await nextTurn();
  for (const server of servers) NetServer.prototype.close.call(server, () => onClosed(server));
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function closeIdle(server: AnyServer): void {
  if ('closeIdleConnections' in server) server.closeIdleConnections();
}
