/**
 * Workers that inherit: each becomes a worker of its own, with the code of another one, and other bindings in the place of some of its. A worker
 * with parameters that nothing fills is there to be inherited only. Runs in the supervisor.
 */
import { nearest } from '../shared/suggest.ts';
import { quote } from '../shared/text.ts';
import type { ParameterType } from './bindings/parameter.ts';
import type { Draft, DraftBinding, DraftService, DraftWorker } from './draft.ts';
import { listNames } from './list-names.ts';
import type { Problems } from './problems.ts';
import type { Sourced } from './sourced.ts';

/** The services of a draft without inheritance. */
export interface Inherited {
  readonly services: readonly DraftService[];
  /** Workers that are no services, with the names of the parameters that nothing fills. */
  readonly abstract: ReadonlyMap<string, readonly string[]>;
}

/** What is wrong is reported, and such a worker has no source. */
export function resolveInheritance(
  { services, writtenNames }: Pick<Draft, 'services' | 'writtenNames'>,
  problems: Problems,
): Inherited {
  const heirs = new Heirs(services, writtenNames.services, problems);
  const abstract = new Map<string, readonly string[]>();
  const resolved = services.map((service) => {
    if (service.kind !== 'worker') return service;
    const worker = heirs.resolve(service);
    const missing = worker.bindings.filter((binding) => binding.kind === 'parameter' && !binding.optional);
    if (missing.length > 0 && worker.name !== undefined)
      abstract.set(
        worker.name.value,
        missing.map(({ name }) => name),
      );
    return { ...worker, bindings: worker.bindings.filter(({ kind }) => kind !== 'parameter') };
  });
  return { services: resolved, abstract };
}

/** The kinds of bindings that fill a parameter, and stand for each other. */
const typeOf: Partial<Record<DraftBinding['kind'], ParameterType>> = {
  text: 'text',
  fromEnvironment: 'text',
  data: 'data',
  json: 'json',
  wasmModule: 'wasm',
  cryptoKey: 'cryptoKey',
  service: 'service',
};

class Heirs {
  readonly #problems: Problems;
  /** Of services, good and refused. */
  readonly #writtenNames: ReadonlySet<string>;
  /** The first service of each name. */
  readonly #named = new Map<string, DraftService>();
  readonly #resolved = new Map<DraftWorker, DraftWorker>();
  readonly #underWay: DraftWorker[] = [];

  constructor(services: readonly DraftService[], writtenNames: ReadonlySet<string>, problems: Problems) {
    this.#problems = problems;
    this.#writtenNames = writtenNames;
    for (const service of services) {
      const name = service.name?.value;
      if (name !== undefined && !this.#named.has(name)) this.#named.set(name, service);
    }
  }

  resolve(worker: DraftWorker): DraftWorker {
    if (worker.inherit === undefined) return worker;
    const known = this.#resolved.get(worker);
    if (known !== undefined) return known;
    const base = this.#baseOf(worker.inherit, worker);
    // Without a source it is no service; what is said of it here is all that is.
    const resolved = base === undefined ? { ...worker, source: undefined } : this.#merge(base, worker);
    this.#resolved.set(worker, resolved);
    return resolved;
  }

  #baseOf(inherit: Sourced<string>, heir: DraftWorker): DraftWorker | undefined {
    const { value: name, place } = inherit;
    const base = this.#named.get(name);
    if (base === undefined) {
      if (!this.#writtenNames.has(name)) this.#unknown('worker', name, this.#workers(), inherit);
      return undefined;
    }
    if (base.kind !== 'worker') {
      this.#problems.report(
        'CONFIG_VALUE',
        { expected: 'the name of a worker', found: `a service of the kind "${base.kind}"` },
        place,
      );
      return undefined;
    }
    if (base === heir || this.#underWay.includes(base)) {
      const circle = [...this.#underWay, heir, base].map((each) => quote(each.name?.value ?? ''));
      const details = {
        expected: 'a worker that does not inherit from this one',
        found: circle.join(' -> '),
      };
      this.#problems.report('CONFIG_VALUE', details, place);
      return undefined;
    }
    this.#underWay.push(heir);
    const resolved = this.resolve(base);
    this.#underWay.pop();
    return resolved;
  }

  #merge(base: DraftWorker, heir: DraftWorker): DraftWorker {
    const own = new Map(heir.bindings.map((binding) => [binding.name, binding]));
    for (const binding of heir.bindings) this.#checkBinding(binding, base, heir);
    const globalOutbound = heir.globalOutbound ?? base.globalOutbound;
    return {
      ...heir,
      inherit: undefined,
      source: base.source,
      group: heir.group ?? base.group,
      compatibilityDate: base.compatibilityDate,
      compatibilityFlags: base.compatibilityFlags,
      bindings: base.bindings.map((binding) => own.get(binding.name) ?? binding),
      globalOutbound,
      assets: heir.assets ?? base.assets,
    };
  }

  /** A binding takes the place of one that has its name and is of its kind. */
  #checkBinding(binding: DraftBinding, base: DraftWorker, heir: DraftWorker): void {
    const place = heir.placeOf(binding.name);
    const replaced = base.bindings.find(({ name }) => name === binding.name);
    if (replaced === undefined) {
      const names = base.bindings.map(({ name }) => name);
      const what = `binding of the worker ${quote(base.name?.value ?? '')}`;
      this.#unknown(what, binding.name, names, { value: binding.name, place });
      return;
    }
    const [expected, found] = [kindOf(replaced), kindOf(binding)];
    if (expected !== found) {
      const details = {
        expected: `a binding of the kind ${quote(expected)}, as it is inherited`,
        found: quote(found),
      };
      this.#problems.report('CONFIG_VALUE', details, place);
    }
  }

  #workers(): string[] {
    return [...this.#named].flatMap(([name, { kind }]) => (kind === 'worker' ? [name] : []));
  }

  #unknown(what: string, name: string, known: readonly string[], { place }: Sourced<string>): void {
    const details = () => ({ what, name, suggestion: nearest(name, known), known: listNames(known) });
    this.#problems.report('CONFIG_UNKNOWN_NAME', details, place);
  }
}

function kindOf(binding: DraftBinding): string {
  return binding.kind === 'parameter' ? binding.type : (typeOf[binding.kind] ?? binding.kind);
}
