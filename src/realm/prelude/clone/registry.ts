/**
 * The platform objects that can be cloned or transferred. A module that defines such a class registers it while it loads, so that
 * cloning knows no class by name. https://html.spec.whatwg.org/#serializable-objects
 */

/** Makes a copy; throws a DataCloneError where this one object cannot be copied. */
export type CloneObject = (source: object) => object;

/** How objects of a transferable class move. https://html.spec.whatwg.org/#transferable-objects */
export interface TransferSteps {
  /** It was transferred before, and cannot be again. */
  readonly isDetached: (source: object) => boolean;
  /** Detaches the object and returns the one that takes its place. */
  readonly transfer: (source: object) => object;
}

type BrandCheck = (value: object) => boolean;

interface Registered<Steps> {
  readonly isOne: BrandCheck;
  readonly steps: Steps;
  readonly next: Registered<Steps> | undefined;
}

let serializable: Registered<CloneObject> | undefined;
let transferable: Registered<TransferSteps> | undefined;

/** Registers a class. A derived class registers after its base: the last one that fits is taken. */
export function registerSerializable(isOne: BrandCheck, clone: CloneObject): void {
  serializable = { isOne, steps: clone, next: serializable };
}

/** Registers a transferable class, likewise. */
export function registerTransferable(isOne: BrandCheck, steps: TransferSteps): void {
  transferable = { isOne, steps, next: transferable };
}

/** How to clone this object; undefined where it is of no class that is registered. */
export function cloneStepsOf(value: object): CloneObject | undefined {
  return find(serializable, value);
}

/** How to transfer this object; undefined likewise. */
export function transferStepsOf(value: object): TransferSteps | undefined {
  return find(transferable, value);
}

function find<Steps>(first: Registered<Steps> | undefined, value: object): Steps | undefined {
  for (let link = first; link !== undefined; link = link.next) {
    if (link.isOne(value)) return link.steps;
  }
  return undefined;
}
