/** Hono with the middleware that most applications use. */

import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { bodyLimit } from 'hono/body-limit';
import { getCookie, setCookie } from 'hono/cookie';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { html } from 'hono/html';
import { streamText } from 'hono/streaming';
import { validator } from 'hono/validator';

const app = new Hono();

app.use('/api/*', cors({ origin: 'https://example.com', allowMethods: ['GET', 'PUT'] }));
app.use('/admin/*', basicAuth({ verifyUser: (name, password) => name === 'ada' && password === 'secret' }));
app.use('/upload', bodyLimit({ maxSize: 16, onError: (c) => c.text('too large', 413) }));

app.get('/api/users/:id{[0-9]+}', (c) =>
  c.json({ id: Number(c.req.param('id')), all: c.req.queries('tag') ?? [] }),
);
app.get('/admin/panel', (c) => c.text('panel'));
app.post('/upload', async (c) => c.text(`${(await c.req.text()).length} bytes`));
app.post('/form', async (c) => {
  const { name, file } = await c.req.parseBody();
  return c.json({ name, file: await file.text(), type: file.type });
});
app.post(
  '/checked',
  validator('json', (value, c) =>
    typeof value.size === 'number' ? value : c.json({ problem: 'size' }, 422),
  ),
  (c) => c.json(c.req.valid('json'), 201),
);
app.get('/visits', (c) => {
  const visits = Number(getCookie(c, 'visits') ?? '0') + 1;
  setCookie(c, 'visits', String(visits), { path: '/', httpOnly: true, sameSite: 'Lax' });
  return c.text(`visit ${visits}`);
});
app.get('/page', (c) => c.html(html`<p>${c.req.query('text')}</p>`));
app.get('/stream', (c) =>
  streamText(c, async (stream) => {
    for (const part of ['one ', 'two ', 'three']) await stream.write(part);
  }),
);
app.get('/teapot', () => {
  throw new HTTPException(418, { message: 'short and stout' });
});
app.get('/binding', async (c) => c.text(await (await c.env.WASM.fetch('http://wasm/?text=abc')).text()));
app.notFound((c) => c.text(`nothing at ${c.req.path}`, 404));

export default app;
