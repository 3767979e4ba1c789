/** How a service that is elsewhere has been doing, as this thread has seen it. Runs in a thread. */

import type { NanodError } from '../shared/errors.ts';

/** Times in milliseconds since the epoch, latencies in milliseconds; undefined where there has been none. */
export interface ServiceHealth {
  /** Requests that were answered, whatever the status. */
  readonly answered: number;
  readonly failed: number;
  /** Requests that the rules of the service did not permit. They say nothing about the other side. */
  readonly refused: number;
  /** Requests that were sent a second time, on another connection. */
  readonly retried: number;
  /** Failures since the last answer. */
  readonly consecutiveFailures: number;
  readonly lastSuccess: number | undefined;
  readonly lastFailure: Failure | undefined;
  /** From the request to the head of the response: of the last one, and smoothed. */
  readonly lastLatency: number | undefined;
  readonly meanLatency: number | undefined;
}

export interface Failure {
  readonly time: number;
  /** Of the error table. */
  readonly code: string;
  readonly message: string;
}

/** What the last answer weighs in the mean. */
const weight = 0.2;

export class HealthRecord {
  readonly #clock: () => number;
  #answered = 0;
  #failed = 0;
  #refused = 0;
  #retried = 0;
  #consecutiveFailures = 0;
  #lastSuccess: number | undefined;
  #lastFailure: Failure | undefined;
  #lastLatency: number | undefined;
  #meanLatency: number | undefined;

  /** `clock` gives milliseconds since the epoch. */
  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  /** Milliseconds since the epoch, for `answered`. */
  now(): number {
    return this.#clock();
  }

  /** The head of a response is here. `sent`: when the request went out. */
  answered(sent: number): void {
    this.heard();
    this.took(this.#clock() - sent);
  }

  /** An answer is here that says nothing about the way to it: of a method, which takes as long as it takes. */
  heard(): void {
    this.#answered++;
    this.#consecutiveFailures = 0;
    this.#lastSuccess = this.#clock();
  }

  /** How long the way there and back took, in milliseconds. */
  took(milliseconds: number): void {
    const latency = Math.max(0, milliseconds);
    this.#lastLatency = latency;
    this.#meanLatency =
      this.#meanLatency === undefined ? latency : this.#meanLatency + weight * (latency - this.#meanLatency);
  }

  /** An exchange failed. What is the caller's fault is not counted. */
  failed({ code, message }: NanodError): void {
    if (code === 'NETWORK_REQUEST' || code === 'NETWORK_REFUSED') return;
    this.#failed++;
    this.#consecutiveFailures++;
    this.#lastFailure = { time: this.#clock(), code, message };
  }

  refused(): void {
    this.#refused++;
  }

  retried(): void {
    this.#retried++;
  }

  read(): ServiceHealth {
    return {
      answered: this.#answered,
      failed: this.#failed,
      refused: this.#refused,
      retried: this.#retried,
      consecutiveFailures: this.#consecutiveFailures,
      lastSuccess: this.#lastSuccess,
      lastFailure: this.#lastFailure,
      lastLatency: this.#lastLatency,
      meanLatency: this.#meanLatency,
    };
  }
}
