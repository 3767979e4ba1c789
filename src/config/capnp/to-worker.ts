/** Workers of a capnp file in dialect 1. Runs in the supervisor. */
import { list, plain, record } from '../traced.ts';
import type { Traced } from '../traced.ts';
import { convertBindings } from './to-bindings.ts';
import type { Translator } from './translator.ts';
import type { Value } from './values.ts';

export function convertWorker(
  name: Traced | undefined,
  worker: Value | undefined,
  service: Value,
  translator: Translator,
): Traced {
  const fields = translator.fields(worker);
  if (worker?.kind !== 'struct') return translator.wrong(worker ?? service);
  const { modules } = fields;
  const later = (field: string): [string, Traced | undefined] => [field, translator.any(worker, field)];
  translator.later(fields['durableObjectUniqueKeyModifier'], 'the field "durableObjectUniqueKeyModifier"');
  translator.later(fields['accessBlobHeader'], 'the field "accessBlobHeader"');
  translator.later(fields['accessBindingService'], 'the field "accessBindingService"');
  translator.later(
    translator.fields(fields['containerEngine'])['localDocker'],
    'the field "containerEngine"',
  );
  return record(
    [
      ['name', name],
      [
        'modules',
        modules &&
          list(
            translator.list(modules).map((module) => convertModule(module, translator)),
            translator.origin(modules),
          ),
      ],
      ['serviceWorkerScript', translator.source(fields['serviceWorkerScript'])],
      ['inherit', translator.text(fields['inherit'])],
      ['compatibilityDate', translator.text(fields['compatibilityDate'])],
      ['compatibilityFlags', translator.texts(fields['compatibilityFlags'])],
      ['bindings', convertBindings(fields['bindings'], translator)],
      ['globalOutbound', translator.designator(fields['globalOutbound'])],
      ['cacheApiOutbound', translator.designator(fields['cacheApiOutbound'])],
      later('durableObjectNamespaces'),
      ['durableObjectStorage', convertStorage(fields['durableObjectStorage'], translator)],
      later('moduleFallback'),
      later('tails'),
      later('streamingTails'),
    ],
    translator.origin(worker),
  );
}

/** Where Durable Objects keep what they store; nothing where there is no storage. */
function convertStorage(storage: Value | undefined, translator: Translator): Traced | undefined {
  const { inMemory, localDisk } = translator.fields(storage);
  const set = inMemory ?? localDisk;
  return set && plain(true, translator.origin(set));
}

const texts: Readonly<Record<string, string>> = {
  esModule: 'esModule',
  commonJsModule: 'commonJs',
  text: 'text',
};
const binaries = ['data', 'wasm'] as const;

function convertModule(module: Value, translator: Translator): Traced {
  const fields = translator.fields(module);
  if (module.kind !== 'struct') return translator.wrong(module);
  const members: [string, Traced | undefined][] = [['name', translator.text(fields['name'])]];
  for (const [field, key] of Object.entries(texts)) members.push([key, translator.source(fields[field])]);
  for (const field of binaries) members.push([field, translator.binarySource(fields[field])]);
  const { json } = fields;
  members.push(['json', json?.kind === 'embed' ? translator.source(json) : translator.json(json)]);
  members.push(['namedExports', translator.texts(fields['namedExports'])]);
  for (const field of ['obsolete', 'pythonModule', 'obsoletePythonRequirement']) {
    translator.later(fields[field], `a module of the kind "${field}"`);
  }
  return record(members, translator.origin(module));
}
