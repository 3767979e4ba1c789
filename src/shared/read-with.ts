/** What a command line says of a configuration besides its path. A type only, which the layers share. */

/** What is said besides the path of a configuration, so that it can be read again. */
export interface ReadWith {
  readonly constant?: string;
  /** Absolute paths of wrangler files. */
  readonly others?: readonly string[];
  readonly environment?: string;
  /** Absolute: where it was read, for a capnp file, whose directories count from there. */
  readonly directory?: string;
  /** Of a script by itself: the name of its service. */
  readonly name?: string;
  /** Of a script by itself: the port of its service. */
  readonly port?: number;
}
