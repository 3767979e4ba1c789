/** From configuration and bundles to what a thread is sent. */

import { createHash } from 'node:crypto';
import type { Bundle } from '../bundle/bundle.ts';
import { usesNodejs } from '../config/compatibility-flags.ts';
import type { Binding, Config, Service, ServiceDesignator, WorkerService } from '../config/types.ts';
import type { BindingSpec, DesignatorSpec, ServiceSpec, WorkerSpec } from '../messages/startup.ts';
import { assertNever } from '../shared/assert.ts';

/** Bundles by the name of their worker. */
export type Bundles = ReadonlyMap<string, Bundle>;

/** The services of a configuration as the threads of `group` see them. */
export function groupSpecs(config: Config, bundles: Bundles, group: string): ServiceSpec[] {
  return config.services.map((service) => serviceSpec(service, bundles, group));
}

function serviceSpec(service: Service, bundles: Bundles, group: string): ServiceSpec {
  switch (service.kind) {
    case 'network':
      return service;
    case 'worker':
      if (service.group !== group) return { kind: 'remote', name: service.name, group: service.group };
      return workerSpec(service, bundles.get(service.name) as Bundle);
    default:
      return assertNever(service);
  }
}

function workerSpec(service: WorkerService, bundle: Bundle): WorkerSpec {
  const bindings = service.bindings.map(bindingSpec);
  const globalOutbound = designatorSpec(service.globalOutbound);
  return {
    kind: 'worker',
    name: service.name,
    version: versionOf(bundle, [
      bindings,
      globalOutbound,
      service.compatibilityDate,
      service.compatibilityFlags,
    ]),
    format: bundle.format,
    code: bundle.code,
    sourceMap: bundle.sourceMap,
    assets: bundle.assets,
    mentionsTemporal: bundle.mentionsTemporal,
    nodejs: usesNodejs(service.compatibilityFlags),
    bindings,
    globalOutbound,
  };
}

function bindingSpec(binding: Binding): BindingSpec {
  switch (binding.kind) {
    case 'text':
    case 'json':
    case 'data':
      return binding;
    case 'fromEnvironment':
      return { kind: 'text', name: binding.name, text: binding.text };
    case 'service':
      return { kind: 'service', name: binding.name, ...designatorSpec(binding) };
    default:
      return assertNever(binding);
  }
}

export function designatorSpec({ service, entrypoint, props }: ServiceDesignator): DesignatorSpec {
  return { service, entrypoint: entrypoint ?? 'default', props: props ?? '' };
}

/** A version is its code and its configuration. */
function versionOf(bundle: Bundle, settings: unknown): string {
  return createHash('sha256').update(bundle.version).update(JSON.stringify(settings)).digest('hex');
}
