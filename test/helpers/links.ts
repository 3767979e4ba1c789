/** A connection between two nanods with both ends in this process: an ingress that offers a target, and a service that calls it. */

import { mkdtempSync, rmSync } from 'node:fs';
import { nextTick } from 'node:process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { RpcClientSpec, RpcServerSpec, SocketSpec } from '../../src/messages/startup.ts';
import type { TargetState } from '../../src/realm/prelude/state.ts';
import type { Channel } from '../../src/thread/channel/channel.ts';
import { Ingress } from '../../src/thread/ingress/ingress.ts';
import type { LinkPowers } from '../../src/thread/link/link-powers.ts';
import { LinkService } from '../../src/thread/link/link-service.ts';

export const rpcPath = '/rpc';
const limits = { messageBytes: 2 ** 20, calls: 1000, capabilities: 1000 };

export interface LinkedOptions {
  readonly target: () => TargetState;
  readonly server?: Partial<RpcServerSpec>;
  readonly client?: Partial<RpcClientSpec>;
}

export interface Linked {
  readonly service: LinkService;
  readonly ingress: Ingress;
  /** Of the socket. */
  readonly address: string;
  /** Ends of connections that are open, in the order in which they were opened. */
  readonly channels: Channel[];
  readonly log: string[];
  /** What the socket leads to from now on. */
  lead(server: Partial<RpcServerSpec> | undefined): void;
}

export async function makeLinked(t: Test, { target, server, client }: LinkedOptions): Promise<Linked> {
  // Names of Unix sockets are short.
  const directory = mkdtempSync(join(tmpdir(), 'nanod-link-'));
  const address = join(directory, 'rpc');
  const channels: Channel[] = [];
  const log: string[] = [];
  const powers: LinkPowers = {
    mapStack: (stack) => stack,
    nextTick,
    track(channel) {
      channels.push(channel);
      return () => void channels.splice(channels.indexOf(channel), 1);
    },
  };
  const ingress = new Ingress({
    target: () => target(),
    limits: ingressLimits,
    links: powers,
    nextRequestId: () => '1-1',
    onIdle: () => {},
    onEnter: () => {},
    log: (_level, text) => log.push(text),
  });
  await ingress.listen(socketSpec(address, server ?? {}));
  const service = new LinkService(
    {
      name: 'other',
      protocol: 'http',
      address: { kind: 'unix', path: address },
      certificateHost: undefined,
      tls: undefined,
      timeouts: { connectMs: 10_000, headersMs: 10_000, bodyMs: 10_000 },
      rpc: { path: rpcPath, token: undefined, entrypoint: undefined, limits, ...client },
    },
    powers,
  );
  t.teardown(async () => {
    await service.close();
    ingress.abortAll();
    await ingress.unlisten(['socket']);
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    service,
    ingress,
    address,
    channels,
    log,
    lead: (next) => ingress.lead([socketSpec(address, next)]),
  };
}

const ingressLimits = {
  headerBytes: 16_384,
  headersTimeout: 60_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 60_000,
  lingerTimeout: 100,
  bodyBytes: 2 ** 20,
  checkInterval: 30_000,
};

function socketSpec(path: string, server: Partial<RpcServerSpec> | undefined): SocketSpec {
  const rpc = { path: rpcPath, token: undefined, anyone: false, entrypoints: [], props: false, limits };
  return {
    name: 'socket',
    id: 'socket',
    listen: { kind: 'path', path },
    protocol: 'http',
    tls: undefined,
    http: undefined,
    rpc: server && { ...rpc, ...server },
    target: { service: 'callee', entrypoint: 'default', props: '' },
    routes: undefined,
    sticky: undefined,
  };
}
