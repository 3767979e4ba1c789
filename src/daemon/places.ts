/** Where an error about everything that is deployed stands in the file that somebody wrote. Pure. */

import { errorsIn } from '../control/failure.ts';
import { NanodError, type ErrorPlace } from '../shared/errors.ts';
import { living } from './state-changes.ts';
import type { SavedSource } from './state-file.ts';

/** What a change is refused with: sockets are numbered as in their file. Anything but errors of the table stays as it is. */
export function inOwnFiles(thrown: unknown, sources: readonly SavedSource[]): unknown {
  const errors = errorsIn(thrown);
  if (errors === undefined) return thrown;
  return new AggregateError(
    errors.map(
      ({ code, message, hint, place }) => new NanodError(code, message, hint, placeOf(place, sources)),
    ),
  );
}

/** mergeConfigs puts the sockets of one file behind those of another. */
function placeOf(place: ErrorPlace, sources: readonly SavedSource[]): ErrorPlace {
  const [, digits, rest = ''] = /^sockets\[(\d+)\](.*)$/su.exec(place.path ?? '') ?? [];
  if (digits === undefined || place.file !== undefined) return place;
  let index = Number(digits);
  for (const { source, config } of living(sources)) {
    if (index < config.sockets.length) return { ...place, path: `sockets[${index}]${rest}`, file: source };
    index -= config.sockets.length;
  }
  return place;
}
