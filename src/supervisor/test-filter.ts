/** Which tests are meant: `service` or `service:entrypoint`, both globs, as in workerd. Pure. */

import type { TestName } from '../control/contract.ts';
import { matchesGlob } from '../shared/glob.ts';

export interface TestFilter {
  /** Whether a test of the service can be meant. */
  mayMean(service: string): boolean;
  means(test: TestName): boolean;
}

/** Without text, every test is meant. A name of a service may have a colon in it, so the filter is tried at each of its own. */
export function makeTestFilter(text: string | undefined): TestFilter {
  const pairs = pairsOf(text ?? '*');
  return {
    mayMean: (service) => pairs.some(([glob]) => matchesGlob(glob, service)),
    means: ({ service, entrypoint }) =>
      pairs.some(([first, second]) => matchesGlob(first, service) && matchesGlob(second, entrypoint)),
  };
}

function pairsOf(text: string): [string, string][] {
  const pairs: [string, string][] = [[text, '*']];
  for (let colon = text.indexOf(':'); colon !== -1; colon = text.indexOf(':', colon + 1))
    pairs.push([text.slice(0, colon), text.slice(colon + 1)]);
  return pairs;
}

/** `service` for the default export, else `service:entrypoint`. */
export function testName({ service, entrypoint }: TestName): string {
  return entrypoint === 'default' ? service : `${service}:${entrypoint}`;
}
