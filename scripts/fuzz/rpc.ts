/** Fuzzes what is read from other nanods: frames of messages, and values in flat form. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Violation } from '../../src/thread/channel/trust.ts';
import { Frame, packFrame } from '../../src/thread/link/frame.ts';
import { readMessages } from '../../src/thread/link/message-reader.ts';
import { readValue } from '../../src/thread/link/value-reader.ts';
import { writeValue } from '../../src/thread/link/value-writer.ts';
import type { FuzzTarget } from './target.ts';

const most = 2 ** 20;
const error = ['error', 'TypeError', 'message', 'stack', ''];
const entrypoint = ['entrypoint', 'Name', ''];

/** One of each kind, as an honest peer writes them; 8 bytes follow where a message has some. */
const messages: readonly (readonly unknown[])[] = [
  ['fetch', 1, entrypoint, ['a-1', 1, 50.5], 'POST', 'http://a/?b', 'a\nb\n', ['text', 'body'], '{}'],
  ['fetch', 1, ['cap', 1], ['', 64, null], 'GET', 'tcp://a:1', '', ['stream', 1, -1], ''],
  ['reply', 1, 200, 'OK', 'a\nb\n', ['bytes', 8], 0],
  ['reply', 1, 101, '', '', null, -1],
  ['failure', 1, error],
  ['abort', 1, error],
  [
    'call',
    1,
    entrypoint,
    ['a', 'b'],
    ['list', [1, 'a', null, ['u'], ['n', '-0'], ['b', '-ff']]],
    ['', 1, null],
  ],
  ['call', 2, ['answer', 1], ['a'], null, ['', 1, null]],
  ['return', 1, 'value', ['plain', 1], null, true],
  [
    'return',
    1,
    'value',
    [
      'value',
      8,
      [
        ['stub', 'function', '', 1, []],
        ['file', '', '1\n1\n1\nabc', 0, []],
      ],
    ],
    null,
    true,
  ],
  ['return', 1, 'error', null, error, false],
  ['chunk', 1, 8],
  ['end', 1],
  ['stream-failure', 1, error],
  ['credit', 1, 1000],
  ['cancel', 1, error],
  ['call-drop', 1],
  ['call-forget', [1, 2]],
  ['release', 1, 1],
  ['watch', 1],
  ['broken', 1, error],
  ['socket-message', -1, 'text', 0],
  ['socket-close', 1, 1000, 'reason', true],
  ['socket-taken', 1, 5],
  ['leave'],
];

const rows: readonly (readonly unknown[])[] = [
  ['object', 'a', 1, '__proto__', [1]],
  ['list', 'a', [1], null],
  ['array', 3, '1', 'a', 'name', true],
  ['map', 'a', [1], [1], 2],
  ['set', 1, [1]],
  ['date', 5],
  ['regexp', 'a+', 'gu'],
  ['boxed', true],
  ['buffer', 8, -1],
  ['view', 'Uint16Array', [1], 0, 2],
];

/** What stands where something else should: of every type, and what is dangerous in a text. */
const oddity = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'length',
    '\n',
    '\r\n',
    '\0',
    '\ud800',
    -1,
    0,
    1.5,
    2 ** 53,
    1e308,
    [99],
  ),
);

/** A list with one of its fields, at any depth, replaced, taken away or doubled. */
function damaged(list: readonly unknown[]): fc.Arbitrary<readonly unknown[]> {
  return fc
    .tuple(
      fc.nat(Math.max(0, list.length - 1)),
      fc.constantFrom('replace', 'remove', 'double', 'within', 'none'),
      oddity,
    )
    .chain(([at, how, odd]) => {
      const field = list[at];
      if (how === 'within' && Array.isArray(field))
        return damaged(field as unknown[]).map((inner) => list.with(at, inner));
      if (how === 'remove') return fc.constant(list.toSpliced(at, 1));
      if (how === 'double') return fc.constant(list.toSpliced(at, 0, field));
      return fc.constant(how === 'none' || list.length === 0 ? list : list.with(at, odd));
    });
}

const listsOf = (samples: readonly (readonly unknown[])[]): fc.Arbitrary<readonly unknown[]> =>
  fc.array(fc.constantFrom(...samples).chain(damaged), { maxLength: 8 });

const tail = fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes).buffer);

function frameOf(json: unknown, bytes: ArrayBuffer): ArrayBuffer {
  return packFrame(JSON.stringify(json), [bytes]).buffer;
}

/** Whatever is not read is refused by a Violation, and by nothing else. */
function reads(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (thrown) {
    assert.ok(thrown instanceof Violation, String(thrown));
    return false;
  }
}

const plainValues = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withBoxedValues: true,
  withTypedArray: true,
  withSparseArray: true,
});

export const rpc: FuzzTarget = {
  name: 'rpc',
  properties: {
    'any bytes are messages, or are refused': fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      async (bytes) => {
        reads(() => readMessages(new Frame(Buffer.from(bytes))));
        await Promise.resolve();
      },
    ),
    'messages with something odd in them are read, or are refused': fc.asyncProperty(
      listsOf(messages),
      tail,
      async (list, bytes) => {
        reads(() => readMessages(new Frame(Buffer.from(frameOf(list, bytes)))));
        await Promise.resolve();
      },
    ),
    'values with something odd in them are read, or are refused': fc.asyncProperty(
      listsOf(rows),
      tail,
      async (list, bytes) => {
        reads(() => readValue(frameOf([['value', [1]], ...list], bytes), most));
        assert.equal(({} as { polluted?: unknown }).polluted, undefined);
        await Promise.resolve();
      },
    ),
    'a value that was written is read as it was': fc.asyncProperty(plainValues, async (value) => {
      const wanted: unknown = structuredClone(value);
      assert.deepEqual(readValue(writeValue(value, most), most), wanted);
      await Promise.resolve();
    }),
  },
};
