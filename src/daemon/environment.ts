/** What services find in their `env`, for people: kinds and targets, and values where they are asked for. Pure. */

import { internetService, type Binding, type WorkerService } from '../config/types.ts';
import type { BindingReport, EnvReport } from '../control/api.ts';
import { assertNever } from '../shared/assert.ts';
import type { SavedState } from './state-file.ts';

/** Of the workers among these services. */
export function environmentsOf(
  { sources }: SavedState,
  names: readonly string[],
  showValues: boolean,
): EnvReport[] {
  return sources.flatMap(({ source, config }) => {
    const workers = config.services.filter(
      (service): service is WorkerService => service.kind === 'worker' && names.includes(service.name),
    );
    const environment = config.readWith?.environment;
    return workers.map(({ name, bindings, globalOutbound }) => ({
      service: name,
      source,
      ...(environment === undefined ? {} : { environment }),
      fetch: globalOutbound.service === internetService ? 'the internet' : globalOutbound.service,
      bindings: bindings.map((binding) => describe(binding, showValues)),
    }));
  });
}

function describe(binding: Binding, showValues: boolean): BindingReport {
  const { kind, name } = binding;
  const value = showValues ? valueOf(binding) : undefined;
  return { name, kind, detail: detailOf(binding), ...(value === undefined ? {} : { value }) };
}

/** Nothing that could be a secret. */
function detailOf(binding: Binding): string {
  switch (binding.kind) {
    case 'text':
    case 'json':
    case 'assets':
      return '';
    case 'data':
    case 'wasmModule':
      return `${Buffer.byteLength(binding.base64, 'base64')} bytes`;
    case 'fromEnvironment':
      return `$${binding.variable}`;
    case 'service':
      return [binding.service, binding.entrypoint].filter((part) => part !== undefined).join('#');
    case 'cryptoKey':
      return `${binding.format}, ${binding.usages.join(' ')}`;
    case 'memoryCache':
      return `${binding.limits.maxKeys} keys`;
    case 'ratelimit':
      return `${binding.limit} in ${binding.period} s`;
    case 'versionMetadata':
      return binding.tag;
    case 'workerLoader':
      return `${binding.maxWorkers} workers on each thread`;
    case 'wrapped':
      return binding.moduleName;
    default:
      return assertNever(binding);
  }
}

/** Of keys and bytes, nothing is shown at any time. */
function valueOf(binding: Binding): string | undefined {
  if (binding.kind === 'text' || binding.kind === 'fromEnvironment') return binding.text;
  return binding.kind === 'json' ? binding.json : undefined;
}
