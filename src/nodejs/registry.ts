/** The way from a module to any other by its name, for `process.getBuiltinModule`. */

type Load = (name: string) => object | undefined;

let load: Load = () => undefined;

/** Called once, by main.ts. */
export function setLoad(given: Load): void {
  load = given;
}

/** What `require` of the module gives; undefined for what is not offered. `node:` in front is optional. */
export function builtinModule(id: string): object | undefined {
  return load(id.startsWith('node:') ? id.slice(5) : id);
}
