/** console's format specifiers, as Node understands them. https://console.spec.whatwg.org/#formatter */

import {
  BigIntPrototypeToString,
  JSONStringify,
  NumberCtor,
  NumberParseFloat,
  NumberParseInt,
  StringCtor,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  SymbolPrototypeToString,
} from '../primordials.ts';
import { isObject } from '../webidl.ts';

const PERCENT = 37;

/** One text for the arguments of a console method. Never throws. */
export function formatArguments(values: readonly unknown[]): string {
  const first = values[0];
  let text = '';
  let next = 0;
  if (typeof first === 'string') {
    text = first;
    next = 1;
    if (values.length > 1 && StringPrototypeIndexOf(first, '%') >= 0) {
      const formatted = formatSpecifiers(first, values);
      text = formatted.text;
      next = formatted.next;
    }
  }
  for (let i = next; i < values.length; i++)
    text += i === 0 ? formatOne(values[i]) : ` ${formatOne(values[i])}`;
  return text;
}

/** An argument outside of specifiers: strings as they are. */
function formatOne(value: unknown): string {
  if (typeof value === 'string') return value;
  return isObject(value) ? require('./inspect.ts').inspect(value) : formatPlainPrimitive(value);
}

function formatPlainPrimitive(value: unknown): string {
  if (typeof value === 'bigint') return `${BigIntPrototypeToString(value)}n`;
  if (typeof value === 'symbol') return SymbolPrototypeToString(value);
  return typeof value === 'number' && value === 0 && 1 / value < 0 ? '-0' : StringCtor(value);
}

/** Replaces the specifiers; `next` is the index of the first argument that none has taken. */
function formatSpecifiers(format: string, values: readonly unknown[]): { text: string; next: number } {
  let text = '';
  let from = 0;
  let next = 1;
  for (let i = 0; i < format.length - 1; i++) {
    if (StringPrototypeCharCodeAt(format, i) !== PERCENT) continue;
    const specifier = format[i + 1] as string;
    let replacement: string | undefined;
    if (specifier === '%') replacement = '%';
    else if (next < values.length) replacement = formatSpecifier(specifier, values[next]);
    if (replacement === undefined) continue;
    if (specifier !== '%') next++;
    text += StringPrototypeSlice(format, from, i) + replacement;
    from = i + 2;
    i++;
  }
  return { text: text + StringPrototypeSlice(format, from), next };
}

/** undefined for what is no specifier. */
function formatSpecifier(specifier: string, value: unknown): string | undefined {
  switch (specifier) {
    case 's':
      return asString(value);
    case 'd':
      return asNumber(value);
    case 'i':
      return asParsed(value, (text) => NumberParseInt(text, 10));
    case 'f':
      return typeof value === 'symbol' ? 'NaN' : asParsed(value, NumberParseFloat);
    case 'j':
      return asJson(value);
    case 'o':
      return require('./inspect.ts').inspect(value, { showHidden: true, depth: 4 });
    case 'O':
      return require('./inspect.ts').inspect(value);
    case 'c':
      return '';
    default:
      return undefined;
  }
}

function asString(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!isObject(value)) return formatPlainPrimitive(value);
  return require('./inspect.ts').ownText(value) ?? require('./inspect.ts').inspect(value, { depth: 0 });
}

function asNumber(value: unknown): string {
  if (typeof value === 'bigint') return `${BigIntPrototypeToString(value)}n`;
  return typeof value === 'symbol' || isObject(value) ? 'NaN' : formatPlainPrimitive(NumberCtor(value));
}

function asParsed(value: unknown, parse: (text: string) => number): string {
  if (typeof value === 'bigint') return `${BigIntPrototypeToString(value)}n`;
  return typeof value === 'symbol' || isObject(value)
    ? 'NaN'
    : formatPlainPrimitive(parse(StringCtor(value)));
}

function asJson(value: unknown): string {
  try {
    return JSONStringify(value) ?? 'undefined';
  } catch {
    return '[Circular]';
  }
}
