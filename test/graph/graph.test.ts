/** The map of a deployment: its edges, what follows from them, and the formats that it is drawn in. */

import t from 'tap';
import { formatDot, formatMermaid } from '../../src/graph/format-diagram.ts';
import { formatAnswerJson, formatJson } from '../../src/graph/format-json.ts';
import { drawSvg } from '../../src/graph/format-svg.ts';
import { formatAnswer, formatText } from '../../src/graph/format-text.ts';
import { makeGraph, serviceId, type Graph } from '../../src/graph/graph.ts';
import { chainText, namesOf } from '../../src/graph/labels.ts';
import { partOf, reachableFrom, whoCanReach } from '../../src/graph/reach.ts';
import { accept } from '../helpers/config.ts';

const shop = {
  apps: [
    {
      name: 'web',
      script: 'web.js',
      bindings: {
        ORDERS: { service: 'orders', entrypoint: 'Orders' },
        GREETING: 'hello',
        CACHE: {
          memoryCache: { id: 'pages', limits: { maxKeys: 1, maxValueSize: 1, maxTotalValueSize: 1 } },
        },
      },
      globalOutbound: 'nothing',
    },
    {
      name: 'orders',
      script: 'orders.js',
      bindings: {
        BANK: { wrapped: { moduleName: 'shop:bank', innerBindings: { FETCHER: { service: 'bank' } } } },
        KEY: { fromEnvironment: 'KEY' },
      },
      globalOutbound: 'nothing',
    },
    { name: 'crawler', script: 'crawler.js' },
  ],
  services: [
    { name: 'bank', kind: 'external', address: 'https://bank.example' },
    { name: 'files', kind: 'disk', path: 'files', writable: true },
    { name: 'nothing', kind: 'network', allow: [] },
  ],
  extensions: [
    { modules: [{ name: 'shop:bank', internal: true, esModule: 'export default (env) => env.FETCHER' }] },
  ],
  sockets: [
    {
      name: 'http',
      address: '127.0.0.1:8080',
      service: 'web',
      routes: [{ pattern: 'files.example/*', service: 'files' }],
    },
  ],
};

async function graphOf(value: object): Promise<Graph> {
  const kinds = { '/base/files': 'directory' };
  return makeGraph(await accept(value, { environment: { KEY: 'secret' }, kinds }));
}

const graph = await graphOf(shop);

function chains(found: ReturnType<typeof whoCanReach>, of = graph): string[] {
  return [...found.values()].map((chain) => chainText(chain, namesOf(of)));
}

t.test(
  'every way is an edge: sockets, routes, bindings, those within wrapped ones, and the global fetch',
  async (t) => {
    t.strictSame(graph.edges, [
      { from: 'socket http', to: 'service web', kind: 'socket', name: '' },
      { from: 'socket http', to: 'service files', kind: 'route', name: 'files.example/*' },
      { from: 'service web', to: 'service orders', kind: 'binding', name: 'ORDERS', entrypoint: 'Orders' },
      { from: 'service web', to: 'service nothing', kind: 'globalOutbound', name: '' },
      { from: 'service orders', to: 'service bank', kind: 'binding', name: 'BANK.FETCHER' },
      { from: 'service orders', to: 'service nothing', kind: 'globalOutbound', name: '' },
      { from: 'service crawler', to: 'service internet', kind: 'globalOutbound', name: '' },
    ]);
  },
);

t.test('a node says what its kind is about, and what a worker holds without the values', async (t) => {
  const about = Object.fromEntries(graph.nodes.map(({ id, detail }) => [id, detail]));
  t.strictSame(about, {
    'socket http': 'http 127.0.0.1:8080',
    'service web': '',
    'service orders': '',
    'service crawler': '',
    'service bank': 'https://bank.example:443',
    'service files': 'files (read and write)',
    'service nothing': 'no addresses',
    'service internet': 'public addresses',
  });
  const holds = graph.nodes.flatMap((node) => node.holds);
  t.strictSame(holds, [
    { name: 'GREETING', kind: 'text' },
    { name: 'CACHE', kind: 'memoryCache', id: 'pages' },
    { name: 'KEY', kind: 'fromEnvironment' },
  ]);
});

t.test('who can reach a service is said with the shortest chain of each', async (t) => {
  t.strictSame(chains(whoCanReach(graph, serviceId('bank'))), [
    'orders -[env.BANK.FETCHER]-> bank',
    'web -[env.ORDERS]-> orders:Orders -[env.BANK.FETCHER]-> bank',
    'socket http -> web -[env.ORDERS]-> orders:Orders -[env.BANK.FETCHER]-> bank',
  ]);
  t.strictSame(chains(whoCanReach(graph, serviceId('internet'))), ['crawler -[fetch]-> internet']);
  t.strictSame(chains(whoCanReach(graph, serviceId('crawler'))), []);
  t.strictSame(chains(reachableFrom(graph, serviceId('web'))), [
    'web -[env.ORDERS]-> orders:Orders',
    'web -[fetch]-> nothing',
    'web -[env.ORDERS]-> orders:Orders -[env.BANK.FETCHER]-> bank',
  ]);
});

t.test('a circle of bindings ends', async (t) => {
  const bindings = (service: string): object => ({ NEXT: { service } });
  const circle = await graphOf({
    apps: [
      { name: 'a', script: 'a.js', bindings: bindings('b') },
      { name: 'b', script: 'b.js', bindings: bindings('a') },
    ],
    allowBindingCycles: true,
  });
  t.strictSame(chains(whoCanReach(circle, serviceId('a')), circle), [
    'b -[env.NEXT]-> a',
    'a -[env.NEXT]-> b -[env.NEXT]-> a',
  ]);
  t.match(formatText(circle), /^a: worker$/mu);
});

t.test('as text', async (t) => {
  const text = formatText(graph);
  const orders = `orders: worker
  reaches         bank (env.BANK.FETCHER), nothing (fetch)
  reached by      web (env.ORDERS)
  and in the end  socket http
  holds           KEY (fromEnvironment)
`;
  t.match(text, orders);
  t.notMatch(text, 'secret');
  const node = graph.nodes.find(({ name }) => name === 'bank');
  if (node === undefined) throw new Error('no bank');
  const found = whoCanReach(graph, node.id);
  const answer = formatAnswer(graph, { question: 'who-can-reach', node, found });
  t.match(
    answer,
    /^bank \(external: https:\/\/bank\.example:443\) can be reached by 2 of 6 other services, and from 1 socket\n/u,
  );
});

t.test('as JSON', async (t) => {
  const { sockets, services } = JSON.parse(formatJson(graph)) as Record<string, { name: string }[]>;
  t.match(sockets, [
    { kind: 'socket', name: 'http', reaches: [{ name: 'web', by: 'socket' }, { name: 'files' }] },
  ]);
  t.match(
    services?.find(({ name }) => name === 'bank'),
    {
      kind: 'external',
      reaches: [],
      reachedBy: [{ kind: 'worker', name: 'orders', by: 'binding', as: 'BANK.FETCHER' }],
      canReach: [],
      canBeReachedBy: [{ name: 'orders' }, { name: 'web' }, { kind: 'socket', name: 'http' }],
    },
  );
  const [node] = graph.nodes.filter(({ name }) => name === 'internet');
  if (node === undefined) throw new Error('no internet');
  const found = whoCanReach(graph, node.id);
  t.strictSame(JSON.parse(formatAnswerJson(graph, { question: 'who-can-reach', node, found })), {
    question: 'who-can-reach',
    of: { kind: 'network', name: 'internet' },
    answers: [
      {
        kind: 'worker',
        name: 'crawler',
        chain: [
          {
            from: { kind: 'worker', name: 'crawler' },
            to: { kind: 'network', name: 'internet' },
            by: 'globalOutbound',
          },
        ],
      },
    ],
  });
});

t.test('as a picture of what there is, without ways that lead nowhere', async (t) => {
  const dot = formatDot(graph);
  t.match(dot, 'label="ORDERS:Orders"');
  t.notMatch(dot, 'nothing');
  const mermaid = formatMermaid(graph);
  t.match(mermaid, /^flowchart LR\n/u);
  t.match(mermaid, '-->|"ORDERS:Orders"|');
  t.notMatch(mermaid, 'nothing');
  const svg = await drawSvg(graph);
  t.match(svg, /^<\?xml[^]*<svg [^]*>orders<[^]*<\/svg>\s*$/u);
  const part = partOf(graph, serviceId('bank'), whoCanReach(graph, serviceId('bank')));
  t.notMatch(await drawSvg(part), 'crawler');
});

t.test('names and paths cannot break out of any format', async (t) => {
  const path = '/x"];\n<script>alert(1)</script>\\l\u001b[31m|`#';
  const odd = makeGraph(
    await accept(
      { apps: [], services: [{ name: 'files', kind: 'disk', path }] },
      { kinds: { [path]: 'directory' } },
    ),
  );
  t.notMatch(formatText(odd), '\u001b');
  t.equal(formatText(odd).split('\n').length, 4, 'one line for each of the two nodes');
  t.notMatch(await drawSvg(odd), '<script>');
  t.match(formatDot(odd), String.raw`/x\"];`);
  t.notMatch(formatMermaid(odd), '<script>');
});
