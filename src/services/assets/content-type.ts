/** The type of a file, by the ending of its name. Runs in a thread. */

import mime from 'mime';

/** What nobody can guess at: browsers save it. */
const unknownType = 'application/octet-stream';

/** With a charset for text. */
export function contentTypeOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  // A name without a dot is no ending of itself.
  const type = (name.includes('.') ? mime.getType(name) : null) ?? unknownType;
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type;
}
