/** node:querystring: the code of Node.js, as unenv carries it. */

import * as querystring from 'unenv/node/querystring';

const { decode, encode, escape, parse, stringify, unescape, unescapeBuffer } = querystring;

export { decode, encode, escape, parse, stringify, unescape, unescapeBuffer };
export default { decode, encode, escape, parse, stringify, unescape, unescapeBuffer };
