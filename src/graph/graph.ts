/**
 * The map of a deployment: what is there, and who is handed a way to whom. Pure, over a `Config`; nothing of the services runs. What is not
 * an edge here cannot be called: bindings, `globalOutbound` and sockets are the only ways that there are. Runs in the command.
 */

import { formatAddress } from '../config/address.ts';
import type {
  Binding,
  Config,
  ExternalService,
  NetworkService,
  Service,
  ServiceDesignator,
  Socket,
  WorkerService,
} from '../config/types.ts';
import { displayPath } from '../shared/display-path.ts';

/** A socket, or a service of a kind. */
export interface GraphNode {
  /** Unique: `socket http`, `service api`. */
  readonly id: string;
  readonly kind: 'socket' | Service['kind'];
  readonly name: string;
  /** What the kind says of itself on one line: an address, a directory, the addresses that may be reached; '' for a worker. */
  readonly detail: string;
  /** It answers nobody: a network without an address. */
  readonly isClosed: boolean;
  /** Bindings of a worker that lead to no service. */
  readonly holds: readonly HeldBinding[];
}

/** A binding that is data, a secret, or memory. Its value is not here. */
export interface HeldBinding {
  readonly name: string;
  readonly kind: Exclude<Binding['kind'], 'service' | 'wrapped'>;
  /** What workers share that have a binding with the same one. */
  readonly id?: string;
}

/** A way from one node to another. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'socket' | 'route' | 'binding' | 'globalOutbound';
  /** Of the binding, with those that it is wrapped in before it (`OUTER.INNER`); the pattern of a route; else ''. */
  readonly name: string;
  /** The entrypoint where it is not the default one. */
  readonly entrypoint?: string;
}

/** Sockets first, then services, each in the order of the configuration. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export function makeGraph(config: Config): Graph {
  return {
    nodes: [
      ...config.sockets.map(socketNode),
      ...config.services.map((service) => serviceNode(service, config.baseDir)),
    ],
    edges: [
      ...config.sockets.flatMap(socketEdges),
      ...config.services.flatMap((service) => (service.kind === 'worker' ? workerEdges(service) : [])),
    ],
  };
}

/** The id of a service's node. */
export function serviceId(name: string): string {
  return `service ${name}`;
}

function socketId(name: string): string {
  return `socket ${name}`;
}

function socketNode({ name, protocol, address }: Socket): GraphNode {
  return {
    id: socketId(name),
    kind: 'socket',
    name,
    detail: `${protocol} ${formatAddress(address)}`,
    isClosed: false,
    holds: [],
  };
}

function serviceNode(service: Service, baseDir: string): GraphNode {
  const holds = service.kind === 'worker' ? heldBy(service.bindings) : [];
  const { kind, name } = service;
  const isClosed = service.kind === 'network' && service.allow.length === 0;
  return { id: serviceId(name), kind, name, detail: detailOf(service, baseDir), isClosed, holds };
}

function detailOf(service: Service, baseDir: string): string {
  switch (service.kind) {
    case 'network':
      return networkDetail(service);
    case 'external':
      return externalDetail(service);
    case 'disk':
      return `${displayPath(service.path, baseDir)} (${service.writable ? 'read and write' : 'read only'})`;
    case 'assets':
      return `the site in ${displayPath(service.site.directory, baseDir)}`;
    case 'worker':
      return '';
  }
}

function networkDetail({ allow, deny }: NetworkService): string {
  if (allow.length === 0) return 'no addresses';
  const but = deny.length === 0 ? '' : ` but ${deny.join(', ')}`;
  return `${allow.join(', ')} addresses${but}`;
}

function externalDetail({ protocol, address }: ExternalService): string {
  if (address.kind !== 'tcp')
    return `${protocol} ${address.kind}:${address.kind === 'unix' ? address.path : address.name}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${protocol}://${host}:${address.port}`;
}

function heldBy(bindings: readonly Binding[], within = ''): HeldBinding[] {
  return bindings.flatMap((binding): HeldBinding[] => {
    const name = within + binding.name;
    if (binding.kind === 'service') return [];
    if (binding.kind === 'wrapped') return heldBy(binding.innerBindings, `${name}.`);
    const isShared = binding.kind === 'memoryCache' || binding.kind === 'ratelimit';
    const id = isShared ? binding.id : undefined;
    return [{ name, kind: binding.kind, ...(id === undefined ? {} : { id }) }];
  });
}

function socketEdges({ name, service, routes = [] }: Socket): GraphEdge[] {
  const from = socketId(name);
  const own = service === undefined ? [] : [edge(from, service, 'socket', '')];
  return [...own, ...routes.map(({ pattern, service: to }) => edge(from, to, 'route', pattern))];
}

function workerEdges({ name, bindings, globalOutbound }: WorkerService): GraphEdge[] {
  const from = serviceId(name);
  return [...bindingEdges(from, bindings, ''), edge(from, globalOutbound, 'globalOutbound', '')];
}

/** What a wrapped binding is made of is reached through it. */
function bindingEdges(from: string, bindings: readonly Binding[], within: string): GraphEdge[] {
  return bindings.flatMap((binding) => {
    const name = within + binding.name;
    if (binding.kind === 'service') return [edge(from, binding, 'binding', name)];
    return binding.kind === 'wrapped' ? bindingEdges(from, binding.innerBindings, `${name}.`) : [];
  });
}

function edge(
  from: string,
  { service, entrypoint = 'default' }: ServiceDesignator,
  kind: GraphEdge['kind'],
  name: string,
): GraphEdge {
  const to = serviceId(service);
  return { from, to, kind, name, ...(entrypoint === 'default' ? {} : { entrypoint }) };
}
