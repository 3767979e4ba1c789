/** From the URL of a request to the path of a file, and back. Pure; used in threads. */

export interface UrlParts {
  /** Without the port. */
  readonly host: string;
  /** As in the URL. */
  readonly path: string;
  /** With its question mark; '' where there is none. */
  readonly query: string;
}

/** Of an absolute, serialized URL. */
export function partsOf(url: string): UrlParts {
  const from = url.indexOf('://') + 3;
  const slash = url.indexOf('/', from);
  const end = url.indexOf('#', from);
  const whole = end === -1 ? url : url.slice(0, end);
  const question = whole.indexOf('?', from);
  const authority = whole.slice(from, slash === -1 ? undefined : slash);
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/u, '');
  if (slash === -1) return { host, path: '/', query: '' };
  if (question === -1) return { host, path: whole.slice(slash), query: '' };
  return { host, path: whole.slice(slash, question), query: whole.slice(question) };
}

/**
 * A path as files have it, without empty names; undefined for one that no file can have: with a name that is no UTF-8, that leads elsewhere, or
 * that holds what would be taken for a separator by somebody. Names are decoded once.
 */
export function decodePath(path: string): string | undefined {
  const names: string[] = [];
  for (const part of path.split('/')) {
    const name = part.includes('%') ? decode(part) : part;
    if (name === undefined || name === '.' || name === '..' || /[/\\\0-\x1f\x7f]/u.test(name))
      return undefined;
    if (name !== '') names.push(name);
  }
  const end = path.endsWith('/') && names.length > 0 ? '/' : '';
  return `/${names.join('/')}${end}`;
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** The one path of a URL at which a file is served: it begins with one slash, and has no empty names. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
