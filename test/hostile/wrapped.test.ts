/** What a wrapped binding hides stays hidden: from modules and from classic scripts, during the evaluation and after it. */

import { readFile } from 'node:fs/promises';
import t from 'tap';
import { bundleWorker } from '../../src/bundle/bundle-worker.ts';
import { stopCompiler } from '../../src/bundle/compile.ts';
import type { BindingSpec } from '../../src/messages/startup.ts';
import type { WorkerSource } from '../../src/shared/worker-source.ts';
import { bundleOf } from '../helpers/bundle.ts';
import { makeServices } from '../helpers/hostile.ts';

t.teardown(stopCompiler);

const attack = await readFile(new URL('inside/wrapped.js', import.meta.url), 'utf8');

const shop = `let calls = 0;
export default (env) => {
  calls += 1;
  return { calls, use: () => env.SECRET.word.length + (typeof env.SERVICE.fetch === 'function' ? 0 : 1) };
};`;

const bindings: readonly BindingSpec[] = [
  {
    kind: 'wrapped',
    name: 'SHOP',
    inner: [
      { kind: 'json', name: 'SECRET', json: '{"word":"hidden"}' },
      { kind: 'service', name: 'SERVICE', service: 'other', entrypoint: 'default', props: '' },
    ],
  },
];

const sources: Record<string, WorkerSource> = {
  module: {
    kind: 'modules',
    modules: [
      {
        kind: 'esModule',
        name: 'main.js',
        content: {
          kind: 'inline',
          text: `import * as workers from 'cloudflare:workers';\n${attack}\nsearch(workers, 'cloudflare:workers');\nexport default { fetch(request, env, ctx) { search(ctx, 'ctx'); search(env, 'env'); return new Response(attack(env.SHOP)); } };`,
        },
      },
    ],
  },
  script: {
    kind: 'serviceWorker',
    content: {
      kind: 'inline',
      text: `${attack}\naddEventListener('fetch', (event) => event.respondWith(new Response(attack(SHOP))));`,
    },
  },
};

for (const [kind, source] of Object.entries(sources)) {
  t.test(`from a ${kind}`, async (t) => {
    const outcome = await bundleWorker({
      name: 'attacker',
      source,
      workingDirectory: '/',
      extensions: [{ name: 'shop:binding', internal: true, content: { kind: 'inline', text: shop } }],
      wrappers: [{ module: 'shop:binding', entrypoint: 'default' }],
    });
    const { code, format } = bundleOf(outcome);
    t.equal(format, kind);
    const services = await makeServices({
      attacker: { code, format, bindings },
      other: { file: 'other.js' },
    });
    t.teardown(() => services.close());
    t.equal(await services.text('attacker'), 'safe');
  });
}
