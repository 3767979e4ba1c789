/** The type of a file, by the ending of its name. Runs in a thread. */

import type { Mime } from 'mime';

/** What nobody can guess at: browsers save it. */
const unknownType = 'application/octet-stream';

/** Loaded with the first file: the table takes 30 ms and a megabyte, and many threads have no site. */
let table: Promise<Mime> | undefined;

/** With a charset for text. */
export async function contentTypeOf(path: string): Promise<string> {
  const mime = await (table ??= loadTable());
  const name = path.slice(path.lastIndexOf('/') + 1);
  // A name without a dot is no ending of itself.
  const type = (name.includes('.') ? mime.getType(name) : null) ?? unknownType;
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type;
}

/** What failed is tried again with the next file. */
async function loadTable(): Promise<Mime> {
  try {
    return (await import('mime')).default;
  } catch (error) {
    table = undefined;
    throw error;
  }
}
