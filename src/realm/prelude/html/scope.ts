/** How long the object that a handler is given can be used: until the handler has returned, or its promise has settled. */

import { ObjectCreate, ObjectFreeze, TypeErrorCtor } from '../primordials.ts';

export class Scope {
  isOpen = true;
}

/** What only the prelude can give to the constructors of tokens. */
export const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);

/** Throws the TypeError of an object whose handler is over. */
export function requireOpen(scope: Scope): void {
  if (scope.isOpen) return;
  throw new TypeErrorCtor(
    'This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.',
  );
}

/** The TypeError of what a document cannot take. */
export function parserError(message: string): TypeError {
  return new TypeErrorCtor(`Parser error: ${message}`);
}
