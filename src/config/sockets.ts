/** The sockets of a draft: addresses read, and nothing listened on twice. Runs in the supervisor. */
import type { ErrorPlace } from '../shared/errors.ts';
import { addressKeys, formatAddress, parseAddress } from './address.ts';
import type { AddressKeys } from './address.ts';
import type { DraftSocket } from './draft.ts';
import { placeName } from './problems.ts';
import type { Problems } from './problems.ts';
import type { Sourced } from './sourced.ts';
import type { ServiceDesignator, Socket, SocketAddress } from './types.ts';

/** What sockets need to know of the services. */
export interface SocketServices {
  /** The designator, or `undefined` after a report when there is no such service. */
  readonly target: (target: Sourced<ServiceDesignator>) => ServiceDesignator | undefined;
  readonly groupOf: (service: string) => string;
}

/** The sockets without error. What is wrong with the others is reported. */
export function resolveSockets(
  drafts: readonly DraftSocket[],
  problems: Problems,
  services: SocketServices,
): Socket[] {
  const names = new Map<string, ErrorPlace>();
  const addresses = new Map<string, ErrorPlace>();
  return drafts.flatMap((draft) => {
    if (draft.name !== undefined)
      claim(
        names,
        { takes: [draft.name.value], meets: [draft.name.value] },
        'socket name',
        draft.name,
        problems,
      );
    const address = readAddress(draft.address, problems);
    if (address !== undefined && draft.address !== undefined) {
      const text = { value: formatAddress(address), place: draft.address.place };
      claim(addresses, addressKeys(address), 'address', text, problems);
    }
    const service = draft.service === undefined ? undefined : services.target(draft.service);
    if (draft.name === undefined || address === undefined || service === undefined) return [];
    return [{ name: draft.name.value, address, service, group: services.groupOf(service.service) }];
  });
}

function readAddress(written: DraftSocket['address'], problems: Problems): SocketAddress | undefined {
  if (written === undefined) return undefined;
  const parsed = parseAddress(written.value);
  if ('address' in parsed) return parsed.address;
  if ('later' in parsed) {
    problems.report('CONFIG_NOT_AVAILABLE', { what: parsed.later }, written.place);
  } else {
    const details = { found: String(written.value), reason: parsed.reason };
    problems.report('CONFIG_ADDRESS', details, written.place);
  }
  return undefined;
}

/** Takes keys for a place, or reports that one that it meets is taken. */
function claim(
  taken: Map<string, ErrorPlace>,
  { takes, meets }: AddressKeys,
  what: string,
  { value: name, place }: Sourced<string>,
  problems: Problems,
): void {
  const conflict = meets.find((key) => taken.has(key));
  if (conflict !== undefined) {
    const first = placeName(taken.get(conflict) ?? {});
    problems.report('CONFIG_DUPLICATE', { what, name, first }, place);
    return;
  }
  for (const key of takes) taken.set(key, place);
}
