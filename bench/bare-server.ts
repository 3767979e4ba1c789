/** The least that a node:http server can be: what nanod's ingress is measured against. Prints its address. */

import { createServer } from 'node:http';

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain;charset=UTF-8', 'content-length': 5 });
  response.end('hello');
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) console.log(`http://127.0.0.1:${address.port}/`);
});
process.on('SIGINT', () => process.exit(0));
