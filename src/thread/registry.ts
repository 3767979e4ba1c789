/** The services of one thread by name, and the ways between them. Builds everything; creates no realm until it is called for. */

import type { Script } from 'node:vm';
import type { DesignatorSpec, ServiceSpec, WorkerSpec } from '../messages/startup.ts';
import { prepareBindings } from '../bindings/index.ts';
import type { SharedHost } from '../realm/host/index.ts';
import type { ErrorState, TargetState } from '../realm/prelude/state.ts';
import { createRealm, type Realm } from '../realm/realm.ts';
import { compileImage, scriptName, type WorkerImage } from '../realm/worker-image.ts';
import { makeHostError } from '../services/host-error.ts';
import { makeNetworkService } from '../services/network.ts';
import { atRequestEnd, extendRequest } from '../services/request-context.ts';
import { RemoteService, type RemoteGroup } from '../services/remote.ts';
import { makeTarget, type Service } from '../services/service.ts';
import { WorkerService } from '../services/worker.ts';
import { assertNever } from '../shared/assert.ts';
import { StackMapper } from './stack-map.ts';
import type { ThreadLog } from './thread-log.ts';

/** Different calls of one realm that are warned of because their stubs were not disposed. */
const mostLeaks = 100;

export interface RegistryPowers {
  readonly prelude: Script;
  readonly nodejs: () => Script;
  readonly shared: SharedHost;
  readonly log: ThreadLog;
  readonly group: (name: string) => RemoteGroup;
  readonly now: () => number;
  /** How long the top level of a worker may take, in milliseconds. */
  readonly evaluationTimeout: number;
}

export class Registry {
  readonly #services = new Map<string, Service>();
  readonly #powers: RegistryPowers;
  readonly #stacks = new StackMapper();

  constructor(specs: readonly ServiceSpec[], powers: RegistryPowers) {
    this.#powers = powers;
    for (const spec of specs) this.#services.set(spec.name, this.#makeService(spec));
  }

  /** The way to a service. A name that is not there gives a way that fails: names were validated with the configuration. */
  target({ service, entrypoint, props }: DesignatorSpec): TargetState {
    const found = this.#services.get(service);
    if (found !== undefined) return found.target(entrypoint, props);
    return makeTarget((_request, call) => {
      call.settle(call, undefined, makeHostError('SERVICE_UNKNOWN', { service }));
    });
  }

  worker(name: string): WorkerService | undefined {
    const found = this.#services.get(name);
    return found instanceof WorkerService ? found : undefined;
  }

  /** Promises given to `waitUntil`, over all workers. */
  pending(): number {
    let sum = 0;
    for (const service of this.#services.values())
      if (service instanceof WorkerService) sum += service.pending();
    return sum;
  }

  /** Lets the realm of a promise report its rejection. Looks at neither of them (HARDENING R17). Returns false where no realm has it. */
  reportRejection(promise: object, reason: unknown): boolean {
    for (const service of this.#services.values()) {
      if (service instanceof WorkerService && service.reportRejection(promise, reason)) return true;
    }
    return false;
  }

  /** Lets the realm that reported a rejection know that the promise was handled after all. */
  reportHandled(promise: object): void {
    for (const service of this.#services.values()) {
      if (service instanceof WorkerService && service.reportHandled(promise)) return;
    }
  }

  /** The error with positions of the sources in its stack. */
  describeFailure({ name, message, stack }: ErrorState): { name: string; message: string; stack: string } {
    return { name, message, stack: this.#stacks.map(stack) };
  }

  /** A stack of any workers of this thread with positions of their sources. */
  mapStack(stack: string): string {
    return this.#stacks.map(stack);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#services.values()].map((service) => service.close()));
  }

  #makeService(spec: ServiceSpec): Service {
    switch (spec.kind) {
      case 'worker':
        return this.#makeWorker(spec);
      case 'network':
        return networkService(spec);
      case 'remote':
        return new RemoteService(spec.name, this.#powers.group(spec.group));
      default:
        return assertNever(spec);
    }
  }

  #makeWorker(spec: WorkerSpec): Service {
    const { log, now, evaluationTimeout } = this.#powers;
    const origin = { service: spec.name, version: spec.version };
    this.#stacks.add(scriptName(spec.name, spec.version), spec.sourceMap);
    let image: WorkerImage | undefined;
    return new WorkerService(spec.name, {
      now,
      evaluationTimeout,
      createRealm: () => this.#createRealm(spec, (image ??= compileImage({ ...spec, service: spec.name }))),
      onLoadFailure: (error) => {
        const described = this.describeFailure(error);
        log.write(origin, 50, 'the worker could not be evaluated', { source: 'load', ...described });
      },
    });
  }

  #createRealm(spec: WorkerSpec, image: WorkerImage): Realm {
    const { prelude, nodejs, shared, log } = this.#powers;
    const origin = { service: spec.name, version: spec.version };
    const leaks = new Set<string>();
    const { configs, targets } = prepareBindings(spec.bindings, spec.globalOutbound, (to) => this.target(to));
    return createRealm({
      prelude,
      nodejs,
      shared,
      image,
      bindings: configs,
      targets,
      hooks: {
        loopback: (entrypoint, props) => this.target({ service: spec.name, entrypoint, props }),
        broken: () => makeHostError('RPC_BROKEN', { service: spec.name }),
        tooDeep: () => makeHostError('CALL_TOO_DEEP', {}),
        atRequestEnd,
        onPending: extendRequest,
        leak: (label) => {
          if (leaks.has(label) || leaks.size >= mostLeaks) return;
          leaks.add(label);
          log.write(origin, 40, `a stub from ${label} was not disposed by the end of the request`);
        },
        log: (level, text) => log.write(origin, level, this.#stacks.map(text)),
        uncaught: (source, name, message, stack) => {
          const mapped = this.#stacks.map(stack);
          log.write(origin, 50, `uncaught ${name}: ${message}`, { source, name, message, stack: mapped });
        },
      },
    });
  }
}

function networkService(spec: Extract<ServiceSpec, { kind: 'network' }>): Service {
  const network = makeNetworkService({ allow: spec.allow, deny: spec.deny });
  return {
    kind: 'network',
    name: spec.name,
    target: () => makeTarget((request, call) => network.fetch(request, call)),
    close: () => network.close(),
  };
}
