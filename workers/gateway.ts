/** The gateway: the only service behind a socket. It routes by path, with Hono, to the services that its bindings name; one of them it calls like a library. */
import { Hono } from 'hono';
import type { Fetcher, Service } from 'nanod';
import type * as calculator from './calculator/index.ts';

interface Env {
  GREETER: Fetcher;
  CALCULATOR: Service<typeof calculator>;
}

const app = new Hono<{ Bindings: Env }>();

app.get('/', async ({ env, text }) => {
  const [greeting, sum] = await Promise.all([
    env.GREETER.fetch('http://greeter/'),
    env.CALCULATOR.add(20, 22),
  ]);
  return text(`${await greeting.text()}\n20 + 22 = ${sum}\n`);
});

app.get('/greet/:name?', ({ env, req }) => {
  const name = req.param('name') ?? req.query('name');
  return env.GREETER.fetch(`http://greeter/${name === undefined ? '' : `?name=${encodeURIComponent(name)}`}`);
});

app.all('/calc/*', ({ env, req }) => {
  const { pathname, search } = new URL(req.url);
  return env.CALCULATOR.fetch(
    new Request(`http://calculator${pathname.slice('/calc'.length)}${search}`, req.raw),
  );
});

app.notFound(({ text }) => text('not found\n', 404));

export default app;
