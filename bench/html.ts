/**
 * What does HTMLRewriter cost, against passing the same bytes through? A page of 760 KB in chunks of 16 KB goes through in a realm, its
 * result read to the end. Prints JSON: megabytes a second (the best of the rounds), and how many times as long as passing through it takes.
 */

import { makeTestRealm } from '../test/helpers/realm.ts';

const ROUNDS = 12;

const worker = await makeTestRealm(`"use strict";($nanod) => { $nanod.exports({ default: () => handler });
let page = '<!doctype html><html><head><title>A page</title><script>if (a < b) run("<b>");</script></head><body>';
for (let i = 0; i < 4000; i++) {
  page += '<div class="row item-' + (i % 7) + '" id="r' + i + '"><a href="/path/to/' + i + '?q=a&amp;b=c">Link number ' + i +
    '</a> some text that goes on for a while, as text does in a page.<br><img src="/i/' + i + '.png" alt=""></div>\\n';
}
const bytes = new TextEncoder().encode(page + '</body></html>');
const body = () => {
  let at = 0;
  return new ReadableStream({ type: 'bytes', pull(controller) {
    if (at >= bytes.length) { controller.close(); return; }
    controller.enqueue(bytes.slice(at, (at += 16384)));
  } });
};
const response = () => new Response(body(), { headers: { 'content-type': 'text/html' } });
const nothing = () => {};
const cases = {
  'passed through': () => response(),
  'decoded and encoded': () => new Response(response().body.pipeThrough(new TextDecoderStream()).pipeThrough(new TextEncoderStream())),
  'no handler': () => new HTMLRewriter().transform(response()),
  'title only': () => new HTMLRewriter().on('title', { element: nothing }).transform(response()),
  'by class': () => new HTMLRewriter().on('.item-3', { element(e) { e.setAttribute('x', 'y'); } }).transform(response()),
  'links rewritten': () => new HTMLRewriter().on('a[href]', { element(e) { e.setAttribute('href', e.getAttribute('href')); } }).transform(response()),
  'every element': () => new HTMLRewriter().on('*', { element: nothing }).transform(response()),
  'every text': () => new HTMLRewriter().onDocument({ text: nothing }).transform(response()),
};
const handler = { async fetch(request) {
  const name = decodeURIComponent(request.url.slice('http://test/'.length));
  if (name === '') return Response.json([Object.keys(cases), bytes.length]);
  await (await cases[name]()).arrayBuffer();
  return new Response('');
} };
}`);

const [names, length] = JSON.parse((await worker.fetch('http://test/')).body as string) as [string[], number];
const best = new Map(names.map((name) => [name, Infinity]));
for (let round = 0; round < ROUNDS; round++) {
  for (const name of names) {
    const start = performance.now();
    await worker.fetch(`http://test/${encodeURIComponent(name)}`);
    best.set(name, Math.min(best.get(name) ?? Infinity, performance.now() - start));
  }
}
const passed = best.get('passed through') ?? NaN;
const results = [...best].map(([name, ms]) => [
  name,
  { megabytes: Math.round(length / ms / 1000), ratio: Math.round((100 * ms) / passed) / 100 },
]);
console.log(JSON.stringify(Object.fromEntries(results), undefined, 2));
process.exit(0);
