/**
 * What does it cost to find one of 1,000 routes? Prints JSON: nanoseconds a look-up, and what it is of a look-up among one route, in the same
 * run. Hosts are the first half of them, paths of one host the second.
 */

import { RouteTable, type RoutePattern } from '../src/shared/route-table.ts';

function pattern(host: string, path: string): RoutePattern {
  const isHostSuffix = host.startsWith('*');
  return { host: isHostSuffix ? host.slice(1) : host, isHostSuffix, path, isPathPrefix: true };
}

const hosts = Array.from({ length: 500 }, (_, i) =>
  pattern(`${i % 5 === 0 ? '*.' : ''}site-${i}.example`, '/'),
);
const paths = Array.from({ length: 500 }, (_, i) =>
  pattern('shop.example', `/${'abcdef'.slice(i % 6)}${i}/`),
);

const cases: Readonly<Record<string, { routes: readonly RoutePattern[]; url: string }>> = {
  'one route': { routes: [pattern('site-7.example', '/')], url: 'http://site-7.example/v1/users/12?full=1' },
  'a host of 1,000 routes': { routes: [...hosts, ...paths], url: 'http://site-7.example/v1/users/12?full=1' },
  'a host below one of 1,000': {
    routes: [...hosts, ...paths],
    url: 'http://a.site-10.example/v1/users/12?full=1',
  },
  'a path of 1,000 routes': { routes: [...hosts, ...paths], url: 'http://shop.example/abcdef498/12?full=1' },
  'no route of 1,000': { routes: [...hosts, ...paths], url: 'http://other.example/v1/users/12?full=1' },
};

const calls = 200_000;

function measure(table: RouteTable<number>, url: string): number {
  let found = 0;
  const started = performance.now();
  for (let i = 0; i < calls; i++) found += table.find(url) ?? 0;
  const spent = performance.now() - started;
  if (found < 0) throw new Error('cannot be');
  return (spent * 1e6) / calls;
}

const tables = Object.entries(cases).map(([name, { routes, url }]) => ({
  name,
  url,
  table: new RouteTable(routes.map((each, to) => ({ pattern: each, to }))),
  best: Infinity,
}));
for (let round = 0; round < 10; round++)
  for (const each of tables) each.best = Math.min(each.best, measure(each.table, each.url));
const base = tables[0]?.best ?? 1;
const results = tables.map(({ name, best }) => [
  name,
  { nanoseconds: Math.round(best), ratio: Math.round((100 * best) / base) / 100 },
]);
console.log(JSON.stringify(Object.fromEntries(results), undefined, 2));
