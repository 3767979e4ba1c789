/** node:url: the realm's URL, and the older API with the code of Node.js, as unenv carries it. */

import * as legacy from 'unenv/node/url';

const { URL, URLPattern, URLSearchParams } = globalThis;
const { Url, fileURLToPath, format, parse, pathToFileURL, resolve, resolveObject, urlToHttpOptions } = legacy;

/** The ASCII form of a domain, or '' for one that is none. */
function domainToASCII(domain: string): string {
  return URL.parse(`ws://${domain}`)?.hostname ?? '';
}

function domainToUnicode(domain: string): string {
  return legacy.domainToUnicode(domainToASCII(domain));
}

export default {
  URL,
  URLPattern,
  URLSearchParams,
  Url,
  domainToASCII,
  domainToUnicode,
  fileURLToPath,
  format,
  parse,
  pathToFileURL,
  resolve,
  resolveObject,
  urlToHttpOptions,
};
