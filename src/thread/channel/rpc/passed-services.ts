/** Services that are passed as capabilities: to another nanod, which must not call them by their names, and from there. */

import { neutralRpc } from '../../../realm/neutral-rpc.ts';
import type { CapOps, CapState } from '../../../realm/prelude/rpc/rpc-state.ts';
import type { TargetState } from '../../../realm/prelude/state.ts';
import { Target } from '../../../services/service.ts';

const caps = new WeakMap<TargetState, CapState>();
const services = new WeakMap<CapState, TargetState>();

/** A service is there whoever holds it. */
const serviceOps: CapOps = neutralRpc.ops(
  (cap, path, args, source) => (cap.subject as TargetState).call(path, args, source),
  (cap, path) => (cap.subject as TargetState).get(path),
  () => undefined,
  () => undefined,
  () => () => undefined,
);

/** The capability that stands for a service: always the same one. */
export function capOfService(target: TargetState): CapState {
  const known = caps.get(target);
  if (known !== undefined) return known;
  return remember(neutralRpc.cap(serviceOps, target), target);
}

/** The reverse; undefined for a capability that stands for none. */
export function serviceOfCap(cap: CapState): TargetState | undefined {
  return services.get(cap);
}

/** The service behind a capability that has arrived, which is held as long as somebody holds the service. */
export function passedService(cap: CapState, fetch: TargetState['fetch']): TargetState {
  cap.ops.hold(cap);
  const target = new Target(
    {
      fetch,
      call: (path, args, source) => cap.ops.call(cap, path, args, source),
      get: (path) => cap.ops.get(cap, path),
    },
    '',
  );
  remember(cap, target);
  return target;
}

function remember(cap: CapState, target: TargetState): CapState {
  caps.set(target, cap);
  services.set(cap, target);
  return cap;
}
