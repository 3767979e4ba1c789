/** The admin socket: health, readiness and metrics, apart from what services answer. */

import { request } from 'node:http';
import t from 'tap';
import type { Test } from 'tap';
import type { DeployReport, ServiceDetails } from '../../src/control/api.ts';
import { rewrite } from '../helpers/bundle.ts';
import { makeDaemon, text } from '../helpers/daemon.ts';
import { serve } from '../helpers/nanod.ts';

const config = {
  threads: 1,
  admin: { address: '127.0.0.1:0' },
  apps: [
    { name: 'front', script: 'front.js', bindings: { BACK: { service: 'back' } } },
    { name: 'back', script: 'back.js' },
  ],
  sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'front' }],
};
const files = {
  'front.js': 'export default { fetch: (request, env) => env.BACK.fetch(request) };',
  'back.js': `export default {
    fetch(request) { if (request.url.endsWith('/fail')) throw new Error('no'); return new Response('ok'); },
  };`,
};

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

function ask(url: string, options: { method?: string; socketPath?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false, ...options }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, type: response.headers['content-type'], body }),
      );
    })
      .on('error', reject)
      .end();
  });
}

/** Lines of the text by name and labels. */
function parse(body: string): Map<string, number> {
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name = '', value] = /^(.*) (\S+)$/u.exec(line) ?? [];
      return [name, Number(value)];
    }),
  );
}

t.test('health, readiness, metrics', async (t) => {
  const nanod = await serve(t, { config, files });
  const admin = /(http:\S+) +admin$/mu.exec(nanod.stdout())?.[1] ?? '';
  t.match(await ask(`${admin}healthz`), { status: 200, body: '{"status":"ok"}\n' });
  t.match(await ask(`${admin}readyz`), { status: 200, body: '{"status":"ready","problems":[]}\n' });
  for (let i = 0; i < 3; i++) t.equal(await text(nanod.url), 'ok');
  await ask(`${nanod.url}fail`);
  const { status, type, body } = await ask(`${admin}metrics`);
  t.equal(status, 200);
  t.equal(type, 'text/plain; version=0.0.4; charset=utf-8');
  const values = parse(body);
  t.equal(values.get('nanod_service_requests_total{service="back",outcome="ok"}'), 3);
  t.equal(values.get('nanod_service_requests_total{service="back",outcome="error"}'), 1);
  t.equal(values.get('nanod_service_requests_total{service="front",outcome="error"}'), 1);
  t.equal(values.get('nanod_service_realms{service="back"}'), 1);
  t.equal(values.get('nanod_service_up{service="front"}'), 1);
  t.equal(
    values.get(
      'nanod_edge_calls_total{caller="front",caller_kind="service",service="back",entrypoint="default",route="direct"}',
    ),
    4,
  );
  t.ok((values.get('nanod_thread_heap_used_bytes{thread="1",group="default"}') ?? 0) > 1e6);
  t.ok((values.get('process_resident_memory_bytes') ?? 0) > 1e7);
  for (const line of body.split('\n')) t.match(line, /^(?:|# (?:HELP|TYPE) .*|[a-z_0-9]+(?:\{.*\})? \S+)$/iu);

  t.match(await ask(`${admin}nothing`), { status: 404 });
  t.match(await ask(`${admin}healthz`, { method: 'POST' }), { status: 405 });
  t.match(await ask(`${admin}metrics`, { method: 'HEAD' }), { status: 200, body: '' });
  await nanod.stop();
  await t.rejects(ask(`${admin}healthz`));
});

t.test('totals do not fall when a thread is lost', async (t) => {
  const nanod = await serve(t, {
    config: { ...config, threadMemoryMb: 32 },
    files: {
      ...files,
      'back.js': `export default { fetch(request) {
      if (request.url.endsWith('/grow')) { const all = []; for (;;) all.push(new Array(1e6).fill({})); }
      return new Response('ok');
    } };`,
    },
  });
  const admin = /(http:\S+) +admin$/mu.exec(nanod.stdout())?.[1] ?? '';
  await text(nanod.url);
  const ok = 'nanod_service_requests_total{service="back",outcome="ok"}';
  t.equal(parse((await ask(`${admin}metrics`)).body).get(ok), 1);
  await ask(`${nanod.url}grow`).catch(() => {});
  await nanod.logged(({ msg }) => /serves the group default again/u.test(String(msg)));
  await text(nanod.url);
  t.equal(parse((await ask(`${admin}metrics`)).body).get(ok), 2);
});

/** A daemon with an admin socket in a directory of its own. */
async function observed(t: Test): Promise<{ daemon: ReturnType<typeof makeDaemon>; url: string }> {
  const admin = { address: 'unix:admin.sock', metrics: false };
  const daemon = makeDaemon(t, { config: { ...config, admin }, files });
  const { sockets } = await daemon.json<DeployReport>('start');
  return { daemon, url: sockets[0]?.url ?? '' };
}

t.test('in the daemon it comes and goes with the configuration', async (t) => {
  const { daemon, url } = await observed(t);
  const socketPath = `${daemon.directory}/admin.sock`;
  t.match(await ask('http://admin/readyz', { socketPath }), { status: 200 });
  t.match(await ask('http://admin/metrics', { socketPath }), { status: 404 }, 'metrics are off');
  rewrite(daemon.directory, { 'ecosystem.config.json': JSON.stringify({ ...config, admin: undefined }) });
  await daemon.json('reload');
  await t.rejects(ask('http://admin/readyz', { socketPath }));
  t.equal(await text(url), 'ok', 'services have not noticed');
});

t.test('what is known of a service', async (t) => {
  const { daemon, url } = await observed(t);
  await text(url);
  await ask(`${url}fail`);
  const [details] = await daemon.json<ServiceDetails[]>('describe', 'back');
  t.match(details, { realms: 1, calls: 2, errors: 1, canceled: 0, waiting: 0 });
});

t.test('a service that is elsewhere shows how it has been doing', async (t) => {
  const services = [{ name: 'gone', kind: 'external', address: '127.0.0.1:1' }];
  const sockets = [{ name: 'http', address: '127.0.0.1:0', service: 'gone' }];
  const daemon = makeDaemon(t, { config: { threads: 1, apps: [], services, sockets } });
  const report = await daemon.json<DeployReport>('start');
  t.equal((await ask(report.sockets[0]?.url ?? '')).status, 502);
  const [details] = await daemon.json<ServiceDetails[]>('describe', 'gone');
  t.match(details?.health, { answered: 0, failed: 1, consecutiveFailures: 1, lastFailure: { code: /./u } });
  t.match((await daemon.nanod('describe', 'gone')).stdout, /^last failure +\S+ [A-Z_]+: /mu);
});

t.test('an admin address that is taken refuses the deployment', async (t) => {
  const { daemon, url } = await observed(t);
  const taken = { ...config, admin: { address: new URL(url).host } };
  rewrite(daemon.directory, { 'ecosystem.config.json': JSON.stringify(taken) });
  t.match(await daemon.nanod('reload'), { status: 1, stderr: /^error\[SOCKET_IN_USE\]: admin\.address/ });
  t.equal(await text(url), 'ok');
});
