/**
 * Method calls between two nanods: what the socket of the one offers, and how a service of the other calls. The part of dialect 1, and what
 * it comes to. Runs in the supervisor and in scripts.
 */
import { z } from 'zod';
import { nearest } from '../shared/suggest.ts';
import { entry } from './manual.ts';
import type { Choice } from './manual.ts';
import { isRecord } from './plain-copy.ts';
import type { ConfigPowers } from './powers.ts';
import type { Problems } from './problems.ts';
import type { Read, Sourced, Sourcing } from './sourced.ts';
import type { RpcClient, RpcLimits, RpcServer } from './rpc-types.ts';
import { identifier, identifierText } from './values.ts';

const defaultPath = '/.well-known/nanod-rpc';

/** What a connection may carry when nothing is said. */
const defaultRpcLimits: RpcLimits = Object.freeze({
  messageBytes: 16 * 1024 * 1024,
  calls: 10_000,
  capabilities: 10_000,
});

/** https://www.rfc-editor.org/rfc/rfc6750#section-2.1, which every HTTP proxy lets pass; fewer characters could be guessed. */
const tokenForm = /^[\w.~+/-]{16,512}=*$/u;
const tokenText = '16 to 512 letters, digits and -._~+/';

const tokenString = entry(z.string().regex(tokenForm), {
  description: 'The token itself.',
  expected: tokenText,
  isSecret: true,
});

const tokenVariable = entry(
  z.strictObject({
    fromEnvironment: entry(z.string().min(1), {
      description: 'Name of the variable.',
      expected: 'the name of an environment variable',
      errors: ['CONFIG_ENVIRONMENT'],
    }),
  }),
  { description: 'The environment variable that has it.', expected: 'an object { fromEnvironment }' },
);

const tokenSchema = z.union([tokenString, tokenVariable]);
const tokenEntry = {
  expected: `a token of ${tokenText}, or { fromEnvironment: "NAME" }`,
  isSecret: true,
  choose: (value: unknown): Choice =>
    typeof value === 'string' ? tokenString : isRecord(value) ? tokenVariable : undefined,
} as const;

/** What a connection may carry. */
export const rpcLimitsSchema = entry(
  z.strictObject({
    messageBytes: entry(z.int().min(1_048_576).max(268_435_456).optional(), {
      description:
        'The longest message, and with it the largest value; both sides say theirs. Bodies and streams are longer.',
      expected: 'a whole number of bytes, from 1048576 to 268435456',
      default: '`16777216`',
    }),
    calls: entry(z.int().min(1).max(100_000).optional(), {
      description: 'Calls that the other side may have under way, and as many requests.',
      expected: 'a whole number from 1 to 100000',
      default: '`10000`',
    }),
    capabilities: entry(z.int().min(1).max(100_000).optional(), {
      description: 'Stubs of this side that the other one may hold.',
      expected: 'a whole number from 1 to 100000',
      default: '`10000`',
    }),
  }),
  {
    description: 'What one connection may carry at a time.',
    expected: 'an object { messageBytes?, calls?, capabilities? }',
  },
);

const shared = {
  path: entry(
    z
      .string()
      .regex(/^\/[\w.~!$&'()*+,;=:@%/-]*$/u)
      .optional(),
    {
      description: 'The path of the handshake, the same on both sides.',
      expected: 'a path such as "/rpc"',
      default: `\`"${defaultPath}"\``,
    },
  ),
  limits: entry(rpcLimitsSchema.optional(), {
    description: 'What one connection may carry at a time: see below.',
    expected: 'an object { messageBytes?, calls?, capabilities? }',
    default: '`{}`',
  }),
};

/** What a socket offers. */
export const rpcServerSchema = entry(
  z.strictObject({
    token: entry(z.union(tokenSchema.options).optional(), {
      ...tokenEntry,
      description:
        'What callers must know. Without it the address must be one that only this machine reaches (127.0.0.1, `[::1]`, a Unix socket), or `tls` must ask for certificates.',
      default: 'none',
      errors: ['CONFIG_MISSING', 'CONFIG_ENVIRONMENT'],
    }),
    anyone: entry(z.boolean().optional(), {
      description: 'Lets everybody call who reaches the address. Errors then cross without their stacks.',
      expected: 'true or false',
      default: '`false`',
    }),
    entrypoints: entry(
      z
        .array(
          entry(z.string().regex(identifier), {
            description: 'Name of an export.',
            expected: `the name of an export: ${identifierText}`,
          }),
        )
        .optional(),
      {
        description: 'Entrypoints that callers may choose, besides the one that the socket leads to.',
        expected: 'an array of names of exports',
        default: '`[]`',
      },
    ),
    props: entry(z.boolean().optional(), {
      description:
        'Whether callers may say what the entrypoint finds in `ctx.props`. Whoever may can say anything, so an entrypoint that trusts its props must not be called by anyone.',
      expected: 'true or false',
      default: '`false`',
    }),
    ...shared,
  }),
  {
    description: 'Method calls of other servers.',
    expected: 'true, or an object { token?, anyone?, entrypoints?, props?, path?, limits? }',
  },
);

/** How another nanod is called. */
export const rpcClientSchema = entry(
  z.strictObject({
    token: entry(z.union(tokenSchema.options).optional(), {
      ...tokenEntry,
      description: 'The token that the socket over there wants. Use `https` where others can listen.',
      default: 'none',
      errors: ['CONFIG_ENVIRONMENT'],
    }),
    entrypoint: entry(z.string().regex(identifier).optional(), {
      description: 'The entrypoint over there that is called where a binding names none.',
      expected: `the name of an export: ${identifierText}`,
      default: 'the one that the socket leads to',
    }),
    ...shared,
  }),
  {
    description: 'The server is another nanod, whose methods can be called.',
    expected: 'true, or an object { token?, entrypoint?, path?, limits? }',
  },
);

const plainFlag = entry(z.boolean(), {
  description: 'With the defaults, or not.',
  expected: 'true or false',
});

/** `rpc` of a socket. */
export const rpcServerField = entry(z.union([plainFlag, rpcServerSchema]).optional(), {
  description:
    'Takes method calls of other servers for `service`: see [rpc](#rpc). They come over a WebSocket; everything else that comes to the socket is answered as ever.',
  expected: 'true, or an object { token?, anyone?, entrypoints?, props?, path?, limits? }',
  default: '`false`',
  errors: ['CONFIG_MISSING'],
  choose: (value) => (isRecord(value) ? rpcServerSchema : plainFlag),
});

/** `rpc` of an external service. */
export const rpcClientField = entry(z.union([plainFlag, rpcClientSchema]).optional(), {
  description:
    'The server is another nanod, and its socket has `rpc`: methods of its service can be called, and everything goes over that connection, requests as well. See [rpc](#rpc-to-another-nanod).',
  expected: 'true, or an object { token?, entrypoint?, path?, limits? }',
  default: '`false`',
  choose: (value) => (isRecord(value) ? rpcClientSchema : plainFlag),
});

type DraftToken = Sourced<string | { readonly fromEnvironment: string }>;

interface DraftCommon {
  readonly token: DraftToken | undefined;
  readonly path: string;
  readonly limits: RpcLimits;
}

/** What a dialect says of `rpc` in a socket. */
export interface DraftRpcServer extends DraftCommon {
  readonly at: Pick<Sourcing, 'path'>;
  /** Whether a token is there, be it wrong. */
  readonly hasToken: boolean;
  readonly anyone: boolean;
  readonly entrypoints: readonly string[];
  readonly props: boolean;
}

/** What a dialect says of `rpc` in an external service. */
export interface DraftRpcClient extends DraftCommon {
  readonly entrypoint: string | undefined;
}

/** `written`: as it stands in the file. */
export function readRpcServer(
  rpc: Read<typeof rpcServerField> | undefined,
  at: Sourcing,
  written: unknown,
): DraftRpcServer | undefined {
  if (rpc === undefined || rpc === false) return undefined;
  const given = rpc === true ? {} : rpc;
  return {
    ...readCommon(given, at),
    at,
    hasToken: isRecord(written) && written['token'] !== undefined,
    anyone: given.anyone ?? false,
    entrypoints: (given.entrypoints ?? []).filter((name) => name !== undefined),
    props: given.props ?? false,
  };
}

export function readRpcClient(
  rpc: Read<typeof rpcClientField> | undefined,
  at: Sourcing,
): DraftRpcClient | undefined {
  if (rpc === undefined || rpc === false) return undefined;
  const given = rpc === true ? {} : rpc;
  return { ...readCommon(given, at), entrypoint: given.entrypoint };
}

function readCommon({ token, path, limits }: Read<typeof rpcClientSchema>, at: Sourcing): DraftCommon {
  return {
    token: readToken(token, at.at('token')),
    path: path ?? defaultPath,
    limits: {
      messageBytes: limits?.messageBytes ?? defaultRpcLimits.messageBytes,
      calls: limits?.calls ?? defaultRpcLimits.calls,
      capabilities: limits?.capabilities ?? defaultRpcLimits.capabilities,
    },
  };
}

function readToken(token: Read<typeof tokenSchema> | undefined, at: Sourcing): DraftToken | undefined {
  if (token === undefined || typeof token === 'string') return at.sourced(token);
  const { fromEnvironment } = token;
  return fromEnvironment === undefined ? undefined : at.sourced({ fromEnvironment });
}

/** What tokens need. */
export interface RpcContext {
  readonly problems: Problems;
  readonly powers: Pick<ConfigPowers, 'environment'>;
}

export function resolveRpcClient(draft: DraftRpcClient, context: RpcContext): RpcClient {
  const { path, entrypoint, limits } = draft;
  return { path, token: resolveToken(draft.token, context), entrypoint, limits };
}

/** `isPrivate`: the address is reached by nobody from elsewhere, or callers prove who they are. */
export function resolveRpcServer(draft: DraftRpcServer, isPrivate: boolean, context: RpcContext): RpcServer {
  const { path, anyone, entrypoints, props, limits, hasToken, at } = draft;
  if (!hasToken && !anyone && !isPrivate) {
    const expected = 'a token, as the address can be reached from elsewhere; or `anyone: true`';
    context.problems.report('CONFIG_MISSING', { expected }, [...at.path, 'token']);
  }
  if (hasToken && anyone) {
    const expected = 'nothing or false, as there is a token';
    context.problems.report('CONFIG_VALUE', { expected, found: 'true' }, [...at.path, 'anyone']);
  }
  return { path, token: resolveToken(draft.token, context), anyone, entrypoints, props, limits };
}

function resolveToken(token: DraftToken | undefined, { problems, powers }: RpcContext): string | undefined {
  if (token === undefined || typeof token.value === 'string') return token?.value as string | undefined;
  const variable = token.value.fromEnvironment;
  const { environment } = powers;
  const text = Object.hasOwn(environment, variable) ? environment[variable] : undefined;
  if (text === undefined) {
    const details = () => ({ variable, suggestion: nearest(variable, Object.keys(environment)) });
    problems.report('CONFIG_ENVIRONMENT', details, token.place);
  } else if (!tokenForm.test(text)) {
    const expected = `${tokenText} in the environment variable ${variable}`;
    problems.report('CONFIG_VALUE', { expected, found: 'another value' }, token.place);
  }
  return text;
}
