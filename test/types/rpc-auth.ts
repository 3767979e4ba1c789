/** Compiled, never run: a service whose methods rpc.ts calls. */

import { RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';

export class Session extends RpcTarget {
  get user(): string {
    return 'somebody';
  }
  extend(seconds: number): number {
    return seconds;
  }
}

export interface Profile {
  readonly name: string;
  readonly born: Date;
  readonly session: Session;
}

interface Env {
  readonly KEY: string;
}

export default class Auth extends WorkerEntrypoint<Env, { readonly caller: string }> {
  verify(token: string): boolean {
    return token === this.env.KEY && this.ctx.props.caller !== '';
  }
  async profile(id: number): Promise<Profile> {
    return { name: `${id}`, born: new Date(), session: new Session() };
  }
  watch(callback: (event: string) => number): Session {
    callback('event');
    return new Session();
  }
  makeAdder(n: number): (x: number) => number {
    return (x) => x + n;
  }
  get version(): number {
    return 1;
  }
}

export class Admin extends WorkerEntrypoint {
  reset(): void {}
}
