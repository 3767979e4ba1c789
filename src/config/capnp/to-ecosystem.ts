/**
 * Turns the evaluated configuration of a capnp file into a value of dialect 1, in which each part knows its place in the capnp file. What
 * dialect 1 has no word for is reported here as not available; all other checks are those of dialect 1. Runs in the supervisor.
 */
import { resolve as resolvePath } from 'node:path';
import { hasBindingCycle } from '../binding-cycles.ts';
import { list, plain, record } from '../traced.ts';
import type { Traced } from '../traced.ts';
import { convertHttp, convertServerTls, listenAddress } from './to-protocols.ts';
import { convertExternal, convertNetwork } from './to-services.ts';
import { Translator } from './translator.ts';
import type { TranslatorContext } from './translator.ts';
import { convertWorker } from './to-worker.ts';
import type { StructValue, Value } from './values.ts';

/** The value of dialect 1 for a `Config`. Throws a `TooLarge`. */
export function toEcosystem(config: StructValue, context: TranslatorContext): Traced {
  const translator = new Translator(context);
  const services = translator.items(config, 'services');
  const workers = services.filter((service) => kindOf(service) === 'worker');
  const others = services.filter((service) => kindOf(service) !== 'worker');
  const origin = translator.origin(config);
  const apps = workers.flatMap((service) => convertWorkerService(service, translator));
  return record(
    [
      ['apps', list(apps, translator.origin(config, 'services'))],
      [
        'services',
        optional(
          others.map((service) => convertService(service, translator)),
          config,
          translator,
        ),
      ],
      [
        'sockets',
        optional(
          translator.items(config, 'sockets').map((socket) => convertSocket(socket, translator)),
          config,
          translator,
        ),
      ],
      [
        'extensions',
        optional(
          translator.items(config, 'extensions').map((extension) => convertExtension(extension, translator)),
          config,
          translator,
        ),
      ],
      // workerd lets workers reach each other in circles, and asks nobody.
      ['allowBindingCycles', hasBindingCycle(apps) ? plain(true, origin) : undefined],
      ['v8Flags', translator.any(config, 'v8Flags')],
      ...convertLogging(config, translator),
    ],
    origin,
  );
}

function optional(items: readonly Traced[], config: StructValue, translator: Translator): Traced | undefined {
  return items.length === 0 ? undefined : list(items, translator.origin(config));
}

/** The member of its union that a service has. */
function kindOf(service: Value): string | undefined {
  if (service.kind !== 'struct') return undefined;
  return [...service.type.fields.values()].find(({ name, inUnion }) => inUnion && service.fields.has(name))
    ?.name;
}

function convertWorkerService(service: Value, translator: Translator): Traced[] {
  const { name, worker } = translator.fields(service);
  return [convertWorker(translator.text(name), worker, service, translator)];
}

function convertService(service: Value, translator: Translator): Traced {
  const { name: given, network, external, disk } = translator.fields(service);
  const name = translator.text(given);
  if (service.kind !== 'struct') return translator.wrong(service);
  if (network !== undefined) return convertNetwork(name, network, service, translator);
  if (external !== undefined) return convertExternal(name, external, service, translator);
  if (disk !== undefined) return convertDisk(name, disk, service, translator);
  return translator.refuse(service, 'one of worker, network, external, disk', 'a service without a kind');
}

function convertDisk(name: Traced | undefined, disk: Value, service: Value, translator: Translator): Traced {
  const { path, writable, allowDotfiles } = translator.fields(disk);
  const text = translator.string(path);
  const origin = translator.origin(service);
  return record(
    [
      ['name', name],
      ['kind', plain('disk', origin)],
      // workerd counts it from the working directory, not from the file.
      [
        'path',
        path === undefined || text === undefined
          ? translator.text(path)
          : { kind: 'path', path: resolvePath(translator.cwd, text), origin: translator.origin(path) },
      ],
      ['writable', translator.flag(writable)],
      ['allowDotfiles', translator.flag(allowDotfiles)],
    ],
    origin,
  );
}

function convertSocket(socket: Value, translator: Translator): Traced {
  const { name, address, http, https, tcp, service } = translator.fields(socket);
  const { options, tlsOptions } = translator.fields(https ?? tcp);
  const protocol = https !== undefined ? 'https' : tcp !== undefined ? 'tcp' : undefined;
  const tls =
    https !== undefined || tlsOptions !== undefined
      ? convertServerTls(tlsOptions, https, translator)
      : undefined;
  return record(
    [
      ['name', translator.text(name)],
      ['address', listenAddress(address, protocol ?? 'http', translator)],
      ['service', translator.designator(service)],
      [
        'protocol',
        protocol === undefined ? undefined : plain(protocol, translator.origin(https ?? tcp ?? socket)),
      ],
      ['tls', tls],
      ...convertHttp(http ?? options, translator),
    ],
    translator.origin(socket),
  );
}

function convertExtension(extension: Value, translator: Translator): Traced {
  const modules = translator.items(extension, 'modules').map((module) => {
    const { name, internal, esModule } = translator.fields(module);
    return record(
      [
        ['name', translator.text(name)],
        ['internal', translator.flag(internal)],
        ['esModule', translator.source(esModule)],
      ],
      translator.origin(module),
    );
  });
  return record(
    [['modules', list(modules, translator.origin(extension, 'modules'))]],
    translator.origin(extension),
  );
}

/** JSON is what the log is made of anyway. */
function convertLogging(config: StructValue, translator: Translator): [string, Traced | undefined][] {
  const { autogates, logging } = translator.fields(config);
  const { stdoutPrefix, stderrPrefix } = translator.fields(logging);
  translator.later(autogates, 'the field "autogates"');
  translator.later(stdoutPrefix, 'the field "stdoutPrefix"');
  translator.later(stderrPrefix, 'the field "stderrPrefix"');
  return [];
}
