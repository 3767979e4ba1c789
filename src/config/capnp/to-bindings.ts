/** Bindings of a capnp file in dialect 1. Runs in the supervisor. */
import { taggedBindings } from '../binding-schema.ts';
import { laterBindingKinds } from '../later.ts';
import { plain, record } from '../traced.ts';
import type { Traced } from '../traced.ts';
import type { Translator } from './translator.ts';
import type { Value } from './values.ts';

/** `{ NAME: binding }` from a list of bindings. */
export function convertBindings(bindings: Value | undefined, translator: Translator): Traced | undefined {
  if (bindings === undefined) return undefined;
  if (bindings.kind !== 'list') return translator.wrong(bindings);
  const members = new Map<string, Traced>();
  const first = new Map<string, Value>();
  for (const binding of translator.list(bindings)) {
    const { name } = translator.fields(binding);
    const key = translator.string(name);
    if (binding.kind !== 'struct') continue;
    const earlier = key === undefined ? undefined : first.get(key);
    if (key === undefined) {
      if (name?.kind !== 'wrong') translator.refuse(binding, 'a binding ( name, … )', 'one without a name');
    } else if (earlier !== undefined) {
      translator.duplicate(name ?? binding, 'binding', key, earlier);
    } else {
      first.set(key, binding);
      members.set(key, convertBinding(binding, translator));
    }
  }
  return record(members, translator.origin(bindings));
}

type Convert = (value: Value, translator: Translator) => Traced;

const converters: Readonly<Record<string, Convert>> = {
  text: (value, translator) => translator.text(value) ?? translator.wrong(value),
  data: (value, translator) => tagged('data', translator.bytes(value), value, translator),
  json: (value, translator) => tagged('json', translator.json(value), value, translator),
  fromEnvironment: (value, translator) =>
    tagged('fromEnvironment', translator.text(value), value, translator),
  service: (value, translator) => translator.fullDesignator(value) ?? translator.wrong(value),
  wasmModule: (value, translator) => tagged('wasmModule', convertWasm(value, translator), value, translator),
  cryptoKey: (value, translator) => tagged('cryptoKey', convertKey(value, translator), value, translator),
  memoryCache: (value, translator) =>
    tagged('memoryCache', convertCache(value, translator), value, translator),
  wrapped: (value, translator) => tagged('wrapped', convertWrapped(value, translator), value, translator),
  workerLoader: (value, translator) => {
    const { id } = translator.fields(value);
    return tagged(
      'workerLoader',
      record([['id', translator.text(id)]], translator.origin(value)),
      value,
      translator,
    );
  },
  parameter: (value, translator) =>
    tagged('parameter', convertParameter(value, translator), value, translator),
};

function convertBinding(binding: Value, translator: Translator): Traced {
  const fields = translator.fields(binding);
  const kind = Object.keys(fields).find((field) => field !== 'name');
  const value = kind === undefined ? undefined : fields[kind];
  if (kind === undefined || kind === 'unspecified' || value === undefined) {
    return translator.refuse(binding, 'a binding of some kind, such as ( name, text )', 'one without a kind');
  }
  if (value.kind === 'wrong') return translator.wrong(value);
  // Dialect 1 takes an object with a key that it does not know for JSON.
  const isKnown = Object.hasOwn(taggedBindings, kind) || laterBindingKinds.has(kind);
  const convert = isKnown ? converters[kind] : undefined;
  return convert === undefined
    ? (translator.later(value, `the binding kind "${kind}"`) ?? translator.wrong(value))
    : convert(value, translator);
}

function tagged(tag: string, content: Traced | undefined, value: Value, translator: Translator): Traced {
  return record([[tag, content]], translator.origin(value));
}

function convertWasm(value: Value, translator: Translator): Traced | undefined {
  if (value.kind === 'embed') return translator.binarySource(value);
  return record([['base64', translator.bytes(value)]], translator.origin(value));
}

function convertKey(key: Value, translator: Translator): Traced {
  const { raw, hex, base64, pkcs8, spki, jwk, algorithm, extractable, usages } = translator.fields(key);
  const { name, json } = translator.fields(algorithm);
  return record(
    [
      ['raw', translator.bytes(raw)],
      ['hex', translator.text(hex)],
      ['base64', translator.text(base64)],
      ['pkcs8', translator.text(pkcs8)],
      ['spki', translator.text(spki)],
      ['jwk', translator.json(jwk)],
      ['algorithm', translator.text(name) ?? translator.json(json)],
      ['extractable', translator.flag(extractable)],
      ['usages', usages && words(usages, translator)],
    ],
    translator.origin(key),
  );
}

function words(value: Value, translator: Translator): Traced {
  const items = translator.list(value).map((item) => translator.word(item) ?? translator.wrong(item));
  return { kind: 'list', items, origin: translator.origin(value) };
}

function convertCache(cache: Value, translator: Translator): Traced {
  const { id, limits } = translator.fields(cache);
  const { maxKeys, maxValueSize, maxTotalValueSize } = translator.fields(limits);
  const members: [string, Traced | undefined][] = [
    ['maxKeys', translator.number(maxKeys)],
    ['maxValueSize', translator.number(maxValueSize)],
    ['maxTotalValueSize', translator.number(maxTotalValueSize)],
  ];
  return record(
    [
      ['id', translator.text(id)],
      ['limits', limits && record(members, translator.origin(limits))],
    ],
    translator.origin(cache),
  );
}

function convertWrapped(wrapped: Value, translator: Translator): Traced {
  const { moduleName, entrypoint, innerBindings } = translator.fields(wrapped);
  return record(
    [
      ['moduleName', translator.text(moduleName)],
      ['entrypoint', translator.text(entrypoint)],
      ['innerBindings', convertBindings(innerBindings, translator)],
    ],
    translator.origin(wrapped),
  );
}

function convertParameter(parameter: Value, translator: Translator): Traced {
  const { type, optional } = translator.fields(parameter);
  const [kind] = Object.entries(translator.fields(type));
  const origin = translator.origin(parameter);
  return record(
    [
      ['type', kind && plain(kind[0], translator.origin(kind[1]))],
      ['optional', translator.flag(optional)],
    ],
    origin,
  );
}
