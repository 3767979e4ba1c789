/** What inspect shows of platform objects, whose state is hidden. A module that defines such a class registers it while it loads. */

/** Fields to show, as a fresh object: `{ status: 200 }`. Must have no side effects. */
export type DescribeFields = (value: object) => object;

interface Registered {
  readonly isOne: (value: object) => boolean;
  readonly describe: DescribeFields;
  readonly next: Registered | undefined;
}

let registered: Registered | undefined;

/** Registers a class. A derived class registers after its base: the last one that fits is taken. */
export function registerInspection(isOne: (value: object) => boolean, describe: DescribeFields): void {
  registered = { isOne, describe, next: registered };
}

/** The fields to show of this object; undefined where it is of no class that is registered. */
export function inspectionOf(value: object): object | undefined {
  for (let link = registered; link !== undefined; link = link.next) {
    if (link.isOne(value)) return link.describe(value);
  }
  return undefined;
}
