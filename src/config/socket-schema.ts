/** The part of dialect 1 that says where nanod listens, and what a draft has of it. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { targetEntry, targetSchema } from './binding-schema.ts';
import { httpShape, readHttpOptions } from './http-options.ts';
import { laterSocketKey } from './later.ts';
import { entry } from './manual.ts';
import { readRpcServer, rpcServerField } from './rpc.ts';
import type { DraftRpcServer } from './rpc.ts';
import { readServerTls, serverTlsSchema } from './server-tls.ts';
import type { DraftServerTls } from './server-tls.ts';
import { nameText, serviceName } from './service-name.ts';
import type { DraftName, Read, Sourced, Sourcing } from './sourced.ts';
import { readTarget } from './target.ts';
import type { HttpOptions, ServiceDesignator, SocketProtocol } from './types.ts';

/** A pattern and what is behind it. */
export const routeSchema = entry(
  z.strictObject({
    pattern: entry(z.string().min(1), {
      description:
        'A host and a path: `example.com/api/*`, `*.example.com/*`, `example.com` for all of its paths. See [routes](#routes).',
      expected: 'a pattern such as "example.com/api/*"',
      errors: ['CONFIG_ROUTE', 'CONFIG_DUPLICATE'],
    }),
    service: entry(z.union(targetSchema.options), {
      ...targetEntry,
      description: 'The service that answers there.',
    }),
  }),
  { description: 'A pattern and what is behind it.', expected: 'a route: { pattern, service }' },
);

/** An address and what is behind it. */
export const socketSchema = entry(
  z.strictObject({
    name: entry(z.string().regex(serviceName), {
      description: 'Name of the socket, unique among sockets.',
      expected: `a name: ${nameText}`,
      errors: ['CONFIG_DUPLICATE'],
    }),
    address: entry(z.union([z.string().min(1), z.int()]), {
      description:
        'Where to listen: `"127.0.0.1:8787"`, `"[::1]:8787"`, `"localhost:8787"`, `"*:80"` for every interface. A port alone means 127.0.0.1. Port 0 lets the system choose. `"unix:/run/site.sock"`, `"unix-abstract:site"`, `"fd:3"` and `"systemd:site"` are [not ports](#sockets-that-are-not-ports).',
      expected: 'an address such as "127.0.0.1:8787", or a port number',
      errors: ['CONFIG_ADDRESS', 'CONFIG_DUPLICATE'],
    }),
    service: entry(z.union(targetSchema.options).optional(), {
      ...targetEntry,
      description:
        'The service that answers there. Where there are `routes`, it answers what none of them matches.',
      default: 'none, and then there must be `routes`',
      errors: [...targetEntry.errors, 'CONFIG_MISSING'],
    }),
    routes: entry(z.array(routeSchema).optional(), {
      description: 'Services by host and path. See [routes](#routes).',
      expected: 'an array of { pattern, service }',
      default: 'none',
    }),
    protocol: entry(z.enum(['http', 'https', 'tcp']).optional(), {
      description:
        'What is spoken there. With `"tcp"` the [`connect` handler](workers.md#connections) of the worker gets each connection.',
      expected: '"http", "https" or "tcp"',
      default: '`"http"`',
    }),
    tls: entry(serverTlsSchema.optional(), {
      description: 'Certificates, for `https`, and for `tcp` that is to be encrypted. See [tls](#tls).',
      expected: 'an object { keypair, … }',
      default: 'none',
      errors: ['CONFIG_MISSING'],
    }),
    rpc: rpcServerField,
    ...httpShape,
  }),
  {
    description: 'An address that nanod listens on, and what is behind it.',
    expected: 'a socket: { name, address, service, … }',
    later: laterSocketKey,
  },
);

/** What a dialect says of a socket. */
export interface DraftSocket extends DraftName {
  /** Where it stands. */
  readonly at: Pick<Sourcing, 'path'>;
  readonly address: Sourced<string | number> | undefined;
  readonly protocol: SocketProtocol;
  readonly service: Sourced<ServiceDesignator> | undefined;
  /** `undefined` where there are none, which is not the same as an empty list. */
  readonly routes: readonly DraftRoute[] | undefined;
  /** Whether `service` or `tls` is there, be it wrong. */
  readonly has: { readonly service: boolean; readonly tls: boolean };
  readonly tls: DraftServerTls | undefined;
  readonly http: HttpOptions | undefined;
  readonly rpc: DraftRpcServer | undefined;
}

export interface DraftRoute {
  readonly pattern: Sourced<string> | undefined;
  readonly service: Sourced<ServiceDesignator> | undefined;
}

/** `written`: the socket as it stands in the file, which tells what is absent from what was wrong. */
export function readSocket(
  socket: Read<typeof socketSchema> | undefined,
  at: Sourcing,
  written: unknown,
): DraftSocket | undefined {
  if (socket === undefined) return undefined;
  const present = (key: string): boolean => (written as Record<string, unknown>)[key] !== undefined;
  return {
    at,
    name: at.sourced(socket.name, 'name'),
    address: at.sourced(socket.address, 'address'),
    protocol: socket.protocol ?? 'http',
    service: readTarget(socket.service, at, 'service'),
    routes: socket.routes?.flatMap((route, index) => readRoute(route, at.at('routes', index)) ?? []),
    has: { service: present('service'), tls: present('tls') },
    tls: readServerTls(socket.tls, at.at('tls')),
    http: readHttpOptions(socket),
    rpc: readRpcServer(socket.rpc, at.at('rpc'), (written as Record<string, unknown>)['rpc']),
  };
}

function readRoute(route: Read<typeof routeSchema> | undefined, at: Sourcing): DraftRoute | undefined {
  if (route === undefined) return undefined;
  return { pattern: at.sourced(route.pattern, 'pattern'), service: readTarget(route.service, at, 'service') };
}
