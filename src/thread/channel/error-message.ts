/** Errors on their way between threads: neutral states as plain data, and back. */

import type { ErrorMessage } from '../../messages/channel.ts';
import { neutral } from '../../realm/neutral.ts';
import type { ErrorState } from '../../realm/prelude/state.ts';

export function toErrorMessage(error: ErrorState): ErrorMessage {
  const { kind, name, message, stack, code } = error;
  return { kind, name, message, stack, code };
}

export function receiveError({ kind, name, message, stack, code }: ErrorMessage): ErrorState {
  return neutral.error(kind, name, message, stack, code);
}
