/** What a change was refused with, as text. Pure. */

import { errorsIn } from '../control/failure.ts';

/** Every error in it, on one line. */
export function describeRefusal(thrown: unknown): string {
  const errors = errorsIn(thrown);
  if (errors !== undefined) return errors.map(({ message }) => message).join('; ');
  return thrown instanceof Error ? thrown.message : String(thrown);
}
