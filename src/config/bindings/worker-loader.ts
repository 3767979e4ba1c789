/** The binding kind `workerLoader` in dialect 1 and in a `Config`. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { entry } from '../manual.ts';
import type { Read } from '../sourced.ts';
import type { Binding, WorkerLoaderBinding } from '../types.ts';

/** Each takes a realm of its own. */
const mostWorkers = 10_000;
const defaultMaxWorkers = 100;

export const workerLoaderFields = z.strictObject({
  id: entry(z.string().min(1).max(1024).optional(), {
    description:
      'Bindings with the same id share their workers on each thread: what one has loaded under a name, the others find there.',
    expected: 'a string of 1 to 1024 characters',
    default: 'workers of the binding alone',
  }),
  maxWorkers: entry(z.int().min(1).max(mostWorkers).optional(), {
    description:
      'How many loaded workers it keeps on each thread. The one that was asked for longest ago makes room for a new one.',
    expected: `a whole number from 1 to ${mostWorkers}`,
    default: String(defaultMaxWorkers),
  }),
});

export const workerLoaderSchema = entry(
  z.strictObject({
    workerLoader: entry(workerLoaderFields, {
      description: 'The loader.',
      expected: 'an object { id?, maxWorkers? }',
    }),
  }),
  {
    description:
      'Makes workers of code that is given at run time, with the [fields](#worker-loaders) below: `env.NAME.get(name, getCode)`.',
    expected: 'an object { workerLoader }',
  },
);

export function readWorkerLoader(
  name: string,
  { workerLoader = {} }: Read<typeof workerLoaderSchema>,
): WorkerLoaderBinding {
  const { id, maxWorkers = defaultMaxWorkers } = workerLoader;
  return { kind: 'workerLoader', name, ...(id === undefined ? {} : { id }), maxWorkers };
}

/** Whether there is a loader among the bindings, those inside of wrapped ones included. */
export function hasLoader(bindings: readonly Binding[]): boolean {
  return bindings.some(
    (binding) =>
      binding.kind === 'workerLoader' || (binding.kind === 'wrapped' && hasLoader(binding.innerBindings)),
  );
}
