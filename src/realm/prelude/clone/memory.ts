/** Which copy stands for which source object. */

import { MapCtor, MapPrototypeGet, MapPrototypeSet } from '../primordials.ts';

interface Pair {
  readonly source: object;
  readonly target: object;
  readonly next: Pair | undefined;
}

/** A list is faster than a map while it is this short. */
const SHORT = 8;

export class Memory {
  #pairs: Pair | undefined;
  #count = 0;
  #map: Map<object, object> | undefined;

  get(source: object): object | undefined {
    if (this.#map !== undefined) return MapPrototypeGet(this.#map, source);
    for (let pair = this.#pairs; pair !== undefined; pair = pair.next) {
      if (pair.source === source) return pair.target;
    }
    return undefined;
  }

  set(source: object, target: object): void {
    if (this.#map !== undefined) MapPrototypeSet(this.#map, source, target);
    else if (this.#count++ < SHORT) this.#pairs = { source, target, next: this.#pairs };
    else this.#grow(source, target);
  }

  #grow(source: object, target: object): void {
    const map = new MapCtor<object, object>();
    for (let pair = this.#pairs; pair !== undefined; pair = pair.next)
      MapPrototypeSet(map, pair.source, pair.target);
    MapPrototypeSet(map, source, target);
    this.#map = map;
    this.#pairs = undefined;
  }
}
