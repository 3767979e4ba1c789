/** Where nanod listens, as plain data. Types only. */

/** Where a socket listens. Discriminated by `kind`. */
export type SocketAddress =
  TcpAddress | UnixAddress | AbstractAddress | DescriptorAddress | ActivationAddress;

export interface TcpAddress {
  readonly kind: 'tcp';
  /** An IP address without brackets, a host name in lower case, or `*` for every interface. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** A Unix socket in the file system. */
export interface UnixAddress {
  readonly kind: 'unix';
  /** Absolute. */
  readonly path: string;
}

/** A Unix socket of Linux that is no file. */
export interface AbstractAddress {
  readonly kind: 'unix-abstract';
  readonly name: string;
}

/** A descriptor that nanod has inherited, and that listens already. */
export interface DescriptorAddress {
  readonly kind: 'fd';
  /** At least 3. */
  readonly fd: number;
}

/** A descriptor that the service manager hands over under a name. */
export interface ActivationAddress {
  readonly kind: 'systemd';
  readonly name: string;
}
