/**
 * The error table: every error that a user can meet, with its meaning, its exit status or HTTP status, and what to do about it.
 * Match on `code`, never on `instanceof`. docs/errors.md is generated from this table (`npm run docs:errors`), and a test fails on
 * a code that is unused.
 */
/* eslint max-lines: off -- most of it is a table */
import { printable, quote } from './text.ts';

/** One row. `Details` are the facts that the message needs. */
export interface ErrorEntry<Details> {
  /** One sentence for docs/errors.md: what has happened. */
  readonly summary: string;
  /** Exit status of a command that ends with it: 1 failed, 2 wrong usage or invalid configuration. */
  readonly exitStatus?: 1 | 2;
  /** Status of a response that carries it. */
  readonly httpStatus?: number;
  /** What was wrong and what was found. Where it stands is printed in front of it. */
  readonly message: (details: Details) => string;
  /** What would be right, or what to try. */
  readonly hint?: (details: Details) => string | undefined;
}

function didYouMean(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : `; did you mean ${quote(suggestion)}?`;
}

function nodeModuleHint({
  module,
  offered,
  flag,
}: {
  module: string;
  offered: readonly string[];
  flag: boolean;
}): string {
  const isOffered = offered.includes(module.replace(/^node:/u, ''));
  if (isOffered && !flag) return "give the worker compatibilityFlags: ['nodejs_compat']";
  const instead = 'use the web API for it, or a package that runs in browsers';
  if (!flag) return `${instead}; nodejs_compat does not bring it either`;
  return `${instead}; nodejs_compat brings ${offered.join(', ')}`;
}

function entry<Details>(row: ErrorEntry<Details>): ErrorEntry<Details> {
  return Object.freeze(row);
}

/** The table. Keep the codes in alphabetical order. */
export const errorTable = Object.freeze({
  BAD_REQUEST: entry<Record<never, never>>({
    summary: 'A request from outside has a target or a Host header that makes no valid URL.',
    httpStatus: 400,
    message: () => 'the request target is not valid',
  }),
  BODY_DISCARDED: entry<Record<never, never>>({
    summary:
      'A worker reads from a request body that it had canceled, or whose rest had not arrived when the response was complete.',
    httpStatus: 500,
    message: () => 'the rest of the request body was thrown away',
    hint: () => 'read the body before the response, or as long as the response is being streamed',
  }),
  BODY_LENGTH: entry<{ stated: number; found: number }>({
    summary: 'A streamed body is not as long as the Content-Length that was sent ahead of it.',
    httpStatus: 500,
    message: (d) =>
      `the Content-Length is ${d.stated}, and the body has ${d.found < d.stated ? 'only' : 'at least'} ${d.found} bytes`,
    hint: () => 'leave the Content-Length header out, and it is set where it is known',
  }),
  BODY_TOO_LARGE: entry<{ limit: number }>({
    summary: 'A request body is longer than the socket accepts.',
    httpStatus: 413,
    message: (d) => `the request body is longer than ${d.limit} bytes`,
  }),
  BUNDLE_DAMAGED: entry<{ version: string; reason: string }>({
    summary: 'What the daemon has kept of the code of a worker cannot be read.',
    exitStatus: 1,
    message: (d) => `the kept code ${d.version.slice(0, 12)} cannot be read: ${d.reason}`,
    hint: () => 'deploy the configuration again: nanod start',
  }),
  CALL_TOO_DEEP: entry<Record<never, never>>({
    summary: 'Services called each other in a chain or a circle that is longer than nanod follows.',
    httpStatus: 508,
    message: () => 'services called each other more than 64 levels deep',
    hint: () => 'look for services that call each other in a circle',
  }),
  CHANNEL_LOST: entry<Record<never, never>>({
    summary: 'The thread that was answering a call ended before it had answered.',
    httpStatus: 503,
    message: () => 'the thread that was answering ended during the call',
    hint: () => 'try again; the thread is started anew',
  }),
  CLIENT_GONE: entry<Record<never, never>>({
    summary: 'The client went away before its request had arrived completely.',
    httpStatus: 400,
    message: () => 'the client disconnected while sending the request',
  }),
  CONFIG_ADDRESS: entry<{ found: string; reason: string }>({
    summary: 'The address of a socket is not one that nanod can listen on.',
    exitStatus: 2,
    message: (d) => `${quote(d.found)} is not an address to listen on: ${d.reason}`,
    hint: () =>
      'write "127.0.0.1:8787", "[::1]:8787", "localhost:8787", "*:80" for every interface, a port number, "unix:/path", "unix-abstract:name", "fd:3", or "systemd:name"',
  }),
  CONFIG_CERTIFICATE: entry<{ what: string; reason: string }>({
    summary: 'A certificate, a private key, or a list of ciphers of the configuration cannot be used.',
    exitStatus: 2,
    message: (d) => `the ${d.what} cannot be used: ${d.reason}`,
    hint: () => 'give PEM text, or { file: "./cert.pem" } with a path counted from the configuration file',
  }),
  CONFIG_CYCLE: entry<{ cycle: readonly string[] }>({
    summary:
      'Workers reach each other in a circle through their bindings, and the configuration does not permit that.',
    exitStatus: 2,
    message: (d) => `the bindings form a cycle: ${d.cycle.join(' -> ')}`,
    hint: () => 'remove one of these bindings, or set `allowBindingCycles: true` if the circle is meant',
  }),
  CONFIG_DIRECTORY: entry<{ file: string; reason: string }>({
    summary: 'A directory that the configuration names cannot be used.',
    exitStatus: 2,
    message: (d) => `cannot read ${quote(d.file)}: ${d.reason}`,
    hint: () => 'paths count from the directory of the configuration file',
  }),
  CONFIG_DUPLICATE: entry<{ what: string; name: string; first: string }>({
    summary: 'Two things in the configuration have the same name or the same address.',
    exitStatus: 2,
    message: (d) => `the ${d.what} ${quote(d.name)} is already taken by ${d.first}`,
  }),
  CONFIG_ENVIRONMENT: entry<{ variable: string; suggestion: string | undefined }>({
    summary: 'A `fromEnvironment` binding names an environment variable that is not set.',
    exitStatus: 2,
    message: (d) => `the environment variable ${quote(d.variable)} is not set${didYouMean(d.suggestion)}`,
    hint: () => 'set it where nanod is started, or give the value with `text`',
  }),
  CONFIG_EXPORT: entry<{ found: readonly string[] }>({
    summary: 'The configuration file does not export a configuration.',
    exitStatus: 2,
    message: (d) =>
      d.found.length === 0
        ? 'the file exports nothing'
        : `the file has no default export, only ${d.found.map(quote).join(', ')}`,
    hint: () => 'write `export default { apps: [...] }`, or `module.exports = { apps: [...] }` in CommonJS',
  }),
  CONFIG_FLAG: entry<{ flag: string; suggestion: string | undefined }>({
    summary: 'The configuration has a compatibility flag that nanod does not know.',
    exitStatus: 2,
    message: (d) => `unknown compatibility flag ${quote(d.flag)}${didYouMean(d.suggestion)}`,
    hint: () => 'the flag with an effect is nodejs_compat; leave out what the worker does not need',
  }),
  CONFIG_FORBIDDEN_KEY: entry<{ key: string }>({
    summary: 'The configuration has a key that would change the meaning of the object around it.',
    exitStatus: 2,
    message: (d) => `the key ${quote(d.key)} is not allowed`,
    hint: () => 'remove it, or give the data as a `text` binding',
  }),
  CONFIG_FORMAT: entry<{ file: string }>({
    summary: 'The file is not of a kind that nanod reads configurations from.',
    exitStatus: 2,
    message: (d) => `${quote(d.file)} is not a kind of configuration file that nanod knows`,
    hint: () => 'it reads .js, .cjs, .mjs, .ts, .json and .capnp',
  }),
  CONFIG_MISSING: entry<{ expected: string }>({
    summary: 'The configuration lacks something that has no default.',
    exitStatus: 2,
    message: (d) => `is missing; expected ${d.expected}`,
  }),
  CONFIG_NOT_AVAILABLE: entry<{ what: string; advice?: string | undefined }>({
    summary: 'The configuration asks for something that this version of nanod does not support yet.',
    exitStatus: 2,
    message: (d) => `${d.what} is not available in this version of nanod`,
    hint: (d) => d.advice ?? 'remove it for now',
  }),
  CONFIG_NOT_FOUND: entry<{ looked: string }>({
    summary: 'There is no configuration file where nanod looked for one.',
    exitStatus: 2,
    message: (d) => `no configuration file; looked for ${d.looked}`,
    hint: () =>
      'run nanod in the directory that has the file, or name the file: `nanod serve path/to/ecosystem.config.js`',
  }),
  CONFIG_PARAMETERS: entry<{ service: string; parameters: readonly string[] }>({
    summary: 'The configuration refers to a worker with parameters that nothing fills.',
    exitStatus: 2,
    message: (d) =>
      `the worker ${quote(d.service)} can only be inherited: nothing fills ${d.parameters.map(quote).join(', ')}`,
    hint: (d) => `name a worker with inherit: ${quote(d.service)} that has these bindings`,
  }),
  CONFIG_REFERENCE: entry<{ reason: string; advice?: string | undefined }>({
    summary:
      'A name, an import or an embedded file of a capnp configuration leads nowhere, or in a circle, or to something else than is expected there.',
    exitStatus: 2,
    message: (d) => d.reason,
    hint: (d) => d.advice,
  }),
  CONFIG_ROUTE: entry<{ pattern: string; reason: string }>({
    summary: 'The pattern of a route is none.',
    exitStatus: 2,
    message: (d) => `${quote(d.pattern)} is not a pattern of a route: ${d.reason}`,
    hint: () => 'write "example.com/api/*", "*.example.com/*", or a host alone for all of its paths',
  }),
  CONFIG_SYNTAX: entry<{ reason: string; advice?: string | undefined }>({
    summary: 'The configuration file does not parse.',
    exitStatus: 2,
    message: (d) => d.reason,
    hint: (d) => d.advice,
  }),
  CONFIG_THREW: entry<{ reason: string; advice?: string | undefined }>({
    summary: 'The configuration file parses, and running it threw an error.',
    exitStatus: 2,
    message: (d) => `the configuration threw: ${d.reason}`,
    hint: (d) => d.advice,
  }),
  CONFIG_TIMEOUT: entry<{ seconds: number }>({
    summary: 'The configuration is a promise, or waits for one, that did not settle in time.',
    exitStatus: 2,
    message: (d) => `the configuration did not settle within ${d.seconds} s`,
    hint: () => 'look for an `await` in it that never ends',
  }),
  CONFIG_TOO_LARGE: entry<{ what: string; limit: string }>({
    summary: 'The configuration is larger or more deeply nested than nanod reads.',
    exitStatus: 2,
    message: (d) => `${d.what}; the limit is ${d.limit}`,
    hint: () => 'move large data into a file that the worker imports',
  }),
  CONFIG_TOO_MANY_ERRORS: entry<{ more: number }>({
    summary: 'The configuration has more errors than nanod prints at once.',
    exitStatus: 2,
    message: (d) => `${d.more} more ${d.more === 1 ? 'error is' : 'errors are'} not shown`,
    hint: () => 'correct the ones above first',
  }),
  CONFIG_UNKNOWN_KEY: entry<{
    key: string;
    suggestion: string | undefined;
    known: string;
    advice?: string | undefined;
  }>({
    summary: 'The configuration has a key that nanod does not know.',
    exitStatus: 2,
    message: (d) => `unknown key ${quote(d.key)}${didYouMean(d.suggestion)}`,
    hint: (d) => `the keys here are ${d.known}${d.advice === undefined ? '' : `; ${d.advice}`}`,
  }),
  CONFIG_UNKNOWN_NAME: entry<{ what: string; name: string; suggestion: string | undefined; known: string }>({
    summary:
      'The configuration refers to a service, a group or a module of an extension that it does not define.',
    exitStatus: 2,
    message: (d) => `no ${d.what} named ${quote(d.name)}${didYouMean(d.suggestion)}`,
    hint: (d) => `the ${d.what}s are ${d.known}`,
  }),
  CONFIG_UNREADABLE: entry<{ file: string; reason: string }>({
    summary: 'The configuration file, or a file that it names, cannot be read.',
    exitStatus: 2,
    message: (d) => `cannot read ${quote(d.file)}: ${d.reason}`,
  }),
  CONFIG_UNSUPPORTED: entry<{ what: string; advice: string }>({
    summary: 'A wrangler file uses something that nanod does not have, and will not have.',
    exitStatus: 2,
    message: (d) => `${d.what} is not supported`,
    hint: (d) => d.advice,
  }),
  CONFIG_VALUE: entry<{ expected: string; found: string; advice?: string | undefined }>({
    summary: 'A value of the configuration has the wrong type or is out of range.',
    exitStatus: 2,
    message: (d) => `expected ${d.expected}, found ${d.found}`,
    hint: (d) => d.advice,
  }),
  CONNECTION_LOST: entry<{ reason: string | undefined }>({
    summary: 'A connection ended before both sides had ended what they sent.',
    httpStatus: 502,
    message: (d) => `the connection is lost${d.reason === undefined ? '' : ` (${d.reason})`}`,
  }),
  CONTROL_REQUEST: entry<{ reason: string }>({
    summary: 'The daemon was asked something over its socket that it does not understand.',
    exitStatus: 2,
    message: (d) => `the request is not valid: ${d.reason}`,
    hint: () =>
      'the nanod that asks and the daemon may be of different versions: end it with `nanod kill`, then start it again',
  }),
  CONTROL_ROUTE: entry<{ method: string; path: string }>({
    summary: 'The daemon was asked for a path that its control API does not have.',
    exitStatus: 2,
    message: (d) => `there is nothing at ${d.method} ${d.path}`,
    hint: () => 'docs/daemon.md says what can be asked',
  }),
  DAEMON_LOST: entry<{ reason: string }>({
    summary: 'The daemon ended, or closed the connection, before it had answered.',
    exitStatus: 1,
    message: (d) => `the daemon has gone: ${d.reason}`,
    hint: () => 'its log says why: nanod.log in the folder logs of its home',
  }),
  DAEMON_NOT_RUNNING: entry<{ socket: string }>({
    summary: 'A command needs the daemon, and there is none.',
    exitStatus: 1,
    message: (d) => `no daemon is listening on ${d.socket}`,
    hint: () => 'start it with: nanod start [config]',
  }),
  DAEMON_REPLACED: entry<Record<never, never>>({
    summary: 'The daemon has given its place to a new one before it came to what it was asked.',
    exitStatus: 1,
    message: () => 'the daemon has been replaced by a new one',
    hint: () => 'run the command again: nothing of it was done',
  }),
  DAEMON_RUNNING: entry<{ home: string; pid: number }>({
    summary: 'A second daemon was started on a home that belongs to one that runs.',
    exitStatus: 1,
    message: (d) => `a daemon (process ${d.pid}) is running on ${d.home} already`,
    hint: () => 'end it with nanod kill, or give this one another NANOD_HOME',
  }),
  DAEMON_START: entry<{ reason: string }>({
    summary: 'The daemon was started and did not come up.',
    exitStatus: 1,
    message: (d) => `the daemon did not start: ${d.reason}`,
  }),
  DISK_FAILED: entry<{ reason: string }>({
    summary:
      'A file of a directory (`disk`, `assets`) cannot be read or written, for a reason that is no answer to a request.',
    httpStatus: 500,
    message: (d) => `the directory of the service: ${d.reason}`,
  }),
  DYNAMIC_CODE: entry<{ service: string; reason: string }>({
    summary: 'The code that a worker gave to its loader cannot be made a worker of.',
    httpStatus: 500,
    message: (d) => `the code of the worker ${quote(d.service)} cannot be used: ${d.reason}`,
  }),
  DYNAMIC_FULL: entry<{ loader: string; limit: number }>({
    summary: 'A loader was asked for a worker while too many others, all in use, had to make room already.',
    httpStatus: 503,
    message: (d) =>
      `the loader ${quote(d.loader)} has ${d.limit} workers that have to go and are still in use`,
    hint: () => 'ask for fewer workers in one request, or raise `maxWorkers` of the binding',
  }),
  DYNAMIC_LATE: entry<{ service: string; seconds: number }>({
    summary: 'The function that gives a loader the code of a worker did not do so in time.',
    httpStatus: 504,
    message: (d) => `the code of the worker ${quote(d.service)} did not come within ${d.seconds} s`,
    hint: () => 'look for a promise that never settles in the function that was given to `get`',
  }),
  DYNAMIC_LIMIT: entry<{ service: string; limit: number }>({
    summary:
      'A worker that a loader had made called other services more often than the limit says that came with its code.',
    httpStatus: 500,
    message: (d) => `the worker ${quote(d.service)} may call other services ${d.limit} times in one request`,
  }),
  DYNAMIC_NO_NETWORK: entry<{ service: string }>({
    summary:
      'A worker that a loader had made without a global outbound used the global `fetch`, or `connect`.',
    httpStatus: 500,
    message: (d) => `the worker ${quote(d.service)} may not reach the network: it has no globalOutbound`,
    hint: () => 'give it what it needs in `env`, or a `globalOutbound`',
  }),
  DYNAMIC_UNLOADED: entry<{ service: string }>({
    summary: 'A worker that a loader had made was called after it was unloaded.',
    httpStatus: 503,
    message: (d) => `the worker ${quote(d.service)} was unloaded`,
    hint: () => 'ask the loader for it in each request, with `get(name, getCode)`',
  }),
  GROUP_UNKNOWN: entry<{ name: string; suggestion: string | undefined }>({
    summary: 'A command names a group of threads that is not there, and no service of that name either.',
    exitStatus: 1,
    message: (d) => `there is no group and no service ${quote(d.name)}${didYouMean(d.suggestion)}`,
    hint: () => 'nanod ls lists services with their groups',
  }),
  GROUP_UNREACHABLE: entry<{ service: string }>({
    summary: 'No thread of the group that runs a service can be reached now.',
    httpStatus: 503,
    message: (d) => `no thread that runs ${quote(d.service)} can be reached now`,
    hint: () => 'its group is starting anew; try again',
  }),
  HOME_UNUSABLE: entry<{ home: string; reason: string }>({
    summary: "The daemon's home directory cannot be created, written, or trusted.",
    exitStatus: 1,
    message: (d) => `cannot use ${d.home} as the home of the daemon: ${d.reason}`,
    hint: () => 'set NANOD_HOME to a directory of your own that you can write',
  }),
  INIT_EXISTS: entry<{ path: string }>({
    summary: 'A file that nanod init would write is there already.',
    exitStatus: 1,
    message: (d) => `${d.path} is there already, and nothing was written`,
    hint: () => 'name another directory: nanod init site',
  }),
  INTERNAL: entry<{ reason: string }>({
    summary: 'nanod itself failed. This is a bug.',
    exitStatus: 1,
    httpStatus: 500,
    message: (d) => `internal error: ${d.reason}`,
    hint: () => 'please report it, with the log around it',
  }),
  METHOD_REFUSED: entry<Record<never, never>>({
    summary: 'A request from outside has the method CONNECT or TRACE, which no worker may see.',
    httpStatus: 501,
    message: () => 'the request method is not supported',
  }),
  NETWORK_ANSWER: entry<{ server: string; reason: string }>({
    summary: 'The answer of a server is not valid HTTP, breaks off, or cannot be decoded.',
    httpStatus: 502,
    message: (d) => `the answer of ${quote(d.server)} ${d.reason}`,
  }),
  NETWORK_REFUSED: entry<{ server: string; reason: string }>({
    summary: 'A request wants to reach an address that its network service does not permit.',
    httpStatus: 502,
    message: (d) => `the network service does not permit to reach ${quote(d.server)}: ${d.reason}`,
    hint: () => 'to reach it, give the worker a network service that names the address in `allow`',
  }),
  NETWORK_REQUEST: entry<{ server: string; reason: string }>({
    summary: 'A request cannot be sent the way it is, or its body failed.',
    httpStatus: 500,
    message: (d) => `the request to ${quote(d.server)} cannot be sent: ${d.reason}`,
  }),
  NETWORK_TIMEOUT: entry<{ server: string; what: string; seconds: number }>({
    summary: 'A server did not let itself be reached, or did not answer, in time.',
    httpStatus: 504,
    message: (d) => `${quote(d.server)} ${d.what} within ${d.seconds} s`,
  }),
  NETWORK_TLS: entry<{ server: string; reason: string }>({
    summary: 'The certificate of a server is not trusted, or no encrypted connection comes about.',
    httpStatus: 502,
    message: (d) => `no secure connection to ${quote(d.server)}: ${d.reason}`,
  }),
  NETWORK_UNREACHABLE: entry<{ server: string; reason: string }>({
    summary: 'A server cannot be reached.',
    httpStatus: 502,
    message: (d) => `${quote(d.server)} cannot be reached: ${d.reason}`,
  }),
  // The launcher's three are printed by bin/nanod.cjs, which cannot import this file.
  NODE_TOO_OLD: entry<{ needed: number; found: string }>({
    summary: 'The Node.js that was to run nanod is too old for it, and there is no pinned runtime.',
    exitStatus: 1,
    message: (d) => `nanod needs Node.js ${d.needed} or newer; this is ${d.found}, and no runtime is pinned`,
    hint: () =>
      'run "npm rebuild node" where nanod is installed (npm downloads the pinned runtime with an install script, which must be allowed to run), or install a newer Node.js',
  }),
  OUTPUT_UNWRITABLE: entry<{ reason: string }>({
    summary: 'A file that a command was to write cannot be written, or is there already.',
    exitStatus: 1,
    message: (d) => `cannot be written: ${d.reason}`,
  }),
  PACKAGE_INCOMPLETE: entry<{ folder: string }>({
    summary: 'The files of nanod itself are not all there.',
    exitStatus: 1,
    message: (d) => `neither src/main.ts nor dist/main.js is in ${d.folder}`,
    hint: () => 'install nanod again',
  }),
  ROUTE_NOT_FOUND: entry<Record<never, never>>({
    summary:
      'No route of a socket matches the host and the path of a request, and the socket has no `service`.',
    httpStatus: 404,
    message: () => 'no route matches the request',
    hint: () => 'give the socket a `service`, which answers what no route matches',
  }),
  RPC_BROKEN: entry<{ service: string }>({
    summary: 'A service was closed or replaced before a call had ended, or while somebody held a stub of it.',
    httpStatus: 503,
    message: (d) => `the service ${quote(d.service)} has been replaced, and its stubs with it`,
    hint: () => 'get the stub again from its service; onRpcBroken tells when it breaks',
  }),
  RPC_CONNECTION_LOST: entry<{ peer: string; reason: string }>({
    summary:
      'The connection to another nanod was lost during a call, or while somebody held a stub that had come over it.',
    httpStatus: 502,
    message: (d) => `the connection to ${quote(d.peer)} was lost: ${d.reason}`,
    hint: () => 'the next call connects again; stubs that came over the old connection have to be got again',
  }),
  RPC_LIMIT: entry<{ what: string }>({
    summary: 'A connection between two nanods is asked for more than it may carry at a time.',
    httpStatus: 503,
    message: (d) => `too much for the connection: ${d.what}`,
    hint: () => 'dispose of stubs that are not needed, let fewer calls wait, or raise `limits` in `rpc`',
  }),
  RPC_NOT_OFFERED: entry<{ what: string; option: string }>({
    summary: 'Another nanod asks a socket for what its `rpc` does not offer.',
    httpStatus: 403,
    message: (d) => `the socket does not let other servers ${d.what}`,
    hint: (d) => `the socket offers it with ${d.option} in its \`rpc\``,
  }),
  RPC_PEER_REFUSED: entry<{ peer: string; reason: string }>({
    summary: 'A server does not take method calls from this one: it is no nanod, or wants another token.',
    httpStatus: 502,
    message: (d) => `${quote(d.peer)} takes no method calls: ${d.reason}`,
    hint: () => 'its socket needs `rpc`, and the same token and path as the service here',
  }),
  RPC_UNSUPPORTED: entry<{ service: string }>({
    summary: 'A method was called on a service that has none: it takes requests only.',
    httpStatus: 500,
    message: (d) => `the service ${quote(d.service)} has no methods: it takes requests only`,
    hint: () => 'use its fetch method',
  }),
  RUNTIME_NOT_STARTED: entry<{ file: string; reason: string }>({
    summary: 'The pinned runtime is there, but the operating system refuses to run it.',
    exitStatus: 1,
    message: (d) => `${d.file} cannot be run: ${d.reason}`,
    hint: () => 'run "npm rebuild node" where nanod is installed',
  }),
  SCRIPT_NOT_FOUND: entry<{ script: string; reason: string }>({
    summary: 'The script of a worker is not a file that nanod can read.',
    exitStatus: 2,
    message: (d) => `${quote(d.script)} ${d.reason}`,
    hint: () => 'the path counts from the directory of the configuration file',
  }),
  SELECTOR_UNMATCHED: entry<{ selector: string; suggestion: string | undefined }>({
    summary: 'A command names a service that is not deployed.',
    exitStatus: 1,
    message: (d) => `no service matches ${quote(d.selector)}${didYouMean(d.suggestion)}`,
    hint: () => 'nanod ls lists what is deployed',
  }),
  SERVICE_CLOSED: entry<{ service: string }>({
    summary: 'A service was called while its thread was shutting down.',
    httpStatus: 503,
    message: (d) => `the service ${quote(d.service)} is shutting down`,
  }),
  SERVICE_ERRORED: entry<{ service: string }>({
    summary: 'A service was called that failed so often that nanod has given it up.',
    httpStatus: 503,
    message: (d) => `the service ${quote(d.service)} has failed too often and is parked`,
    hint: (d) => `find out why with nanod logs ${d.service}, then: nanod restart ${d.service}`,
  }),
  SERVICE_NEEDED: entry<{ service: string; by: string }>({
    summary: 'A service was to be deleted that another one is bound to.',
    exitStatus: 1,
    message: (d) => `the service ${quote(d.service)} is needed by ${quote(d.by)}`,
    hint: (d) => `delete both, or take the binding out of ${d.by} first`,
  }),
  SERVICE_RESTARTING: entry<{ service: string }>({
    summary: 'A service was called that has crashed, and is started again in a moment.',
    httpStatus: 503,
    message: (d) => `the service ${quote(d.service)} has crashed and is about to start again`,
    hint: (d) => `find out why with nanod describe ${d.service}`,
  }),
  SERVICE_STOPPED: entry<{ service: string }>({
    summary: 'A service was called that somebody has stopped.',
    httpStatus: 503,
    message: (d) => `the service ${quote(d.service)} is stopped`,
    hint: (d) => `start it with nanod restart ${d.service}`,
  }),
  SERVICE_TAKEN: entry<{ service: string; source: string }>({
    summary: 'A configuration has a service whose name another configuration has deployed already.',
    exitStatus: 1,
    message: (d) => `the service ${quote(d.service)} is deployed from ${d.source} already`,
    hint: (d) => `give it another name, or remove the other one: nanod delete ${d.service}`,
  }),
  SERVICE_UNKNOWN: entry<{ service: string }>({
    summary: 'A call names a service that this thread does not have.',
    httpStatus: 503,
    message: (d) => `there is no service named ${quote(d.service)} here`,
  }),
  SHARE_NONE: entry<{ service: string | undefined }>({
    summary: 'A share of the requests is to be promoted or aborted, and there is none.',
    exitStatus: 1,
    message: (d) =>
      d.service === undefined
        ? 'no deployment has a share of the requests'
        : `the deployment of ${quote(d.service)} has no share of the requests`,
    hint: () => 'nanod deploy --percent N gives a new version a share',
  }),
  SHARE_REFUSED: entry<{ source: string; reason: string }>({
    summary: 'A configuration cannot be deployed beside the one that runs.',
    exitStatus: 1,
    message: (d) => `${d.source} cannot get a share of the requests: ${d.reason}`,
    hint: () => 'deploy it as a whole: nanod deploy',
  }),
  SOCKET_IN_USE: entry<{ address: string }>({
    summary: 'Another process listens on the address of a socket already.',
    exitStatus: 1,
    message: (d) => `another process is listening on ${d.address} already`,
    hint: () => 'stop that process, or give the socket another port',
  }),
  SOCKET_UNUSABLE: entry<{ address: string; reason: string }>({
    summary: 'The system does not let nanod listen on the address of a socket.',
    exitStatus: 1,
    message: (d) => `cannot listen on ${d.address}: ${d.reason}`,
    hint: () => 'ports below 1024 need a privilege; other addresses have to belong to this machine',
  }),
  STARTUP_FAILED: entry<{ reason: string; command?: string | undefined }>({
    summary: 'The unit of systemd cannot be written or taken away.',
    exitStatus: 1,
    message: (d) => d.reason,
    hint: (d) => d.command,
  }),
  TESTS_NOT_FOUND: entry<{ filter: string | undefined; suggestion: string | undefined }>({
    summary: '`nanod test` has found no test, or none that the filter means.',
    exitStatus: 1,
    message: (d) =>
      d.filter === undefined
        ? 'no worker exports a test'
        : `no test matches ${quote(d.filter)}${didYouMean(d.suggestion)}`,
    hint: () =>
      'a test is an export with a method `test`: `export default { async test(controller, env, ctx) { … } }`',
  }),
  THREAD_FAILED: entry<{ group: string; reason: string }>({
    summary: 'A thread could not be started.',
    exitStatus: 1,
    message: (d) => `a thread of the group ${quote(d.group)} could not be started: ${d.reason}`,
  }),
  UPDATE_FAILED: entry<{ reason: string }>({
    summary: 'No other process could take the place of the daemon, which goes on as before.',
    exitStatus: 1,
    message: (d) => `the daemon was not replaced, and goes on: ${d.reason}`,
  }),
  USAGE: entry<{ reason: string }>({
    summary: 'The command line is wrong.',
    exitStatus: 2,
    message: (d) => d.reason,
    hint: () => 'see `nanod --help`, or `nanod <command> --help`',
  }),
  VERSION_UNKNOWN: entry<{ service: string; version: string }>({
    summary: 'A rollback names a version that is not kept.',
    exitStatus: 1,
    message: (d) =>
      `the service ${quote(d.service)} has no ${d.version === '' ? 'earlier version' : `version ${quote(d.version)}`}`,
    hint: (d) => `nanod versions ${d.service} lists what is kept`,
  }),
  WORKER_BUILTIN_EXPORT: entry<{
    worker: string;
    module: string;
    name: string;
    planned: boolean;
    known: readonly string[];
  }>({
    summary: 'A worker imports a name that a built-in module does not export in this version of nanod.',
    exitStatus: 2,
    message: (d) =>
      `worker ${quote(d.worker)}: ${quote(d.module)} has no export ${quote(d.name)}${d.planned ? ' in this version of nanod' : ''}`,
    hint: (d) => `it exports ${d.known.join(', ')}`,
  }),
  WORKER_BUILTIN_UNAVAILABLE: entry<{ worker: string; module: string }>({
    summary: 'A worker imports a built-in module that this version of nanod does not have yet.',
    exitStatus: 2,
    message: (d) =>
      `worker ${quote(d.worker)}: the module ${quote(d.module)} is not available in this version of nanod`,
  }),
  WORKER_BUILTIN_UNKNOWN: entry<{ worker: string; module: string; known: readonly string[] }>({
    summary: 'A worker imports a built-in module that does not exist.',
    exitStatus: 2,
    message: (d) => `worker ${quote(d.worker)}: there is no built-in module ${quote(d.module)}`,
    hint: (d) => `there is ${d.known.map(quote).join(', ')}`,
  }),
  WORKER_ENTRYPOINT: entry<{ service: string; entrypoint: string }>({
    summary: 'A binding or a socket points at an export that the worker does not have.',
    exitStatus: 2,
    message: (d) =>
      `the worker ${quote(d.service)} has no ${d.entrypoint === 'default' ? 'default export' : `export ${quote(d.entrypoint)}`}`,
    hint: () => 'without `entrypoint`, a binding points at the default export',
  }),
  WORKER_EVALUATION: entry<{ service: string; reason: string }>({
    summary: 'A worker threw an error while its module was evaluated.',
    exitStatus: 1,
    message: (d) => `the worker ${quote(d.service)} threw while it was evaluated: ${d.reason}`,
  }),
  WORKER_EXPORT_DUPLICATE: entry<{ worker: string; name: string }>({
    summary: 'A module of a worker exports the same name twice.',
    exitStatus: 2,
    message: (d) => `worker ${quote(d.worker)}: the name ${quote(d.name)} is exported twice`,
    hint: () => 'remove or rename one of the two exports',
  }),
  WORKER_EXPORT_MISSING: entry<{ worker: string; module: string; name: string }>({
    summary: 'A module of a worker imports a name that the other module does not export.',
    exitStatus: 2,
    message: (d) => `worker ${quote(d.worker)}: ${quote(d.module)} has no export ${quote(d.name)}`,
  }),
  WORKER_EXTENSION_INTERNAL: entry<{ worker: string; module: string }>({
    summary: 'A worker imports an internal module of an extension.',
    exitStatus: 2,
    message: (d) => `worker ${quote(d.worker)}: ${quote(d.module)} is an internal module of an extension`,
    hint: () => 'only modules of extensions can import it; import one that is not `internal`',
  }),
  WORKER_FILE_TYPE: entry<{ worker: string; file: string }>({
    summary: 'A worker consists of, or imports, a file of a kind that nanod cannot bundle.',
    exitStatus: 2,
    message: (d) => `worker ${quote(d.worker)}: nanod does not know what to make of ${quote(d.file)}`,
    hint: () =>
      'code is .js, .mjs, .cjs, .jsx, .ts, .mts, .cts or .tsx; it can import .json, .txt, .html and .sql as values, .bin as bytes and .wasm as a module',
  }),
  WORKER_FILE_UNREADABLE: entry<{ worker: string; file: string; reason: string }>({
    summary: 'A file that a worker imports exists and cannot be read.',
    exitStatus: 2,
    message: (d) => `worker ${quote(d.worker)}: cannot read ${quote(d.file)}: ${d.reason}`,
  }),
  WORKER_IDENTIFIER: entry<{ worker: string; scopeName: string }>({
    summary: "The code of a worker uses an identifier that is reserved for nanod's own use.",
    exitStatus: 2,
    message: (d) =>
      `worker ${quote(d.worker)}: identifiers that begin with ${quote(d.scopeName)} are reserved for nanod`,
    hint: () => 'give it another name',
  }),
  WORKER_IMPORT: entry<{ worker: string; module: string; advice: string | undefined }>({
    summary: 'A worker imports a file or a package that is not there.',
    exitStatus: 2,
    message: (d) => `worker ${quote(d.worker)}: cannot find ${quote(d.module)}`,
    hint: (d) => d.advice,
  }),
  WORKER_NODE_MODULE: entry<{ worker: string; module: string; offered: readonly string[]; flag: boolean }>({
    summary: 'A worker, or a package that it uses, imports a module of Node.js.',
    exitStatus: 2,
    message: (d) =>
      `worker ${quote(d.worker)}: ${quote(d.module)} is a module of Node.js${d.flag ? ', which nanod does not offer' : ''}`,
    hint: (d) => nodeModuleHint(d),
  }),
  WORKER_NO_HANDLER: entry<{ entrypoint: string }>({
    summary: 'A worker was called that has no fetch handler at the entrypoint that was called.',
    httpStatus: 500,
    message: (d) => `the worker has no fetch handler at its entrypoint ${quote(d.entrypoint)}`,
    hint: () => 'export default { fetch(request, env, ctx) { ... } }',
  }),
  WORKER_SYNTAX: entry<{ worker: string; reason: string; advice: string | undefined }>({
    summary: 'The code of a worker does not parse.',
    exitStatus: 2,
    message: (d) => `worker ${quote(d.worker)} does not compile: ${d.reason}`,
    hint: (d) => d.advice,
  }),
  WORKER_TIMEOUT: entry<{ service: string; seconds: number }>({
    summary: 'A worker did not finish evaluating its module in time.',
    exitStatus: 1,
    message: (d) => `the worker ${quote(d.service)} did not finish evaluating within ${d.seconds} s`,
    hint: () => 'look for an endless loop, or an `await` that never ends, at the top level',
  }),
  WORKER_UNAVAILABLE: entry<{ service: string }>({
    summary: 'A worker was called that could not be evaluated.',
    httpStatus: 503,
    message: (d) => `the worker ${quote(d.service)} could not be evaluated`,
    hint: () => 'its log has the error; it is tried again with the next requests',
  }),
  WORKER_WASM: entry<{ worker: string; file: string; reason: string }>({
    summary: 'A worker imports a .wasm file that is no valid WebAssembly module.',
    exitStatus: 2,
    message: (d) => `worker ${quote(d.worker)}: ${quote(d.file)} is no valid WebAssembly module: ${d.reason}`,
    hint: () => 'check that the build, or the download, that made it has succeeded',
  }),
});

export type ErrorCode = keyof typeof errorTable;
export type ErrorDetails<Code extends ErrorCode> =
  (typeof errorTable)[Code] extends ErrorEntry<infer Details> ? Details : never;

/** Where an error stands in a user's files. */
export interface ErrorPlace {
  /** A path within the configuration: `apps[2].bindings.DB`. */
  readonly path?: string;
  /** A file, relative to the working directory where that is shorter. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** The lines around it, marked, ready to print. */
  readonly frame?: string;
}

/** An error of the table. */
export class NanodError extends Error {
  override readonly name = 'NanodError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly place: ErrorPlace;

  constructor(code: ErrorCode, message: string, hint: string | undefined, place: ErrorPlace) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.place = place;
  }

  get exitStatus(): 1 | 2 {
    return (errorTable[this.code] as ErrorEntry<never>).exitStatus ?? 1;
  }

  get httpStatus(): number {
    return (errorTable[this.code] as ErrorEntry<never>).httpStatus ?? 500;
  }
}

/** Makes an error of the table: `makeError('SCRIPT_NOT_FOUND', { script }, { path: 'apps[0].script' })`. */
export function makeError<Code extends ErrorCode>(
  code: Code,
  details: ErrorDetails<Code>,
  place: ErrorPlace = {},
): NanodError {
  const row = errorTable[code] as unknown as ErrorEntry<ErrorDetails<Code>>;
  return new NanodError(code, row.message(details), row.hint?.(details), place);
}

/** `apps[0].script: message`, `src/a.ts:3:7: message`, `apps[0].script (app.json:3:7): message`, or the message alone. */
export function describeError(error: NanodError): string {
  const where = describePlace(error.place);
  return where === undefined ? error.message : `${where}: ${error.message}`;
}

/** `apps[0].script (app.json:3:7)`, whatever of it is known; `undefined` when nothing is. */
export function describePlace(place: ErrorPlace): string | undefined {
  const position = describePosition(place);
  if (place.path === undefined || place.path === '') return position;
  return position === undefined ? place.path : `${place.path} (${position})`;
}

function describePosition({ file, line, column }: ErrorPlace): string | undefined {
  if (line === undefined) return file;
  const position = column === undefined ? `${line}` : `${line}:${column}`;
  return file === undefined ? `line ${position}` : `${file}:${position}`;
}

/**
 * The errors as the command line prints them on stderr, each ending in a line break: `error[CODE]: where: message`, the code frame, and
 * the hint indented. Control characters that came from a user's file are escaped, so nothing in it can drive the terminal.
 */
export function formatErrors(errors: readonly NanodError[]): string {
  return errors.map(formatError).join('');
}

function formatError(error: NanodError): string {
  const lines = [`error[${error.code}]: ${indentRest(describeError(error))}`];
  if (error.place.frame !== undefined) lines.push(indent(error.place.frame));
  if (error.hint !== undefined) lines.push(`  hint: ${indentRest(error.hint)}`);
  return `${printable(lines.join('\n'))}\n`;
}

function indent(text: string): string {
  return text.replace(/^/gmu, '  ');
}

function indentRest(text: string): string {
  return text.trimEnd().replaceAll('\n', '\n    ');
}
