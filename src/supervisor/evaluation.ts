/**
 * Evaluates workers before anything depends on them: one thread of each group evaluates those of its group, one after the other, and says
 * whether they export what bindings and sockets point at.
 */

import { formatPath, type ConfigPath } from '../config/problems.ts';
import type { Binding, Config, ServiceDesignator, WorkerService } from '../config/types.ts';
import type { EvaluationFailure } from '../messages/control.ts';
import type { PartSpec } from '../messages/startup.ts';
import { type ErrorPlace, makeError, type NanodError } from '../shared/errors.ts';
import { deadline } from './deadline.ts';
import type { ThreadHandle } from './group-pool.ts';

export interface EvaluationOptions {
  readonly config: Config;
  /** A thread of the group. */
  readonly thread: (group: string) => ThreadHandle | undefined;
  /** How long the top level of a worker may take, in milliseconds. */
  readonly timeout: number;
  /** Names of the workers to evaluate; all of them when undefined. */
  readonly only?: ReadonlySet<string>;
}

/** A thread says itself when a worker is late, unless the worker blocks it: then this much later nobody waits any more. */
const blockedAfter = 1000;

/** Evaluates every worker. Resolves with everything that is wrong with them. */
export async function evaluateWorkers(options: EvaluationOptions): Promise<NanodError[]> {
  const references = listReferences(options.config);
  const errors = options.config.groups.map(({ name }) => evaluateGroup(name, references, options));
  return (await Promise.all(errors)).flat();
}

async function evaluateGroup(
  group: string,
  references: readonly Reference[],
  { config, thread: threadOf, timeout, only }: EvaluationOptions,
): Promise<NanodError[]> {
  const errors: NanodError[] = [];
  const thread = threadOf(group);
  if (thread === undefined) return errors;
  for (const { name: service, supervision } of workersOf(config, group)) {
    if (only?.has(service) === false) continue;
    const patience = supervision?.listenTimeout ?? timeout;
    const late: EvaluationFailure[] = [{ kind: 'late', service }];
    const entrypoints = new Set(
      references.filter(({ target }) => target.service === service).map(entrypointOf),
    );
    const asked = thread.ask((control) => control.evaluate({ service, entrypoints: [...entrypoints] }));
    try {
      const failures = await deadline(asked, patience + blockedAfter, late);
      errors.push(...failures.flatMap((failure) => toErrors(failure, references, patience)));
      if (failures === late) break; // the thread is blocked: it answers to nobody
    } catch {
      const reason = `it was lost while the worker "${service}" was evaluated`;
      return [...errors, makeError('THREAD_FAILED', { group, reason })];
    }
  }
  return errors;
}

/** How long the evaluation of these may take: each by name, and one after the other. `usual`: of a worker that does not say it. */
export function evaluationTimes(
  specs: readonly PartSpec[],
  usual: number,
): { readonly sum: number; of(service: string): number } {
  const times = new Map(
    specs.map((spec) => [spec.name, (spec.kind === 'worker' ? spec.evaluationTimeout : undefined) ?? usual]),
  );
  const sum = [...times.values()].reduce((all, time) => all + time, 0);
  return { sum: Math.max(usual, sum), of: (service) => times.get(service) ?? usual };
}

function workersOf(config: Config, group: string): WorkerService[] {
  return config.services
    .filter((service) => service.kind === 'worker')
    .filter((worker) => worker.group === group);
}

/** What is wrong with a worker, for errors that are not about what points at it. */
export function evaluationError(
  failure: Exclude<EvaluationFailure, { kind: 'no-entrypoint' }>,
  timeout: number,
): NanodError {
  const { service } = failure;
  if (failure.kind === 'late') return makeError('WORKER_TIMEOUT', { service, seconds: timeout / 1000 });
  const reason = `${failure.name}: ${failure.message}`;
  return makeError('WORKER_EVALUATION', { service, reason }, placeInStack(failure.stack));
}

/** Something that points at an entrypoint of a service. */
interface Reference {
  readonly target: ServiceDesignator;
  readonly path: ConfigPath;
}

function listReferences({ services, sockets }: Config): Reference[] {
  const references: Reference[] = [];
  for (const [index, service] of services.entries()) {
    if (service.kind !== 'worker') continue;
    references.push(...bindingReferences(service.bindings, ['apps', index, 'bindings']));
    references.push({ target: service.globalOutbound, path: ['apps', index, 'globalOutbound'] });
  }
  for (const [index, { service, rpc, routes = [] }] of sockets.entries()) {
    if (service !== undefined) references.push({ target: service, path: ['sockets', index, 'service'] });
    for (const [at, entrypoint] of (rpc?.entrypoints ?? []).entries())
      if (service !== undefined)
        references.push({
          target: { ...service, entrypoint },
          path: ['sockets', index, 'rpc', 'entrypoints', at],
        });
    for (const [at, route] of routes.entries())
      references.push({ target: route.service, path: ['sockets', index, 'routes', at, 'service'] });
  }
  return references;
}

function bindingReferences(bindings: readonly Binding[], path: ConfigPath): Reference[] {
  return bindings.flatMap((binding): Reference[] => {
    const here = [...path, binding.name];
    if (binding.kind === 'service') return [{ target: binding, path: here }];
    if (binding.kind !== 'wrapped') return [];
    return bindingReferences(binding.innerBindings, [...here, 'wrapped', 'innerBindings']);
  });
}

function entrypointOf({ target }: Reference): string {
  return target.entrypoint ?? 'default';
}

function toErrors(
  failure: EvaluationFailure,
  references: readonly Reference[],
  timeout: number,
): NanodError[] {
  if (failure.kind !== 'no-entrypoint') return [evaluationError(failure, timeout)];
  const { service, entrypoint } = failure;
  const wrong = references.filter(
    (each) => each.target.service === service && entrypointOf(each) === entrypoint,
  );
  return wrong.map(({ path }) =>
    makeError('WORKER_ENTRYPOINT', { service, entrypoint }, { path: formatPath(path) }),
  );
}

/** The position of the innermost frame that shows one. */
function placeInStack(stack: string): ErrorPlace {
  const position = /^ +at (?:.*\()?([^\n]+?):(\d+):(\d+)\)?$/mu.exec(stack);
  if (position === null) return {};
  return { file: position[1] as string, line: Number(position[2]), column: Number(position[3]) };
}
