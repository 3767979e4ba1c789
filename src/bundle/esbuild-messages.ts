/** esbuild's messages as errors of the table: what it found in whose file, in nanod's words where the worker's author needs others. */

import { isBuiltin } from 'node:module';
import type { Location, Message } from 'esbuild';
import { describePlace, makeError } from '../shared/errors.ts';
import type { ErrorPlace, NanodError } from '../shared/errors.ts';
import { availableExports, builtinModules } from './builtin-modules.ts';
import { isNodeSpecifier, nodeModuleNames } from './node-modules.ts';
import type { SourceFiles, SourcePosition } from './source-files.ts';
import { nearest } from '../shared/suggest.ts';
import { quote } from '../shared/text.ts';
import { builtinOfSource } from './virtual-modules.ts';
import type { UnplacedError } from './virtual-modules.ts';
import { extensionNamespace, facadeNamespace, wrapperNamespace } from './virtual-sources.ts';

/** Whose messages they are. */
export interface MessageContext {
  readonly worker: string;
  /** The worker may import modules of Node.js. */
  readonly nodejs: boolean;
  readonly files: SourceFiles;
  /** The names of the worker's modules, where it consists of those. */
  readonly modules: readonly string[];
}

/** An error of a build. */
export function toError(message: Message, context: MessageContext): NanodError {
  const place = placeOf(message.location, context);
  const own: unknown = message.detail;
  if (typeof own === 'function') return (own as UnplacedError)(place);
  for (const [pattern, translate] of translations) {
    const found = pattern.exec(message.text);
    if (found !== null) return translate({ found: found.slice(1), message, place, context });
  }
  const advice = notes(message, context);
  return makeError('WORKER_SYNTAX', { worker: context.worker, reason: message.text, advice }, place);
}

/** A warning that is an error here: using an export that a built-in module does not have. */
export function asError(warning: Message, context: MessageContext): NanodError | undefined {
  const [, name = '', source = ''] = undefinedImport.exec(warning.text) ?? [];
  const module = builtinOfSource(source);
  // Packages ask Node.js for what it may or may not have, by namespace: there it is undefined as well.
  return module === undefined || isNodeSpecifier(module)
    ? undefined
    : builtinExportError(context.worker, module, name, placeOf(warning.location, context));
}

const undefinedImport =
  /^Import "(.*)" will always be undefined because there is no matching export in "(.*)"$/u;

/** `src/api.ts:3:7: text` */
export function describeWarning(warning: Message, context: MessageContext): string {
  const where = describePlace(placeOf(warning.location, context));
  return where === undefined ? warning.text : `${where}: ${warning.text}`;
}

interface Translation {
  /** The groups of the pattern. */
  readonly found: readonly string[];
  readonly message: Message;
  readonly place: ErrorPlace;
  readonly context: MessageContext;
}

/** By the text of esbuild's message; its messages have no codes. */
const translations: readonly (readonly [RegExp, (translation: Translation) => NanodError])[] = [
  [/^Could not resolve "(.*)"$/u, unresolved],
  [/^No matching export in "(.*)" for import "(.*)"$/u, missingExport],
  [
    /^Multiple exports with the same name "(.*)"$/u,
    ({ found: [name = ''], place, context: { worker } }) =>
      makeError('WORKER_EXPORT_DUPLICATE', { worker, name }, place),
  ],
  [
    /^No loader is configured for "[^"]*" files: (.*)$/u,
    ({ found: [file = ''], place, context }) =>
      makeError('WORKER_FILE_TYPE', { worker: context.worker, file: nameOf(file, context) }, place),
  ],
  [
    /^(?:Cannot|Could not) read (?:from )?(?:file|directory):? "?([^"]*)"?:? ?(.*)$/u,
    ({ found: [file = '', reason = ''], place, context }) =>
      makeError(
        'WORKER_FILE_UNREADABLE',
        {
          worker: context.worker,
          file: nameOf(file, context),
          reason: reason === '' ? 'reading failed' : reason,
        },
        place,
      ),
  ],
];

function nameOf(file: string, context: MessageContext): string {
  return context.files.name(context.files.locate(file));
}

function unresolved({ found: [module = ''], message, place, context }: Translation): NanodError {
  const { worker, nodejs: flag } = context;
  if (isBuiltin(module)) {
    return makeError('WORKER_NODE_MODULE', { worker, module, offered: nodeModuleNames, flag }, place);
  }
  return makeError(
    'WORKER_IMPORT',
    { worker, module, advice: notes(message, context) ?? importAdvice(module, message, context) },
    place,
  );
}

function importAdvice(
  module: string,
  { location }: Message,
  { modules }: MessageContext,
): string | undefined {
  if (location !== null && isIn(extensionNamespace, location)) {
    return 'a module of an extension imports others of extensions, and built-in modules, by their whole names';
  }
  if (modules.length > 0) return modulesAdvice(module, modules);
  if (module.startsWith('.') || module.startsWith('/')) return undefined;
  const name = module.split('/', module.startsWith('@') ? 2 : 1).join('/');
  return `install it where the worker's files are: npm install ${name}`;
}

/** Names are often right but for the directory that they count from. */
function modulesAdvice(module: string, modules: readonly string[]): string {
  const last = module.split('/').at(-1);
  const meant = modules.find((name) => name.split('/').at(-1) === last) ?? nearest(module, modules);
  const names = modules.length > 12 ? [...modules.slice(0, 12), '…'] : modules;
  const suggestion = meant === undefined ? '' : `; there is ${quote(meant)}`;
  return `names count from the directory of the module that imports, and the modules are ${names.join(', ')}${suggestion}`;
}

function missingExport({ found: [source = '', name = ''], place, context }: Translation): NanodError {
  const { worker } = context;
  const builtin = builtinOfSource(source);
  if (builtin !== undefined) return builtinExportError(worker, builtin, name, place);
  return makeError('WORKER_EXPORT_MISSING', { worker, module: nameOf(source, context), name }, place);
}

function builtinExportError(worker: string, module: string, name: string, place: ErrorPlace): NanodError {
  const planned = builtinModules.get(module)?.some((each) => each.name === name) ?? false;
  return makeError(
    'WORKER_BUILTIN_EXPORT',
    { worker, module, name, planned, known: availableExports(module) },
    place,
  );
}

/** What esbuild adds to a message, without its advice about its own options, which nobody can set here. */
function notes(message: Message, context: MessageContext): string | undefined {
  const texts = message.notes
    .filter(({ text }) => !/ as external | "--|plugin/u.test(text))
    .map(({ text, location }) => {
      const where = describePlace(placeOf(location, context));
      return where === undefined ? text : `${text} ${where}`;
    });
  return texts.length === 0 ? undefined : texts.join('\n');
}

function placeOf(location: Location | null, context: MessageContext): ErrorPlace {
  if (location === null || isIn(wrapperNamespace, location)) return {};
  // What stands there is not the worker's text.
  if (isIn(facadeNamespace, location)) return { file: nameOf(location.file, context) };
  return context.files.place(positionOf(location, context.files));
}

function isIn(namespace: string, { file }: Location): boolean {
  return file.startsWith(`${namespace}:`);
}

function positionOf({ file, line, column, lineText }: Location, files: SourceFiles): SourcePosition {
  // esbuild counts bytes of UTF-8, everything else UTF-16 units.
  const before = new TextDecoder().decode(new TextEncoder().encode(lineText).subarray(0, column));
  return { file: files.locate(file), line, column: before.length + 1, content: files.content(file) };
}
