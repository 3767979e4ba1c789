/** A network service that is loaded at its first call, and is the same service from then on. */

import t from 'tap';
import { makeLazyNetwork } from '../../src/services/lazy-network.ts';
import { aborted, fetchState, httpServer, readText, startCall } from '../helpers/exchange.ts';

const loopback = { allow: ['local'] };

t.test('calls that come while it is loaded are answered, and later ones', async (t) => {
  const { url } = await httpServer(t, (request, response) => response.end(request.url));
  const service = makeLazyNetwork(loopback);
  t.teardown(() => service.close());
  const get = async (path: string): Promise<string> => readText((await fetchState(service, url + path)).body);
  t.same(await Promise.all([get('/a'), get('/b')]), ['/a', '/b']);
  t.equal(await get('/c'), '/c');
});

t.test('a call that is aborted while it is loaded never leaves', async (t) => {
  let requests = 0;
  const { url } = await httpServer(t, (_request, response) => response.end(String(++requests)));
  const service = makeLazyNetwork(loopback);
  t.teardown(() => service.close());
  const call = startCall(service, `${url}/`);
  call.abort();
  const later = await fetchState(service, `${url}/`);
  t.equal(await readText(later.body), '1', 'the one that was not aborted is the first');
  t.equal(call.call.aborted, aborted);
});

t.test('one that was never called closes without having been loaded', async (t) => {
  await t.resolves(makeLazyNetwork(loopback).close());
});
