/**
 * The admin sockets: `/healthz`, `/readyz` and `/metrics` over HTTP, on addresses of their own. They are answered by the main thread, so they
 * say something also when every other thread is blocked. Runs in the supervisor.
 */

import { chmod, rm } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { formatAddress } from '../config/address.ts';
import type { Admin, SocketAddress } from '../config/types.ts';
import { makeError } from '../shared/errors.ts';
import { http } from '../shared/node-http.ts';
import { claimPath } from '../supervisor/unix-sockets.ts';
import type { Metrics } from './metrics.ts';

export interface AdminPowers {
  readonly metrics: () => Promise<Metrics>;
  /** What keeps nanod from serving; empty where nothing does. */
  readonly problems: () => readonly string[];
  readonly onFault: (error: unknown) => void;
}

/** How long a client may take with its request, in milliseconds, and how large it may be, in bytes. */
const requestTimeout = 5000;
const headerBytes = 8192;

interface Open {
  readonly admin: Admin;
  readonly server: Server;
}

export class AdminSockets {
  readonly #powers: AdminPowers;
  /** By their addresses. */
  readonly #open = new Map<string, Open>();

  constructor(powers: AdminPowers) {
    this.#powers = powers;
  }

  /**
   * Listens on these as well. Rejects with SOCKET_IN_USE or SOCKET_UNUSABLE, and then nothing has changed. Resolves with what takes the new ones
   * back, and what closes those that are not among them.
   */
  async open(admins: readonly Admin[]): Promise<{ undo(): Promise<void>; finish(): Promise<void> }> {
    const fresh: string[] = [];
    const undo = async (): Promise<void> => {
      await Promise.all(fresh.map((key) => this.#close(key)));
    };
    try {
      for (const admin of admins) {
        const key = formatAddress(admin.address);
        if (this.#open.has(key)) continue;
        this.#open.set(key, { admin, server: await this.#listen(admin) });
        fresh.push(key);
      }
    } catch (error) {
      await undo();
      throw error;
    }
    const finish = async (): Promise<void> => {
      const wanted = new Map(admins.map((admin) => [formatAddress(admin.address), admin]));
      for (const [key, { server }] of this.#open) {
        const admin = wanted.get(key);
        if (admin === undefined) await this.#close(key);
        else this.#open.set(key, { admin, server });
      }
    };
    return { undo, finish };
  }

  /** Where it listens, as a client writes it. */
  get urls(): readonly string[] {
    return [...this.#open.values()].map(({ admin: { address }, server }) => {
      const bound = server.address();
      if (typeof bound !== 'object' || bound === null || address.kind !== 'tcp')
        return formatAddress(address);
      const host = address.host === '*' ? 'localhost' : address.host;
      return `http://${host.includes(':') ? `[${host}]` : host}:${bound.port}/`;
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((key) => this.#close(key)));
  }

  async #listen(admin: Admin): Promise<Server> {
    const key = formatAddress(admin.address);
    const server = http().createServer(
      { requestTimeout, headersTimeout: requestTimeout, maxHeaderSize: headerBytes },
      (request, response) => {
        const { metrics } = this.#open.get(key)?.admin ?? admin;
        this.#answer(request, response, metrics).catch((error: unknown) => {
          this.#powers.onFault(error);
          response.writeHead(500).end();
        });
      },
    );
    const path = admin.address.kind === 'unix' ? admin.address.path : undefined;
    try {
      if (path !== undefined) await claimPath(path);
      await listenOn(server, admin.address);
      if (path !== undefined) await chmod(path, 0o600);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw code === 'EADDRINUSE'
        ? makeError('SOCKET_IN_USE', { address: key }, { path: 'admin.address' })
        : makeError('SOCKET_UNUSABLE', { address: key, reason: message }, { path: 'admin.address' });
    }
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse, hasMetrics: boolean): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://admin');
    const send = (status: number, body: string, type = 'application/json'): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
      response.end(request.method === 'HEAD' ? '' : body);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return send(405, '{"status":"GET and HEAD only"}\n');
    if (pathname === '/healthz') return send(200, '{"status":"ok"}\n');
    if (pathname === '/readyz') {
      const problems = this.#powers.problems();
      const isReady = problems.length === 0;
      return send(
        isReady ? 200 : 503,
        `${JSON.stringify({ status: isReady ? 'ready' : 'not ready', problems })}\n`,
      );
    }
    if (pathname === '/metrics' && hasMetrics) {
      const metrics = await this.#powers.metrics();
      return send(200, await metrics.text(), metrics.contentType);
    }
    send(404, '{"status":"not found"}\n');
  }

  async #close(key: string): Promise<void> {
    const open = this.#open.get(key);
    if (open === undefined) return;
    this.#open.delete(key);
    await new Promise((resolve) => {
      open.server.close(resolve);
      open.server.closeAllConnections();
    });
    if (open.admin.address.kind === 'unix') await rm(open.admin.address.path, { force: true });
  }
}

function listenOn(server: Server, address: SocketAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', resolve);
    if (address.kind === 'tcp')
      server.listen({ port: address.port, ...(address.host === '*' ? {} : { host: address.host }) });
    else if (address.kind === 'unix') server.listen(address.path);
    else if (address.kind === 'unix-abstract') server.listen(`\0${address.name}`);
    else reject(new Error('it is no address of its own'));
  });
}
