/**
 * What the daemon tells systemd (https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html): that it is ready, reloads, stops and
 * lives. Node.js has no datagrams over Unix sockets, so systemd's own program sends them (docs/decisions/systemd.md). Runs in the supervisor.
 */

/** What this module needs of its surroundings. */
export interface ServiceManagerPowers {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of this process. */
  readonly pid: number;
  /** It has another's environment: what is meant for that process is meant for this one. */
  readonly isSuccessor: boolean;
  /** Runs a program to its end. Rejects where it cannot, or where its status is not 0. */
  readonly run: (program: string, args: readonly string[]) => Promise<unknown>;
  /** CLOCK_MONOTONIC, in nanoseconds. */
  readonly monotonic: () => bigint;
  readonly every: (ms: number, task: () => void) => void;
  readonly warn: (text: string) => void;
}

/** Pings in the time after which systemd takes the daemon for dead: two may be late. */
const pingsInTime = 3;

/** Does nothing where no service manager asks to be told. */
export class ServiceManager {
  readonly #powers: ServiceManagerPowers;
  #failed = false;
  /** One message after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(powers: ServiceManagerPowers) {
    this.#powers = powers;
  }

  /** It serves, and is the process to watch. From then on it says that it lives, as often as it is asked to. */
  async ready(status: string): Promise<void> {
    await this.#tell(['READY=1', `MAINPID=${this.#powers.pid}`, `STATUS=${status}`]);
    const interval = this.#pingInterval();
    if (interval !== undefined) this.#powers.every(interval, () => void this.#tell(['WATCHDOG=1']));
  }

  /** One line for `systemctl status`. */
  status(text: string): Promise<void> {
    return this.#tell([`STATUS=${text}`]);
  }

  reloading(): Promise<void> {
    const now = this.#powers.monotonic() / 1000n;
    return this.#tell(['RELOADING=1', `MONOTONIC_USEC=${now}`, 'STATUS=reads every configuration again']);
  }

  reloaded(status: string): Promise<void> {
    return this.#tell(['READY=1', `STATUS=${status}`]);
  }

  stopping(): Promise<void> {
    return this.#tell(['STOPPING=1', 'STATUS=finishes the requests that it has']);
  }

  /** Milliseconds; undefined where nobody asks. */
  #pingInterval(): number | undefined {
    const { environment, pid, isSuccessor } = this.#powers;
    const { NOTIFY_SOCKET, WATCHDOG_PID, WATCHDOG_USEC } = environment;
    const micros = Number(WATCHDOG_USEC);
    if (NOTIFY_SOCKET === undefined || !Number.isSafeInteger(micros) || micros <= 0) return undefined;
    const isMeant = isSuccessor || WATCHDOG_PID === undefined || WATCHDOG_PID === String(pid);
    return isMeant ? Math.max(1, Math.floor(micros / 1000 / pingsInTime)) : undefined;
  }

  #tell(variables: readonly string[]): Promise<void> {
    if ((this.#powers.environment['NOTIFY_SOCKET'] ?? '') === '') return Promise.resolve();
    this.#turn = this.#turn.then(() => this.#send(variables));
    return this.#turn;
  }

  async #send(variables: readonly string[]): Promise<void> {
    try {
      await this.#powers.run('systemd-notify', variables);
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) this.#powers.warn(`systemd cannot be told: ${(error as Error).message}`);
      this.#failed = true;
    }
  }
}
