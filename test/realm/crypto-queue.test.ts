/** The queue of costly cryptography. */

import t from 'tap';
import { FairQueue } from '../../src/realm/host/crypto/fair-queue.ts';
import { evaluate } from '../helpers/realm.ts';

t.test('one at a time, and in turn', async (t) => {
  const queue = new FairQueue<string>();
  const log: string[] = [];
  let running = 0;
  const run = (owner: string, name: string): Promise<string> =>
    queue.run(owner, async () => {
      t.equal(++running, 1, `${name} is alone`);
      await new Promise(setImmediate);
      log.push(name);
      running--;
      return name;
    });
  const results = await Promise.all([
    run('greedy', 'a1'),
    run('greedy', 'a2'),
    run('greedy', 'a3'),
    run('modest', 'b1'),
    run('other', 'c1'),
  ]);
  t.strictSame(results, ['a1', 'a2', 'a3', 'b1', 'c1']);
  t.strictSame(log, ['a1', 'a2', 'b1', 'c1', 'a3']);
  t.equal(await run('greedy', 'later'), 'later', 'it goes on after a pause');
});

t.test('what fails holds up nothing', async (t) => {
  const queue = new FairQueue<string>();
  const failed = queue.run('a', () => Promise.reject(new Error('failed')));
  const done = queue.run('a', () => Promise.resolve('done'));
  await t.rejects(failed, { message: 'failed' });
  t.equal(await done, 'done');
});

t.test('what was dropped never begins', async (t) => {
  const queue = new FairQueue<string>();
  const begun: string[] = [];
  const work = (name: string) => async () => {
    begun.push(name);
  };
  const first = queue.run('a', work('first'));
  void queue.run('a', work('second'));
  queue.drop('a');
  await first;
  await queue.run('b', work('third'));
  t.strictSame(begun, ['first', 'third']);
});

t.test('costly operations of a realm all end', async (t) => {
  t.strictSame(
    await evaluate(`
    const { subtle } = crypto;
    const salt = new Uint8Array(16);
    const key = await subtle.importKey('raw', salt, 'PBKDF2', false, ['deriveBits', 'deriveKey']);
    const argon = await subtle.importKey('raw-secret', salt, 'Argon2i', false, ['deriveBits']);
    const pbkdf2 = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 100_001 };
    const results = await Promise.allSettled([
      subtle.deriveBits(pbkdf2, key, 128),
      subtle.deriveKey(pbkdf2, key, { name: 'AES-GCM', length: 128 }, true, ['encrypt']),
      subtle.deriveBits({ name: 'Argon2i', nonce: salt, parallelism: 1, memory: 8, passes: 1 }, argon, 128),
      subtle.deriveBits({ name: 'Argon2i', nonce: salt, parallelism: 9, memory: 8, passes: 1 }, argon, 128),
      subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 512, publicExponent: new Uint8Array([3]) }, true, ['sign']),
    ]);
    return results.map(({ value, reason }) => value?.byteLength ?? value?.type ?? reason?.name ?? Object.keys(value));`),
    [16, 'secret', 16, 'OperationError', ['publicKey', 'privateKey']],
  );
});
