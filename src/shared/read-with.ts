/** What a command line says of a configuration besides its path. A type only, which the layers share. */

/** `name=value` about something that a configuration names. */
export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** What is said besides the path of a configuration, so that it can be read again. */
export interface ReadWith {
  /** Absolute path of what is read, where it is not what the deployment is named by. */
  readonly config?: string;
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
  /** Where sockets listen, where external servers are, and the directories of services, absolute. */
  readonly socketAddr?: readonly NamedValue[];
  readonly externalAddr?: readonly NamedValue[];
  readonly directoryPath?: readonly NamedValue[];
  /** The workers are watched. */
  readonly watch?: boolean;
  /** The namespace of the workers. */
  readonly namespace?: string;
}
