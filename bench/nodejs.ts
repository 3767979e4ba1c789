/** What do the modules of Node.js cost in a realm, against those of the host? docs/decisions/node-modules.md. Prints JSON, nanoseconds a call. */

import { compareRealmAndHost } from './lib/both-realms.ts';

const cases = `(() => {
  const { AsyncLocalStorage } = builtin('async_hooks');
  const { Buffer } = builtin('buffer');
  const { createHash } = builtin('crypto');
  const EventEmitter = builtin('events');
  const { inspect } = builtin('util');
  const als = new AsyncLocalStorage();
  const emitter = new EventEmitter().on('x', () => {});
  const text = 'some text of a middling length, as names and keys have it';
  const bytes = Buffer.from(text);
  const large = Buffer.alloc(65536);
  const hash = (data) => createHash('sha256').update(data).digest();
  return {
    'getStore outside': () => als.getStore(),
    run: (i) => als.run(i, () => i),
    'run and getStore': (i) => als.run(i, () => als.getStore()),
    'Buffer.from(text)': () => Buffer.from(text),
    'toString()': () => bytes.toString(),
    'toString(base64)': () => bytes.toString('base64'),
    readUInt32BE: () => bytes.readUInt32BE(4),
    emit: () => emitter.emit('x', 1),
    'sha256 of 57 bytes': () => hash(bytes),
    'sha256 of 64 KB': () => hash(large),
    inspect: () => inspect({ a: 1, b: [1, 2] }),
  };
})()`;

console.log(JSON.stringify(await compareRealmAndHost(cases), undefined, 2));
