/** node:path, by the rules of POSIX: a worker has no file system, and the same paths everywhere. `path.win32` is not offered. */

import path from 'path-browserify';

const posix: Record<string, unknown> = { ...path, toNamespacedPath: (value: unknown) => value };
delete posix['win32'];
posix['posix'] = posix;

export default posix;
