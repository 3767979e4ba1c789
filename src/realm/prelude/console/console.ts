/**
 * console of the realm: text is made in here, and the host gets lines for the log. https://console.spec.whatwg.org/
 */

import { stackOf } from '../errors/describe.ts';
import { guarded } from '../host.ts';
import { defineValue } from '../lazy.ts';
import {
  ErrorCaptureStackTrace,
  ObjectCreate,
  ReflectDefineProperty,
  ReflectOwnKeys,
  StringPrototypeIncludes,
  StringPrototypeRepeat,
  StringPrototypeSlice,
  SymbolToStringTag,
} from '../primordials.ts';
import { isObject, toDOMString, toSequence } from '../webidl.ts';
import { formatArguments } from './format.ts';
import { increment, readTime, resetCount, startTime, stopTime } from './timing.ts';

const realm = guarded($host.realm);

const DEBUG = 20;
const INFO = 30;
const WARN = 40;
const ERROR = 50;

const MAX_TEXT = 64 * 1024;
const MAX_GROUPS = 100;
let groups = 0;

/** Hands one record to the log. */
function write(level: number, text: string): void {
  let record = text;
  if (groups > 0) {
    const indent = StringPrototypeRepeat('  ', groups);
    record =
      indent +
      (StringPrototypeIncludes(text, '\n') ? require('./inspect.ts').indentLines(text, 2 * groups) : text);
  }
  if (record.length > MAX_TEXT) {
    record = `${StringPrototypeSlice(record, 0, MAX_TEXT)}... ${record.length - MAX_TEXT} more characters`;
  }
  realm.log(level, record);
}

/** Formats and writes. Never throws: near stack overflow there is a record that says so, if anything. */
function print(level: number, data: readonly unknown[]): void {
  try {
    write(level, formatArguments(data));
  } catch {
    try {
      realm.log(level, '[a message that could not be formatted]');
    } catch {
      // There is no room left to say anything.
    }
  }
}

function labelOf(label: unknown): string {
  return label === undefined ? 'default' : toDOMString(label);
}

function withFirst(first: unknown, data: readonly unknown[]): unknown[] {
  const all = [first];
  for (let i = 0; i < data.length; i++) all[i + 1] = data[i];
  return all;
}

/** In the order of the standard, then what only others have. */
const methods = {
  assert(condition: unknown = false, ...data: unknown[]): void {
    if (condition) return;
    const first = data[0];
    if (typeof first !== 'string') print(ERROR, withFirst('Assertion failed', data));
    else {
      data[0] = `Assertion failed: ${first}`;
      print(ERROR, data);
    }
  },

  clear(): void {
    // A log has no screen.
  },

  debug(...data: unknown[]): void {
    print(DEBUG, data);
  },

  error(...data: unknown[]): void {
    print(ERROR, data);
  },

  info(...data: unknown[]): void {
    print(INFO, data);
  },

  log(...data: unknown[]): void {
    print(INFO, data);
  },

  table(data: unknown = undefined, properties: unknown = undefined): void {
    const only =
      properties === undefined ? undefined : toTexts(toSequence(properties, 'console.table: properties'));
    const text = isObject(data) ? tableOf(data, only) : undefined;
    if (text === undefined) print(INFO, [data]);
    else print(INFO, ['%s', text]);
  },

  trace(...data: unknown[]): void {
    print(INFO, ['%s', traceText(data)]);
  },

  warn(...data: unknown[]): void {
    print(WARN, data);
  },

  dir(item: unknown = undefined, options: unknown = undefined): void {
    print(INFO, ['%s', inspectWith(item, options)]);
  },

  dirxml(...data: unknown[]): void {
    print(INFO, data);
  },

  count(label: unknown = undefined): void {
    const name = labelOf(label);
    print(INFO, ['%s', `${name}: ${increment(name)}`]);
  },

  countReset(label: unknown = undefined): void {
    const name = labelOf(label);
    if (!resetCount(name)) print(WARN, ['%s', `Count for '${name}' does not exist`]);
  },

  group(...data: unknown[]): void {
    if (data.length > 0) print(INFO, data);
    if (groups < MAX_GROUPS) groups++;
  },

  groupCollapsed(...data: unknown[]): void {
    if (data.length > 0) print(INFO, data);
    if (groups < MAX_GROUPS) groups++;
  },

  groupEnd(): void {
    if (groups > 0) groups--;
  },

  time(label: unknown = undefined): void {
    const name = labelOf(label);
    if (!startTime(name)) print(WARN, ['%s', `Label '${name}' already exists for console.time()`]);
  },

  timeLog(label: unknown = undefined, ...data: unknown[]): void {
    printTime(labelOf(label), 'timeLog', data);
  },

  timeEnd(label: unknown = undefined): void {
    const name = labelOf(label);
    printTime(name, 'timeEnd', []);
    stopTime(name);
  },

  timeStamp(): void {
    // For profilers, of which there are none here; likewise the next two.
  },

  profile(): void {},

  profileEnd(): void {},
};

function printTime(label: string, method: string, data: readonly unknown[]): void {
  const time = readTime(label);
  if (time === undefined) print(WARN, ['%s', `No such label '${label}' for console.${method}()`]);
  else print(INFO, withFirst('%s', withFirst(`${label}: ${time}`, data)));
}

function toTexts(values: readonly unknown[]): string[] {
  const texts: string[] = [];
  for (let i = 0; i < values.length; i++) texts[i] = toDOMString(values[i]);
  return texts;
}

function tableOf(data: object, only: readonly string[] | undefined): string | undefined {
  try {
    return require('./table.ts').formatTable(data, only);
  } catch {
    return undefined;
  }
}

function inspectWith(item: unknown, options: unknown): string {
  const { inspect } = require('./inspect.ts');
  if (!isObject(options)) return inspect(item);
  const { depth, showHidden } = options as { depth?: unknown; showHidden?: unknown };
  const levels = depth === null ? Infinity : typeof depth === 'number' ? depth : 2;
  return inspect(item, { depth: levels, showHidden: !!showHidden });
}

/** `Trace: message` and the frames of the caller. */
function traceText(data: readonly unknown[]): string {
  const message = formatArguments(data);
  const holder = { name: 'Trace', message };
  ErrorCaptureStackTrace(holder, methods.trace);
  return stackOf(holder) ?? `Trace: ${message}`;
}

/** The namespace object. Its prototype is an empty object, as Web IDL asks of `console`. */
export const console = ObjectCreate({}) as Record<string, unknown>;

defineMethods();

function defineMethods(): void {
  const names = ReflectOwnKeys(methods) as (keyof typeof methods)[];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as keyof typeof methods;
    defineValue(console, name, methods[name], true);
  }
  ReflectDefineProperty(console, SymbolToStringTag, {
    __proto__: null,
    value: 'console',
    writable: false,
    enumerable: false,
    configurable: true,
  } as PropertyDescriptor);
}
