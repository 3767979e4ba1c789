/** When each version first ran, as long as this process lives. */

export class VersionTimes {
  readonly #times = new Map<string, string>();
  readonly #date: () => Date;

  /** `date`: the time of day. */
  constructor(date: () => Date) {
    this.#date = date;
  }

  /** ISO 8601; now, for a version that has not run yet. */
  since(version: string): string {
    const known = this.#times.get(version) ?? this.#date().toISOString();
    this.#times.set(version, known);
    return known;
  }
}
