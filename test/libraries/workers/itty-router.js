/** itty-router: its automatic router, and parameters as arguments. */

import { AutoRouter, error, json, StatusError, withContent, withParams } from 'itty-router';

const router = AutoRouter({ before: [withParams] });

router
  .get('/hello/:name?', ({ name = 'world' }) => `Hello, ${name}!`)
  .get('/search', ({ query }) => json(query))
  .post('/echo', withContent, ({ content }) => content)
  .get('/files/:path+', ({ path }) => ({ path }))
  .get('/forbidden', () => error(403, 'not here'))
  .get('/broken', () => {
    throw new StatusError(409, { error: 'in conflict', found: 1 });
  });

export default { ...router };
