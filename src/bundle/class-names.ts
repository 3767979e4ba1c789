/**
 * Gives classes their names back. esbuild turns `class Foo { static of() { return new Foo() } }` into `var Foo = class _Foo { ... new
 * _Foo() ... }`, so that `Foo.name` would be `_Foo`. Renaming the inner binding to what it was costs nothing at run time, unlike
 * esbuild's `keepNames`. Pure functions.
 */

import { replace } from './edits.ts';
import type { Edit } from './edits.ts';
import { identifiersIn } from './syntax.ts';
import type { NamedClassValue } from './syntax.ts';

/** The edits for one class, none if the name is what the author wrote or cannot be given back. */
export function restoreClassName(
  found: NamedClassValue,
  isOriginal: (offset: number, name: string) => boolean,
): Edit[] {
  const { id } = found.value;
  const name = originalName(found.target, id.name);
  if (name === undefined || !isOriginal(id.start, name)) return [];
  const inside = identifiersIn(found.value);
  // The class sees another variable of that name: the one it has been renamed for.
  if (inside.some((identifier) => identifier.name === name)) return [];
  return inside
    .filter((identifier) => identifier.name === id.name)
    .map(({ start, end }) => replace(start, end, name));
}

/** `Foo` of (`Foo`, `_Foo`), (`Foo2`, `_Foo`) and (`Foo`, `_Foo2`): a number is what esbuild appends to a name that is taken. */
function originalName(target: string, inner: string): string | undefined {
  if (!inner.startsWith('_')) return undefined;
  const own = inner.slice(1);
  const [short, long] = own.length < target.length ? [own, target] : [target, own];
  return long.startsWith(short) && /^\d*$/u.test(long.slice(short.length)) ? short : undefined;
}
