import t from 'tap';
import type { EcosystemConfig } from '../../src/config/ecosystem-schema.ts';
import { accept, refuse, workerOf } from '../helpers/config.ts';

const app = { name: 'a', script: 'a.js' };

const written = {
  apps: [
    {
      ...app,
      bindings: { OTHER: 'binding' },
      env_staging: { A: 'staging', LIST: [1, { b: null }] },
      env: { A: 'plain', B: 5, SERVICE: { service: 'not a capability' } },
      env_production: { A: true },
    },
    { name: 'b', script: 'b.js', env: { A: 'b' } },
  ],
} satisfies EcosystemConfig;

/** The bindings of a worker by name. */
async function bindings(env: string | undefined, name = 'a'): Promise<unknown> {
  const config = await accept(written, env === undefined ? {} : { env });
  return Object.fromEntries(workerOf(config, name).bindings.map(({ name, ...rest }) => [name, rest]));
}

const text = (value: string): object => ({ kind: 'text', text: value });
const json = (value: unknown): object => ({ kind: 'json', json: JSON.stringify(value) });
const common = { OTHER: text('binding'), B: json(5), SERVICE: json({ service: 'not a capability' }) };

t.test('env becomes bindings: strings as text, all else as JSON', async (t) => {
  t.strictSame(await bindings(undefined), { ...common, A: text('plain') });
});

t.test('the chosen environment comes over env, in the apps that have it', async (t) => {
  t.strictSame(await bindings('staging'), { ...common, A: text('staging'), LIST: json([1, { b: null }]) });
  t.strictSame(await bindings('production'), { ...common, A: json(true) });
  t.strictSame(await bindings('staging', 'b'), { A: text('b') });
});

t.test('an environment that no app has is an error that lists those that there are', async (t) => {
  t.strictSame(await refuse(written, { env: 'stagin' }), [
    'CONFIG_UNKNOWN_NAME no environment named "stagin"; did you mean "staging"?',
  ]);
  t.strictSame(await refuse({ apps: [app] }, { env: 'x' }), ['CONFIG_UNKNOWN_NAME no environment named "x"']);
  t.strictSame(await refuse({ apps: [{ ...app, env_x: {} }] }, { env: 'x' }), []);
});

t.test('a name that bindings has too is an error with both places, chosen or not', async (t) => {
  const errors = await refuse({
    apps: [{ ...app, bindings: { A: 'x' }, env: { A: 'y' }, env_other: { A: 'z' } }],
  });
  t.strictSame(errors, [
    'CONFIG_DUPLICATE apps[0].env.A: the binding name "A" is already taken by apps[0].bindings.A',
    'CONFIG_DUPLICATE apps[0].env_other.A: the binding name "A" is already taken by apps[0].bindings.A',
  ]);
});

t.test('values that are none of JSON, and names that are no identifiers', async (t) => {
  t.strictSame(await refuse({ apps: [{ ...app, env: { 'MY-NAME': 'x' }, env_b: 5, env_c: { F: 5n } }] }), [
    'CONFIG_VALUE apps[0].env["MY-NAME"]: expected the name of a binding: a JavaScript identifier of at most 128 ASCII characters, found the string "MY-NAME"',
    'CONFIG_VALUE apps[0].env_b: expected an object of strings and other JSON values, found the number 5',
    'CONFIG_VALUE apps[0].env_c.F: expected a value that JSON can express, found the bigint 5n',
  ]);
});
