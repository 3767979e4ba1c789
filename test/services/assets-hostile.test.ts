/** Static sites and those who would have more of them than they are: other files, other hosts, other headers, all of the time. */

import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import fc from 'fast-check';
import t from 'tap';
import { Decider } from '../../src/services/assets/decide.ts';
import { readRedirects } from '../../src/config/site/redirects-file.ts';
import { htmlHandlings, notFoundHandlings } from '../../src/shared/site/settings.ts';
import { headerLines } from '../helpers/exchange.ts';
import { base, get, header, outcome, site } from '../helpers/site.ts';

const onLinux = { skip: process.platform !== 'linux' };

t.test('nothing outside is reached', async (t) => {
  const here = site(t, { 'a.txt': 'hello', sub: { 'b.txt': 'b' } });
  symlinkSync('../outside', join(here.path, 'out'));
  symlinkSync('../outside/secret.txt', join(here.path, 'out.txt'));
  symlinkSync('a.txt', join(here.path, 'in.txt'));
  symlinkSync('sub', join(here.path, 'insub'));
  symlinkSync('..', join(here.path, 'sub', 'up'));
  symlinkSync('nowhere', join(here.path, 'broken'));
  t.equal(await outcome(here, '/in.txt'), '200 hello');
  t.equal(await outcome(here, '/insub/b.txt'), '200 b');
  const hostile = [
    '/../outside/secret.txt',
    '/%2e%2e/outside/secret.txt',
    '/..%2foutside%2fsecret.txt',
    '/sub/..%2f..%2foutside/secret.txt',
    '/..%5coutside%5csecret.txt',
    '/..\\outside\\secret.txt',
    '/%252e%252e/outside/secret.txt',
    '/%c0%ae%c0%ae/outside/secret.txt',
    '/%e0%80%ae./outside/secret.txt',
    '/a.txt%00.html',
    '/a.txt%00',
    '/%00',
    '/sub%2fb.txt',
    '/sub%5cb.txt',
    '/a.txt/',
    '/a.txt/.',
    '/out/secret.txt',
    '/out.txt',
    '/broken',
    '/sub/up/a.txt',
    '/sub/up/sub/up/a.txt',
    '/proc/self/environ',
    '/%2fetc%2fpasswd',
    '//etc/passwd',
    '/file:///etc/passwd',
    '/%ff%fe',
    '/%',
    '/%zz',
    `/${'a/'.repeat(5000)}`,
    `/${'%2e%2e%2f'.repeat(1000)}etc/passwd`,
    `/${'x'.repeat(5000)}`,
  ];
  for (const path of hostile) {
    const text = await outcome(here, path);
    t.match(text, /^404 |^307 \/(?!\/)/u, path.slice(0, 60));
    t.notMatch(text, /secret|root:/u);
  }
});

t.test('a file that becomes a link out after it was found is not followed', async (t) => {
  const here = site(t, { 'a.txt': 'hello', sub: { 'b.txt': 'b' } });
  t.equal(await outcome(here, '/a.txt'), '200 hello');
  rmSync(join(here.path, 'a.txt'));
  symlinkSync('../outside/secret.txt', join(here.path, 'a.txt'));
  t.equal(await outcome(here, '/a.txt'), '404 Not Found');
  rmSync(join(here.path, 'sub'), { recursive: true });
  symlinkSync('../outside', join(here.path, 'sub'));
  writeFileSync(join(here.path, '../outside/b.txt'), 'secret');
  t.equal(await outcome(here, '/sub/b.txt'), '404 Not Found');
});

t.test('devices and pipes are not files', onLinux, async (t) => {
  const here = site(t, { 'a.txt': 'hello', 'b.txt': 'b' });
  execFileSync('mkfifo', [join(here.path, 'pipe')]);
  symlinkSync('/dev/zero', join(here.path, 'zero'));
  for (const path of ['/pipe', '/zero']) t.equal(await outcome(here, path), '404 Not Found');
  rmSync(join(here.path, 'b.txt'));
  execFileSync('mkfifo', [join(here.path, 'b.txt')]);
  t.match(await outcome(here, '/b.txt'), /^40[46] /u, 'nobody waits for a pipe');
});

t.test('no redirect leads to another host', async (t) => {
  const redirects = `
/a/* /:splat
/b/:x /:x/y
/c/* https://example.com/:splat
/d/:host https://:host.example.com/
/e/* https://example.com:splat
`;
  const here = site(t, { 'evil.com.html': 'x', 'a.html': 'x' }, {}, { redirects });
  const paths = [
    '/a//evil.com',
    '/a///evil.com',
    '/a/%5cevil.com',
    '/a/\\evil.com',
    '/a/%2f%2fevil.com',
    '/a/https://evil.com',
    '/a/%09/evil.com',
    '/a/..//evil.com',
    '/a/.//evil.com',
    '/b/%2fevil.com',
    '/b/\\evil.com',
    '//evil.com.html',
    '//evil.com.html/',
    '///a.html',
    '/\\a.html',
    '//evil.com/%2e%2e/a.html',
    '/e/.evil.com',
    '/e@evil.com',
    '/e/@evil.com',
  ];
  for (const path of paths) {
    const location = header(await get(here, path), 'location');
    if (location !== undefined) t.equal(new URL(location, base).origin, base, `${path} -> ${location}`);
  }
  for (const path of ['/c/@evil.com', '/c//evil.com', '/c/.evil.com'])
    t.match(await outcome(here, path), /^302 https:\/\/example\.com\//u, path);
  for (const path of ['/d/evil.com%2f', '/d/evil.com%23', '/d/user@evil.com', '/d/evil.com:80', '/d/a_b%00'])
    t.match(await outcome(here, path), /^404 /u, path);
  t.equal(await outcome(here, '/d/ann'), '302 https://ann.example.com/');
});

t.test('no path puts a header into a response', async (t) => {
  const here = site(
    t,
    { 'index.html': 'x' },
    {},
    { headers: '/*\n  X-Path: :splat\n', redirects: '/to/* /:splat\n/q/* /x?:splat' },
  );
  for (const path of [
    '/%0d%0aset-cookie:a=b',
    '/to/%0d%0aset-cookie:a=b',
    '/q/%0aset-cookie:a',
    '/to/a%00b',
  ]) {
    const lines = headerLines(await get(here, path));
    t.notOk(
      lines.some((line) => line.startsWith('set-cookie')),
      path,
    );
    t.notMatch(lines.join(''), /[\r\n\0]/u);
  }
});

t.test('patterns that would take a regular expression for ever', async (t) => {
  const names = Array.from({ length: 10 }, (_, i) => `:n${i}`);
  const redirects = [
    `/${names.join('-')}.b /x`,
    `/${names.join('')}.b /x`,
    `/s/*aaaaaaaaaaaaaaaaaaaaab /x`,
    ...Array.from({ length: 90 }, (_, i) => `/${i}/:a/:b/*/:c/:d/z /x`),
  ].join('\n');
  const headers = Array.from({ length: 100 }, (_, i) => `/${i}/:a-:b-:c/*\n  X: :a:b:c:splat\n`).join('');
  const here = site(t, { 'index.html': 'x' }, {}, { redirects, headers });
  for (const path of [
    `/${'a-'.repeat(7000)}`,
    `/s/${'a'.repeat(15_000)}`,
    '/1'.repeat(7000),
    `/1/${'a-'.repeat(7000)}/`,
  ])
    t.equal((await get(here, path)).status, 404);
});

t.test('links that lead in circles end', async (t) => {
  const here = site(t, { a: { 'x.txt': 'x' }, b: { 'y.txt': 'y' } });
  symlinkSync('../b', join(here.path, 'a', 'b'));
  symlinkSync('../a', join(here.path, 'b', 'a'));
  symlinkSync('.', join(here.path, 'a', 'self'));
  t.equal(await outcome(here, '/a/b/y.txt'), '200 y');
  t.equal(await outcome(here, '/a/b/a/x.txt'), '404 Not Found');
});

/** Pieces of which hostile paths are made. */
const piece = fc.constantFrom(
  '/',
  '//',
  '.',
  '..',
  '%2e',
  '%2E%2e',
  '%2f',
  '%5c',
  '\\',
  '%00',
  '%',
  '%zz',
  'index',
  'index.html',
  '.html',
  '404.html',
  'a',
  'b',
  'A',
  '%61',
  '@',
  ':',
  '*',
  'evil.com',
  ';',
  '~',
  'é',
  '\ud800',
);
const names = [
  'index.html',
  'a.html',
  'a/index.html',
  'a/b',
  'b/404.html',
  '404.html',
  'b.html',
  'evil.com/index.html',
  'index',
  '.html',
];

t.test('whatever is asked, what is found is a file of the site, and redirects end on it', (t) => {
  const files = fc.uniqueArray(fc.constantFrom(...names), { maxLength: 6 });
  const settings = {
    htmlHandling: fc.constantFrom(...htmlHandlings),
    notFoundHandling: fc.constantFrom(...notFoundHandlings),
  };
  const path = fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`);
  fc.assert(
    fc.property(files, fc.record(settings), path, (files, settings, path) => {
      const all = new Set(files.map((name) => `/${name}`));
      const decider = new Decider({ ...settings, redirects: [] }, (file) => all.has(file));
      let url = new URL(base + path);
      for (let hops = 0; ; hops++) {
        const decision = decider.decide('GET', url.href);
        if (decision.kind === 'file') return all.has(decision.path);
        if (decision.kind !== 'redirect') return decision.kind === 'missing';
        const next = new URL(decision.location, url);
        if (hops > 1 || next.origin !== base || next.href === url.href) return false;
        url = next;
      }
    }),
    { numRuns: 3000 },
  );
  t.end();
});

t.test(
  'whatever rules and paths there are, a redirect leads where its rule says, in a header that is one',
  (t) => {
    const source = fc
      .array(fc.constantFrom('/', ':a', ':b', '*', 'x', '-', '.', '%2f'), { minLength: 1, maxLength: 6 })
      .map((pieces) => `/${pieces.join('')}`);
    const target = fc
      .array(fc.constantFrom('/', '//', ':a', ':b', ':splat', 'x', '.', '..', '\\', '?', '#', '@', ':80'), {
        maxLength: 5,
      })
      .chain((pieces) =>
        fc
          .constantFrom('/', 'https://example.com', 'https://:a.example.com', 'https://')
          .map((start) => start + pieces.join('')),
      );
    const rule = fc.tuple(source, target).map((words) => `${words.join(' ')} 301`);
    const path = fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`);
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 3 }), path, (lines, path) => {
        const { rules } = readRedirects(lines.join('\n'), 'none');
        const settings = { htmlHandling: 'none', notFoundHandling: 'none', redirects: rules } as const;
        const decision = new Decider(settings, () => false).decide('GET', new URL(base + path).href);
        if (decision.kind !== 'redirect') return decision.kind === 'missing';
        if (!/^[!-~]+$/u.test(decision.location)) return false;
        const { host, origin } = new URL(decision.location, base);
        if (origin === base) return true;
        return rules.some(({ to }) => {
          const [, asked = ''] = /^https:\/\/([^/?#]*)/u.exec(to) ?? [];
          return asked.startsWith(':') && !asked.includes('.')
            ? true
            : asked !== '' && host.endsWith(asked.replace(/^:a/u, ''));
        });
      }),
      { numRuns: 3000 },
    );
    t.end();
  },
);
