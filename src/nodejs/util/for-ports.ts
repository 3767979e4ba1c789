/** node:util as far as the ports need it; the rest of it needs the ports. */

export { format, inspect } from './inspect.ts';
export { default as types } from './types.ts';
