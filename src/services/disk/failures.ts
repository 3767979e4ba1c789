/** What an error of the file system is to who asked. Runs in a thread. */

import { FileNotFound, UnacceptableFile } from './directory.ts';

const reading: Readonly<Record<string, number>> = Object.freeze({
  EACCES: 403,
  ELOOP: 404,
  EMFILE: 503,
  ENAMETOOLONG: 404,
  ENFILE: 503,
  ENOENT: 404,
  ENOTDIR: 404,
  ENXIO: 406,
  EPERM: 403,
});

/** A file is in the way where a directory should be, or the other way round. */
const writing: Readonly<Record<string, number>> = Object.freeze({
  ...reading,
  EDQUOT: 507,
  EEXIST: 409,
  EISDIR: 409,
  ENOSPC: 507,
  ENOTDIR: 409,
  ENOTEMPTY: 409,
  EROFS: 403,
});

/** The status of a response; undefined for an error that is none of the request's. */
export function statusOfFailure(error: unknown, isWrite: boolean): number | undefined {
  if (error instanceof FileNotFound) return 404;
  if (error instanceof UnacceptableFile) return 406;
  return (isWrite ? writing : reading)[codeOf(error)];
}

/** Names no path. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'it failed';
}
