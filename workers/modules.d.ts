/** What a worker gets from importing a file that is no code. JSON needs no line here: `resolveJsonModule` gives it its own type. */

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

declare module '*.txt' {
  const text: string;
  export default text;
}
