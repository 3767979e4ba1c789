/**
 * The host half of bindings: what a realm is told about `env`, and the ways that its service bindings take. Kinds that need more
 * than data have a file of their own here.
 */

import type { BindingSpec, DesignatorSpec } from '../messages/startup.ts';
import type { TargetState } from '../realm/prelude/state.ts';
import type { RealmBinding } from '../realm/realm.ts';
import { assertNever } from '../shared/assert.ts';

/** Bindings as a realm takes them. Target 0 is the global outbound. */
export interface PreparedBindings {
  readonly configs: readonly RealmBinding[];
  readonly targets: readonly TargetState[];
}

/** Resolves service bindings with `resolve`, which never fails: the configuration was validated. */
export function prepareBindings(
  specs: readonly BindingSpec[],
  outbound: DesignatorSpec,
  resolve: (designator: DesignatorSpec) => TargetState,
): PreparedBindings {
  const targets = [resolve(outbound)];
  const prepare = (spec: BindingSpec): RealmBinding => {
    switch (spec.kind) {
      case 'text':
      case 'json':
      case 'data':
        return spec;
      case 'service':
        return { kind: 'service', name: spec.name, target: targets.push(resolve(spec)) - 1 };
      case 'wrapped':
        return { kind: 'wrapped', name: spec.name, inner: spec.inner.map(prepare) };
      default:
        return assertNever(spec);
    }
  };
  return { configs: specs.map(prepare), targets };
}
