/** How a service is named in dialect 1, from what the schema has read to a draft. Runs in the supervisor. */
import type { targetSchema } from './binding-schema.ts';
import type { ConfigPath } from './problems.ts';
import type { Read, Sourced, Sourcing } from './sourced.ts';
import type { ServiceDesignator } from './types.ts';

/** The designator that stands at a path within; `undefined` when it is absent or was wrong. */
export function readTarget(
  target: Read<typeof targetSchema> | undefined,
  at: Sourcing,
  ...steps: ConfigPath
): Sourced<ServiceDesignator> | undefined {
  if (target === undefined) return undefined;
  if (typeof target === 'string') return at.sourced({ service: target }, ...steps);
  const { service, entrypoint, props } = target;
  if (service === undefined) return undefined;
  const designator = {
    service,
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(props === undefined ? {} : { props: JSON.stringify(props) }),
  };
  return at.sourced(designator, ...steps);
}
