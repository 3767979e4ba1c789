/** node:util */

import comparisons from 'assert/build/internal/util/comparisons.js';
import { aborted, callbackify, debuglog, deprecate, inherits } from './functions.ts';
import { parseEnv, promisify, styleText, toUSVString } from './functions.ts';
import { format, formatWithOptions, inspect, stripVTControlCharacters } from './inspect.ts';
import types from './types.ts';

function extend(target: object, source: unknown): object {
  return typeof source === 'object' && source !== null ? Object.assign(target, source) : target;
}

export default {
  TextDecoder,
  TextEncoder,
  _extend: extend,
  aborted,
  callbackify,
  debug: debuglog,
  debuglog,
  deprecate,
  format,
  formatWithOptions,
  inherits,
  inspect,
  isArray: Array.isArray,
  isDeepStrictEqual: (a: unknown, b: unknown): boolean => comparisons.isDeepStrictEqual(a, b),
  parseEnv,
  promisify,
  stripVTControlCharacters,
  styleText,
  toUSVString,
  types,
};
