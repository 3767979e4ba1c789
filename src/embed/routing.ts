/** Which service answers a URL, as the sockets of a configuration say. Pure. */

import type { ServiceDesignator, Socket } from '../config/types.ts';
import { RouteTable } from '../shared/route-table.ts';

export interface Router {
  /** Whom a URL leads to by the socket of that name, or by the first socket of HTTP that leads it anywhere. Throws a TypeError for a name that no such socket has. */
  find(url: string, socket?: string): ServiceDesignator | undefined;
}

export function makeRouter(sockets: readonly Socket[]): Router {
  const doors = sockets
    .filter(({ protocol }) => protocol !== 'tcp')
    .map(({ name, service, routes = [] }) => ({
      name,
      service,
      table: new RouteTable(routes.map((route) => ({ pattern: route.match, to: route.service }))),
    }));
  return {
    find(url, socket) {
      const asked = socket === undefined ? doors : doors.filter(({ name }) => name === socket);
      if (asked.length === 0 && socket !== undefined)
        throw new TypeError(`no socket of HTTP is named "${socket}"`);
      for (const { table, service } of asked) {
        const found = table.find(url) ?? service;
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}
