/** What happens to requests and responses where they come in: the part of dialect 1, and what it comes to. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { fieldValue, isFraming, token } from './header-syntax.ts';
import { entry } from './manual.ts';
import type { Read } from './sourced.ts';
import type { HttpOptions, InjectedHeader } from './types.ts';

const headerName = entry(
  z.string().refine((name) => token.test(name) && !isFraming(name.toLowerCase())),
  {
    description: 'Name of a header, in any case.',
    expected: 'the name of a header that is not about the connection',
  },
);

const headers = z.record(
  headerName,
  entry(z.union([z.null(), z.string().regex(fieldValue)]), {
    description: 'The value; `null` takes the header away.',
    expected: 'the value of a header, or null',
  }),
);

/** The fields, for objects that have them among others. */
export const httpShape = {
  style: entry(z.enum(['host', 'proxy']).optional(), {
    description:
      'How the first line of a request names what it wants: `"host"`, as clients ask a server, by its path; `"proxy"`, as they ask a forward proxy, by a whole URL.',
    expected: '"host" or "proxy"',
    default: '`"host"`',
  }),
  forwardedProtoHeader: entry(headerName.optional(), {
    description:
      'A header in which a proxy in front says whether the client spoke `http` or `https`: the URL of the request says the same, and the header goes no further. Set it only where a proxy sets it always, or clients will. The last value counts, and anything but the two words is refused with 400. Ignored with the style `"proxy"`.',
    expected: 'the name of a header, such as "X-Forwarded-Proto"',
    default: 'none',
  }),
  cfBlobHeader: entry(headerName.optional(), {
    description:
      '`request.cf` is read, as JSON, from this header, which goes no further. Set it only where a proxy sets it always, or clients will. What is no JSON object is refused with 400, and so is a second header.',
    expected: 'the name of a header',
    default: 'none',
  }),
  injectRequestHeaders: entry(headers.optional(), {
    description:
      'Headers that every request is given, in place of those of the same name; `null` takes a header away.',
    expected: 'an object of values, or null, by the name of the header',
    default: '`{}`',
  }),
  injectResponseHeaders: entry(headers.optional(), {
    description: "The same for every response, nanod's own included.",
    expected: 'an object of values, or null, by the name of the header',
    default: '`{}`',
  }),
} as const;

/** `undefined` where everything passes as it is. */
export function readHttpOptions(options: Read<z.ZodObject<typeof httpShape>>): HttpOptions | undefined {
  const { style = 'host', forwardedProtoHeader, cfBlobHeader } = options;
  const read: HttpOptions = {
    style,
    ...(forwardedProtoHeader === undefined
      ? {}
      : { forwardedProtoHeader: forwardedProtoHeader.toLowerCase() }),
    ...(cfBlobHeader === undefined ? {} : { cfBlobHeader: cfBlobHeader.toLowerCase() }),
    injectRequestHeaders: injected(options.injectRequestHeaders),
    injectResponseHeaders: injected(options.injectResponseHeaders),
  };
  const changes =
    style === 'proxy' ||
    forwardedProtoHeader !== undefined ||
    cfBlobHeader !== undefined ||
    read.injectRequestHeaders.length + read.injectResponseHeaders.length > 0;
  return changes ? read : undefined;
}

function injected(
  written: Readonly<Record<string, string | null | undefined>> | undefined,
): InjectedHeader[] {
  const byName = new Map(Object.entries(written ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  return [...byName].flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}
