/** Compiled, never run: method calls between services. A line that must not compile says so. */

import { DurableObject } from 'cloudflare:workers';
import type { RpcStub, Service } from 'nanod/types';
import type { Session } from './rpc-auth.ts';

interface Env {
  readonly AUTH: Service<typeof import('./rpc-auth.ts')>;
  readonly ADMIN: Service<typeof import('./rpc-auth.ts'), 'Admin'>;
  readonly ANY: Service;
}

export async function calls({ AUTH, ADMIN, ANY }: Env): Promise<unknown> {
  const response: Response = await AUTH.fetch('http://auth/');
  const verified: boolean = await AUTH.verify('token');
  const version: number = await AUTH.version;
  const nothing: void = await ADMIN.reset();
  await ANY.fetch('http://any/');

  const profile = await AUTH.profile(1);
  const name: string = profile.name;
  const born: Date = profile.born;
  const session: RpcStub<Session> = profile.session;
  const seconds: number = await session.extend(3);
  const user: string = await session.user;
  session.dup()[Symbol.dispose]();
  session.onRpcBroken((error) => console.log(error));
  AUTH.profile(1).session.onRpcBroken(() => undefined);

  const pipelined: string = await AUTH.profile(1).name;
  const further: number = await AUTH.profile(1).session.extend(4);
  const add = await AUTH.makeAdder(1);
  const sum: number = await add(2);
  using watching = await AUTH.watch((event) => event.length);
  await watching.extend(1);

  const passed: boolean = await AUTH.verify(AUTH.profile(1).name);
  // @ts-expect-error a plain promise cannot be passed
  await AUTH.verify(Promise.resolve('token'));
  // @ts-expect-error the result is no string
  await AUTH.verify(AUTH.version);
  // @ts-expect-error the argument is a string
  await AUTH.verify(1);
  // @ts-expect-error there is no such method
  await AUTH.nothing();
  // @ts-expect-error env is the service's own
  await AUTH.env;
  // @ts-expect-error a result is a promise
  const wrong: boolean = AUTH.verify('token');
  return [
    response,
    verified,
    version,
    nothing,
    name,
    born,
    seconds,
    user,
    pipelined,
    further,
    sum,
    passed,
    wrong,
  ];
}

export class Room extends DurableObject<Env> {
  async enter(token: string): Promise<boolean> {
    return this.env.AUTH.verify(token);
  }
}
