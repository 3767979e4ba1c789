/** The one free variable of the prelude: the host functions given to this realm (see host-api.ts). Use `host` of host.ts. */
declare const $host: import('./host-api.ts').HostApi;

/** The bundler's lazy import: evaluates the module at the call. One overload per module that is loaded lazily. */
