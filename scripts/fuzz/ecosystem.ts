/** Fuzzes the reader of nanod's own configuration: as text of a JSON file, and as a value that code gave. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { JsonTextError, parseJsonText } from '../../src/config/json-text.ts';
import { loadConfig, readConfig } from '../../src/config/load.ts';
import { assertGoodErrors } from './target.ts';
import type { FuzzTarget } from './target.ts';
import { powersFor, textLike } from './texts.ts';

const sample = `{
  "$schema": "./ecosystem.schema.json",
  "apps": [
    { "name": "w", "script": "w.js", "group": "g", "globalOutbound": "net", "compatibilityFlags": ["nodejs_compat"],
      "bindings": { "A": "a", "B": { "json": [1, -2.5e3, null] }, "C": { "service": "v", "props": {} },
        "D": { "memoryCache": { "limits": { "maxKeys": 1, "maxValueSize": 1, "maxTotalValueSize": 1 } } },
        "L": { "workerLoader": { "id": "x" } }, "R": { "ratelimit": { "limit": 1, "period": 60 } } },
      "env": { "E": "\\u0061" }, "env_staging": { "E": "b" } },
    { "name": "v", "modules": [{ "name": "m.js", "esModule": "export default {}" }] }
  ],
  "groups": { "g": { "threads": 1 } },
  "services": [
    { "name": "net", "network": { "allow": ["public"], "deny": ["10.0.0.0/8"] } },
    { "name": "out", "external": { "address": "example.com:443", "https": {} } }
  ],
  "sockets": [{ "name": "http", "address": "*:8080", "routes": [{ "pattern": "*.example.com/*", "service": "w" }] }]
}
`;

const name = 'ecosystem.config.json';
const limits = { depth: 100, values: 10_000 };

/** Where a value of the sample stands. */
type Path = readonly (string | number)[];

function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...members.flatMap(([key, member]) => pathsIn(member, [...path, key]))];
}

const paths = pathsIn(JSON.parse(sample));

/** The sample with something else in one of its places. */
function replaced(path: Path, by: unknown): unknown {
  const copy: unknown = JSON.parse(sample);
  const last = path.at(-1);
  if (last === undefined) return by;
  let holder = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<string | number, unknown>;
  holder[last] = by;
  return copy;
}

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSparseArray: true,
  }),
  fc.constantFrom<unknown>('__proto__', 'constructor', '', '..', NaN, -0, 2 ** 53, Symbol('x'), () => 1),
  fc.constantFrom<unknown>('w', 'v', 'net', 'internet', 'unix:/x', 'fd:3', '::/0', 'systemd:x', '*/', {}, []),
);

export const ecosystem: FuzzTarget = {
  name: 'ecosystem',
  properties: {
    'JSON is parsed, or refused at a place in it, as JSON.parse does': fc.asyncProperty(
      textLike(sample),
      async (text) => {
        const strict = parses(() => JSON.parse(text));
        try {
          const { root } = parseJsonText(text, limits);
          assert.ok(strict !== undefined || text.startsWith('\ufeff'), 'JSON.parse refuses it');
          if (strict !== undefined && !text.includes('__proto__'))
            assert.equal(JSON.stringify(root.value), JSON.stringify(strict.value));
        } catch (error) {
          if (!(error instanceof JsonTextError)) throw error;
          assert.ok(error.offset >= 0 && error.offset <= text.length, `${error.offset} of ${text.length}`);
        }
      },
    ),
    'a JSON file gives a configuration, or errors': fc.asyncProperty(
      textLike(sample),
      fc.constantFrom(undefined, 'staging', '__proto__'),
      async (text, environment) => {
        const { errors } = await loadConfig(name, powersFor(name, text), { environment });
        if (errors !== undefined) assertGoodErrors(errors, text, name);
      },
    ),
    'any value in any place gives a configuration, or errors': fc.asyncProperty(
      fc.constantFrom(...paths),
      odd,
      async (path, by) => {
        const powers = powersFor(name, '');
        const { errors } = await readConfig(replaced(path, by), { baseDir: '/base', powers });
        if (errors !== undefined) assertGoodErrors(errors, '', name);
      },
    ),
  },
};

function parses(run: () => unknown): { readonly value: unknown } | undefined {
  try {
    return { value: run() };
  } catch {
    return undefined;
  }
}
