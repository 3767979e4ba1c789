/** The service kind `external` in dialect 1, in a draft, and in a `Config`. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { quote } from '../../shared/text.ts';
import { defaultClientTls } from '../../shared/tls-options.ts';
import { parseExternalAddress } from '../external-address.ts';
import type { ExternalProtocol } from '../external-address.ts';
import { headerName, headersSchema, readHeaders, resolveHeaders } from '../injected-headers.ts';
import type { DraftHeader } from '../injected-headers.ts';
import { entry } from '../manual.ts';
import { nameText, serviceName } from '../service-name.ts';
import type { DraftName, Read, Sourced, Sourcing } from '../sourced.ts';
import { clientTlsSchema, readClientTls, resolveClientTls } from '../client-tls.ts';
import type { DraftClientTls } from '../client-tls.ts';
import type { PemContext } from '../pem.ts';
import { readRpcClient, resolveRpcClient, rpcClientField } from '../rpc.ts';
import type { DraftRpcClient, RpcContext } from '../rpc.ts';
import type { ExternalService, ExternalTimeouts, HttpStyle } from '../types.ts';

const longestTimeout = 24 * 60 * 60 * 1000;

/** How long the server may take when nothing is said, in milliseconds. */
export const defaultTimeouts: ExternalTimeouts = Object.freeze({
  connectMs: 10_000,
  headersMs: 60_000,
  bodyMs: 60_000,
});

function milliseconds(description: string, value: number): z.ZodOptional<z.ZodInt> {
  return entry(z.int().min(1).max(longestTimeout).optional(), {
    description,
    expected: `a whole number of milliseconds, from 1 to ${longestTimeout}`,
    default: `\`${value}\``,
  });
}

/** How long a server may take. */
export const timeoutsSchema = entry(
  z.strictObject({
    connectMs: milliseconds(
      'Finding the address, the connection and the TLS handshake together.',
      defaultTimeouts.connectMs,
    ),
    headersMs: milliseconds(
      'From the end of the request to the end of the headers of the response.',
      defaultTimeouts.headersMs,
    ),
    bodyMs: milliseconds(
      'Between two pieces of the body of a response that somebody waits for.',
      defaultTimeouts.bodyMs,
    ),
  }),
  {
    description: 'How long the server may take, in milliseconds.',
    expected: 'an object { connectMs?, headersMs?, bodyMs? }',
  },
);

/** A server of its own. */
export const externalSchema = entry(
  z.strictObject({
    name: entry(z.string().regex(serviceName), {
      description: 'Name of the service, unique among all services.',
      expected: `a name: ${nameText}`,
      errors: ['CONFIG_DUPLICATE'],
    }),
    kind: entry(z.literal('external'), { description: 'The kind.', expected: '"external"' }),
    address: entry(z.string().min(1), {
      description:
        'Where the server is: `"http://10.0.0.5:8080"`, `"https://api.example.com"`, `"tcp://db.example.com:5432"`, or without the protocol, which `protocol` then names: `"10.0.0.5:8080"`, `"[::1]:8080"`, `"unix:/run/app.sock"` (a relative path counts from the directory of this file), `"unix-abstract:name"`.',
      expected: 'an address such as "http://10.0.0.5:8080" or "unix:/run/app.sock"',
    }),
    protocol: entry(z.enum(['http', 'https', 'tcp']).optional(), {
      description: 'What is spoken there.',
      expected: '"http", "https" or "tcp"',
      default: 'as the address says, else `"http"`',
    }),
    style: entry(z.enum(['host', 'proxy']).optional(), {
      description:
        'How a request names what it asks for: by a path and the header `Host`, or, as proxies are asked, by the whole URL.',
      expected: '"host" or "proxy"',
      default: '`"host"`',
    }),
    forwardedProtoHeader: headerName({
      description: 'The header that tells the server whether the URL of the request was `http` or `https`.',
      default: 'none',
    }).optional(),
    cfBlobHeader: headerName({
      description: 'The header that carries `request.cf`, as JSON.',
      default: 'none: it is not sent',
    }).optional(),
    injectRequestHeaders: entry(headersSchema.optional(), {
      description: 'Headers that every request is given, in place of its own; `null` removes one.',
      expected: 'an object of header names, each with a text or null',
      default: '`{}`',
    }),
    injectResponseHeaders: entry(headersSchema.optional(), {
      description: 'The same for responses.',
      expected: 'an object of header names, each with a text or null',
      default: '`{}`',
    }),
    certificateHost: entry(z.string().min(1).max(253).optional(), {
      description: 'The host name that the certificate of the server has to be for.',
      expected: 'a host name',
      default: 'the host of the address; required for a Unix socket',
    }),
    tls: entry(clientTlsSchema.optional(), {
      description:
        'How TLS is spoken: see [tls](#tls-to-servers). With `tcp`, TLS is spoken where this is given.',
      expected: 'an object { keypair?, trustBrowserCas?, trustedCertificates?, minVersion?, cipherList? }',
      default: "browsers' authorities are trusted",
    }),
    timeouts: entry(timeoutsSchema.optional(), {
      description: 'How long the server may take: see below.',
      expected: 'an object { connectMs?, headersMs?, bodyMs? }',
      default: '`{}`',
    }),
    rpc: rpcClientField,
  }),
  {
    description: 'A server of its own: all requests go there, whatever their URL says.',
    expected: 'a service: { name, kind: "external", address, … }',
  },
);

/** What a dialect says of a server. */
export interface DraftExternal extends DraftName {
  readonly kind: 'external';
  readonly address: Sourced<string> | undefined;
  readonly protocol: Sourced<ExternalProtocol> | undefined;
  readonly style: HttpStyle;
  readonly forwardedProtoHeader: string | undefined;
  readonly cfBlobHeader: string | undefined;
  readonly injectRequestHeaders: readonly DraftHeader[];
  readonly injectResponseHeaders: readonly DraftHeader[];
  readonly certificateHost: Sourced<string> | undefined;
  readonly tls: Sourced<DraftClientTls> | undefined;
  readonly timeouts: ExternalTimeouts;
  readonly rpc: Sourced<DraftRpcClient> | undefined;
}

/** What is said of requests that go out by HTTP, and nothing else. */
const httpOnly = [
  'style',
  'forwardedProtoHeader',
  'cfBlobHeader',
  'injectRequestHeaders',
  'injectResponseHeaders',
] as const;

export function readExternal(service: Read<typeof externalSchema>, at: Sourcing): DraftExternal {
  const { timeouts } = service;
  const rpc = at.sourced(readRpcClient(service.rpc, at.at('rpc')), 'rpc');
  if (rpc !== undefined) refuseHttpOptions(service, at);
  return {
    kind: 'external',
    name: at.sourced(service.name, 'name'),
    address: at.sourced(service.address, 'address'),
    protocol: at.sourced(service.protocol, 'protocol'),
    style: service.style ?? 'host',
    forwardedProtoHeader: service.forwardedProtoHeader?.toLowerCase(),
    cfBlobHeader: service.cfBlobHeader?.toLowerCase(),
    injectRequestHeaders: readHeaders(service.injectRequestHeaders, at.at('injectRequestHeaders')),
    injectResponseHeaders: readHeaders(service.injectResponseHeaders, at.at('injectResponseHeaders')),
    certificateHost: at.sourced(service.certificateHost, 'certificateHost'),
    tls: at.sourced(readClientTls(service.tls, at.at('tls')), 'tls'),
    timeouts: {
      connectMs: timeouts?.connectMs ?? defaultTimeouts.connectMs,
      headersMs: timeouts?.headersMs ?? defaultTimeouts.headersMs,
      bodyMs: timeouts?.bodyMs ?? defaultTimeouts.bodyMs,
    },
    rpc,
  };
}

function refuseHttpOptions(service: Read<typeof externalSchema>, at: Sourcing): void {
  for (const key of httpOnly) {
    if (service[key] === undefined) continue;
    const expected = 'nothing, as requests cross as they are where there is `rpc`';
    const advice = 'for requests that are changed on their way, make a second service without `rpc`';
    at.problems.report('CONFIG_VALUE', { expected, found: 'a value', advice }, [...at.path, key]);
  }
}

/** `undefined` when there is no address; everything that is wrong is reported. */
export async function resolveExternal(
  name: string,
  draft: DraftExternal,
  context: PemContext & RpcContext,
): Promise<ExternalService | undefined> {
  const injectRequestHeaders = resolveHeaders(draft.injectRequestHeaders, context.problems);
  const injectResponseHeaders = resolveHeaders(draft.injectResponseHeaders, context.problems);
  const tls = draft.tls && (await resolveClientTls(draft.tls.value, context));
  const rpc = draft.rpc && resolveRpcClient(draft.rpc.value, context);
  if (draft.address === undefined) return undefined;
  const parsed = parseExternalAddress(draft.address.value, draft.protocol?.value, context.baseDir);
  if ('expected' in parsed) {
    const details = { ...parsed, found: quote(draft.address.value) };
    context.problems.report('CONFIG_VALUE', details, draft.address.place);
    return undefined;
  }
  const { protocol, address } = parsed;
  const isSecure = protocol === 'https' || (protocol === 'tcp' && tls !== undefined);
  if (protocol === 'tcp' && draft.rpc !== undefined) {
    const expected = 'nothing, as the protocol is tcp and not http or https';
    context.problems.report('CONFIG_VALUE', { expected, found: 'a value' }, draft.rpc.place);
  }
  checkTls(draft, { isSecure, isUnix: address.kind !== 'tcp' }, context);
  return {
    kind: 'external',
    name,
    protocol,
    address,
    style: draft.style,
    forwardedProtoHeader: draft.forwardedProtoHeader,
    cfBlobHeader: draft.cfBlobHeader,
    injectRequestHeaders,
    injectResponseHeaders,
    certificateHost: draft.certificateHost?.value,
    tls: isSecure ? (tls ?? defaultClientTls) : undefined,
    timeouts: draft.timeouts,
    rpc,
  };
}

function checkTls(
  { address, tls, certificateHost }: DraftExternal,
  { isSecure, isUnix }: { readonly isSecure: boolean; readonly isUnix: boolean },
  { problems }: PemContext,
): void {
  if (!isSecure) {
    const advice = 'use the protocol https, or tcp with `tls`';
    for (const useless of [tls, certificateHost]) {
      if (useless === undefined) continue;
      const details = { expected: 'nothing, as no TLS is spoken to this server', found: 'a value', advice };
      problems.report('CONFIG_VALUE', details, useless.place);
    }
  } else if (isUnix && certificateHost === undefined && address !== undefined) {
    const expected = 'an address with a host name, or `certificateHost` with the name of the certificate';
    problems.report('CONFIG_VALUE', { expected, found: quote(address.value) }, address.place);
  }
}
