/**
 * Stand-ins for services: what `overrides` of a configuration and `--replace` of the command line say. Whatever kind a service is of, a worker
 * takes its name, and with it every way that leads there. It has no bindings and reaches nothing, so that it cannot do more than answer.
 * Runs in the supervisor.
 */
import { resolve as resolvePath } from 'node:path';
import { quote } from '../shared/text.ts';
import { nearest } from '../shared/suggest.ts';
import type { Draft, DraftReplacement, DraftService, DraftWorker } from './draft.ts';
import { defaultCompatibilityDate } from './ecosystem-schema.ts';
import type { DraftNetwork } from './kinds/network.ts';
import type { Override } from './overrides.ts';
import type { Problems } from './problems.ts';
import type { Sourced, Sourcing } from './sourced.ts';
import { internetService } from './types.ts';

/** `overrides` of a file. */
export function readReplacements(
  overrides: Readonly<Record<string, string | undefined>>,
  at: Sourcing,
): DraftReplacement[] {
  return Object.keys(overrides).flatMap((service) => {
    const script = at.sourced(overrides[service], service);
    return script === undefined ? [] : [{ service, script }];
  });
}

/** `--replace` of the command line. Paths count from the working directory. */
export function replacementsOf(written: readonly Override[], cwd: string): DraftReplacement[] {
  return written.map(({ name, value }) => ({
    service: name,
    script: { value: resolvePath(cwd, value), place: { path: `--replace ${name}=${value}` } },
  }));
}

/** The draft with stand-ins. A name that nothing has is reported. The last replacement of a name counts. */
export function replaceServices(
  draft: Draft,
  replacements: readonly DraftReplacement[],
  problems: Problems,
): Draft {
  if (replacements.length === 0) return draft;
  const byName = new Map(replacements.map((each) => [each.service, each]));
  const known = new Set(draft.services.flatMap(({ name }) => name?.value ?? []));
  const nowhere = nowhereBut(known);
  const services = draft.services.map((service) => {
    const found = service.name && byName.get(service.name.value);
    return found === undefined ? service : standIn(service, found, nowhere);
  });
  for (const replacement of byName.values()) {
    const { service: name, script } = replacement;
    if (known.has(name)) continue;
    if (name === internetService) services.push(standIn(undefined, replacement, nowhere));
    else if (!draft.writtenNames.services.has(name))
      reportUnknown(name, [...known, internetService], script, problems);
  }
  return { ...draft, services: [...services, nowhere] };
}

function standIn(
  former: DraftService | undefined,
  { service, script }: DraftReplacement,
  nowhere: DraftNetwork,
): DraftWorker {
  const worker = former?.kind === 'worker' ? former : undefined;
  return {
    kind: 'worker',
    name: former?.name ?? { value: service, place: script.place },
    source: { kind: 'script', path: script },
    inherit: undefined,
    placeOf: () => script.place,
    group: worker?.group,
    compatibilityDate: worker?.compatibilityDate ?? defaultCompatibilityDate,
    compatibilityFlags: worker?.compatibilityFlags ?? [],
    bindings: [],
    assets: undefined,
    globalOutbound: { value: { service: nowhere.name?.value ?? '' }, place: script.place },
  };
}

/** A network without an address. */
function nowhereBut(taken: ReadonlySet<string>): DraftNetwork {
  let name = 'nowhere';
  for (let number = 2; taken.has(name); number += 1) name = `nowhere-${number}`;
  return { kind: 'network', name: { value: name, place: {} }, allow: [], deny: [], tls: undefined };
}

function reportUnknown(
  name: string,
  known: readonly string[],
  { place }: Sourced<string>,
  problems: Problems,
): void {
  const shown = known.slice(0, 12).map(quote).join(', ');
  const details = { what: 'service', name, suggestion: nearest(name, known), known: shown };
  problems.report('CONFIG_UNKNOWN_NAME', details, place);
}
