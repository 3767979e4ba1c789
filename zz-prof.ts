import { readFileSync } from 'node:fs';
import { bundleWorker } from '/work/wt/rpc/src/bundle/bundle-worker.ts';
import { bundleOf } from '/work/wt/rpc/test/helpers/bundle.ts';
import { makeServices, serviceBinding } from '/work/wt/rpc/test/helpers/hostile.ts';
import { stopCompiler } from '/work/wt/rpc/src/bundle/compile.ts';
async function code(file) { const o = await bundleWorker({ name: 'x', script: file, workingDirectory: '/tmp/r2' }); return bundleOf(o).code; }
const services = await makeServices({ a: { code: await code('/tmp/r2/' + (process.argv[2] ?? 'a.js')), bindings: [serviceBinding('B'), serviceBinding('C')] }, b: { code: await code('/tmp/r2/b.js') }, c: { code: await code('/tmp/r2/c.js') } });
stopCompiler();
console.log(await services.text('a'));
