/** Headers of a request, from the one string in which they cross. Pure; used in threads. */

/** By name; those of one name are one list. */
export function parseHeaders(raw: string): ReadonlyMap<string, string> {
  const parts = raw.split('\n');
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [name = '', value = ''] = [parts[i], parts[i + 1]];
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}
