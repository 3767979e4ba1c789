/** The sockets of a draft: addresses and patterns read, certificates loaded, and nothing taken twice. Runs in the supervisor. */
import { resolve as resolvePath } from 'node:path';
import type { ErrorPlace } from '../shared/errors.ts';
import { addressKeys, formatAddress, parseAddress, unixProblem } from './address.ts';
import type { AddressKeys } from './address.ts';
import type { Draft } from './draft.ts';
import type { PemContext } from './pem.ts';
import { placeName } from './problems.ts';
import type { Problems } from './problems.ts';
import type { RpcServer } from './rpc-types.ts';
import { resolveRpcServer } from './rpc.ts';
import type { DraftRpcServer, RpcContext } from './rpc.ts';
import { parsePattern, patternKey } from './routes.ts';
import { resolveServerTls } from './server-tls.ts';
import type { DraftRoute, DraftSocket } from './socket-schema.ts';
import type { Sourced } from './sourced.ts';
import { defaultGroup } from './types.ts';
import type { Admin, Route, ServerTls, ServiceDesignator, Socket, SocketAddress } from './types.ts';

/** What sockets need to know of the services. */
export interface SocketServices {
  /** The designator, or `undefined` after a report when there is no such service. */
  readonly target: (target: Sourced<ServiceDesignator>) => ServiceDesignator | undefined;
  readonly groupOf: (service: string) => string;
  /** Whether methods of a service can be called. */
  readonly hasMethods: (service: string) => boolean;
}

/** Where nanod listens: for services, and to say how it is. */
export interface Listens {
  readonly sockets: readonly Socket[];
  readonly admin: readonly Admin[];
}

type SocketContext = PemContext & RpcContext;

/** The sockets without error. What is wrong with the others is reported. */
export async function resolveSockets(
  { sockets: drafts, admin }: Pick<Draft, 'sockets' | 'admin'>,
  context: SocketContext,
  services: SocketServices,
): Promise<Listens> {
  const names = new Map<string, ErrorPlace>();
  const addresses = new Map<string, ErrorPlace>();
  const sockets: Socket[] = [];
  for (const draft of drafts) {
    if (draft.name !== undefined) {
      const keys = { takes: [draft.name.value], meets: [draft.name.value] };
      claim(names, keys, 'socket name', draft.name, context.problems);
    }
    const address = readAddress(draft.address, context);
    if (address !== undefined && draft.address !== undefined) {
      const text = { value: formatAddress(address), place: draft.address.place };
      claim(addresses, addressKeys(address), 'address', text, context.problems);
    }
    const socket = await resolveSocket(draft, address, context, services);
    if (socket !== undefined) sockets.push(socket);
  }
  const address = readAddress(admin?.address, context);
  if (admin?.address === undefined || address === undefined) return { sockets, admin: [] };
  if (address.kind === 'fd' || address.kind === 'systemd') {
    const found = String(admin.address.value);
    context.problems.report(
      'CONFIG_ADDRESS',
      { found, reason: 'the admin socket is opened by nanod' },
      admin.address.place,
    );
  }
  const text = { value: formatAddress(address), place: admin.address.place };
  claim(addresses, addressKeys(address), 'address', text, context.problems);
  return { sockets, admin: [{ address, metrics: admin.metrics }] };
}

async function resolveSocket(
  draft: DraftSocket,
  address: SocketAddress | undefined,
  context: SocketContext,
  services: SocketServices,
): Promise<Socket | undefined> {
  const { name, protocol, http } = draft;
  const isConsistent = checkProtocol(draft, context.problems);
  const service = draft.service === undefined ? undefined : services.target(draft.service);
  const routes = draft.routes && resolveRoutes(draft.routes, context.problems, services);
  const tls = draft.tls === undefined ? undefined : await resolveServerTls(draft.tls, context);
  if (draft.routes === undefined && !draft.has.service && draft.rpc === undefined)
    context.problems.report('CONFIG_MISSING', { expected: 'the name of a service, or `routes`' }, [
      ...draft.at.path,
      'service',
    ]);
  if (!isConsistent || (draft.has.tls && tls === undefined) || name === undefined || address === undefined)
    return undefined;
  const nearest = (service ?? routes?.[0]?.service)?.service;
  const rpc = draft.rpc && resolveRpc(draft.rpc, { address, tls, service }, context, services);
  return {
    name: name.value,
    address,
    protocol,
    ...(tls === undefined ? {} : { tls }),
    ...(http === undefined ? {} : { http }),
    ...(rpc === undefined ? {} : { rpc }),
    ...(service === undefined ? {} : { service }),
    ...(routes === undefined ? {} : { routes }),
    group: nearest === undefined ? defaultGroup : services.groupOf(nearest),
  };
}

interface RpcSurroundings {
  readonly address: SocketAddress;
  readonly tls: ServerTls | undefined;
  readonly service: ServiceDesignator | undefined;
}

/** What other servers may call. They are told nothing of routes. */
function resolveRpc(
  draft: DraftRpcServer,
  { address, tls, service }: RpcSurroundings,
  context: SocketContext,
  services: SocketServices,
): RpcServer {
  if (service !== undefined && !services.hasMethods(service.service)) {
    const expected = `nothing, as "${service.service}" has no methods`;
    context.problems.report('CONFIG_VALUE', { expected, found: 'a value' }, [...draft.at.path]);
  }
  return resolveRpcServer(draft, isLocal(address) || tls?.requireClientCerts === true, context);
}

/** Whether nobody reaches the address from elsewhere. Of a descriptor that is not known. */
function isLocal(address: SocketAddress): boolean {
  if (address.kind === 'unix' || address.kind === 'unix-abstract') return true;
  if (address.kind !== 'tcp') return false;
  return address.host === 'localhost' || address.host === '::1' || /^127(?:\.\d+){3}$/u.test(address.host);
}

/** Whether the fields fit the protocol. */
function checkProtocol({ protocol, has, http, routes, rpc, at }: DraftSocket, problems: Problems): boolean {
  const before = problems.count;
  const refuse = (key: string, expected: string, found: string): void =>
    problems.report('CONFIG_VALUE', { expected, found }, [...at.path, key]);
  if (protocol === 'https' && !has.tls) {
    const expected = 'an object { keypair, … }, as the protocol is https';
    problems.report('CONFIG_MISSING', { expected }, [...at.path, 'tls']);
  }
  if (protocol === 'http' && has.tls) refuse('tls', 'no TLS, as the protocol is http', 'an object');
  if (protocol === 'tcp' && routes !== undefined)
    refuse('routes', 'no routes, as the protocol is tcp', 'an array');
  if (protocol === 'tcp' && http !== undefined)
    refuse('protocol', '"http" or "https", as there are options of HTTP', '"tcp"');
  if (protocol === 'tcp' && rpc !== undefined) refuse('rpc', 'nothing, as the protocol is tcp', 'a value');
  if (rpc !== undefined && !has.service && protocol !== 'tcp')
    problems.report('CONFIG_MISSING', { expected: 'the service whose methods are called' }, [
      ...at.path,
      'service',
    ]);
  return problems.count === before;
}

function resolveRoutes(drafts: readonly DraftRoute[], problems: Problems, services: SocketServices): Route[] {
  const taken = new Map<string, ErrorPlace>();
  return drafts.flatMap((draft) => {
    const service = draft.service === undefined ? undefined : services.target(draft.service);
    if (draft.pattern === undefined) return [];
    const { value: pattern, place } = draft.pattern;
    const parsed = parsePattern(pattern);
    if ('reason' in parsed) {
      problems.report('CONFIG_ROUTE', { pattern, reason: parsed.reason }, place);
      return [];
    }
    const key = patternKey(parsed.match);
    claim(taken, { takes: [key], meets: [key] }, 'pattern', { value: pattern, place }, problems);
    return service === undefined ? [] : [{ pattern, match: parsed.match, service }];
  });
}

function readAddress(
  written: DraftSocket['address'],
  { problems, baseDir }: PemContext,
): SocketAddress | undefined {
  if (written === undefined) return undefined;
  const parsed = parseAddress(written.value);
  const report = (reason: string): undefined => {
    problems.report('CONFIG_ADDRESS', { found: String(written.value), reason }, written.place);
  };
  if ('reason' in parsed) return report(parsed.reason);
  if (parsed.address.kind !== 'unix') return parsed.address;
  const path = resolvePath(baseDir, parsed.address.path);
  const reason = unixProblem(path, 'path');
  return reason === undefined ? { kind: 'unix', path } : report(reason);
}

/** Takes keys for a place, or reports that one that it meets is taken. */
function claim(
  taken: Map<string, ErrorPlace>,
  { takes, meets }: AddressKeys,
  what: string,
  { value: name, place }: Sourced<string>,
  problems: Problems,
): void {
  const conflict = meets.find((key) => taken.has(key));
  if (conflict !== undefined) {
    const first = placeName(taken.get(conflict) ?? {});
    problems.report('CONFIG_DUPLICATE', { what, name, first }, place);
    return;
  }
  for (const key of takes) taken.set(key, place);
}
