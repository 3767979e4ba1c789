/**
 * Who may import whom. The table holds the layers of the design as data; everything below it turns the table into rules.
 * Type-only imports count: a layer that knows another's types cannot be changed or read without it.
 */

/** For each folder of src/, the folders that it may import besides itself and `shared`. */
const LAYERS = {
  shared: [],
  messages: [],
  config: [],
  graph: ['config'],
  embed: ['config', 'messages'],
  bundle: [],
  control: [],
  cli: ['control'],
  supervisor: ['control', 'config', 'bundle', 'messages'],
  observe: ['supervisor', 'config', 'messages'],
  daemon: ['supervisor', 'observe', 'control', 'config', 'bundle', 'messages'],
  nodejs: [],
  realm: [],
  bindings: ['realm', 'messages'],
  services: ['realm', 'bindings'],
  thread: ['services', 'bindings', 'realm', 'messages'],
};

const PRELUDE = '^src/realm/prelude/';

/** Modules of Node.js for workers: code that realms evaluate, made from packages that are bundled into it. */
const NODEJS = '^src/nodejs/';

/** The prelude's types that describe what crosses a realm's boundary. The host may know them, never the code. */
const NEUTRAL_STATE = '^src/realm/prelude/(state|failure-state|rpc/rpc-state)[.]ts$';

const layerRules = Object.entries(LAYERS).map(([layer, others]) => ({
  name: `layer-${layer}`,
  comment: `src/${layer}/ may import ${['shared', layer, ...others].map((name) => `src/${name}/`).join(', ')}, and npm packages.`,
  severity: 'error',
  from: { path: `^src/${layer}/`, pathNot: PRELUDE },
  to: {
    path: '^(src|bench|scripts|test|workers)/',
    pathNot: [`^src/(${['shared', layer, ...others].join('|')})/`, NEUTRAL_STATE],
  },
}));

export default {
  forbidden: [
    ...layerRules,
    {
      name: 'layers-complete',
      comment: 'A new folder of src/ needs its line in LAYERS.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${Object.keys(LAYERS).join('|')})/` },
      to: {},
    },
    {
      name: 'thread-by-url',
      comment: 'A thread is started by the URL of its entry file; nobody imports its code.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/thread/' },
      to: { path: '^src/thread/' },
    },
    {
      name: 'top-of-src',
      comment:
        'The files at the top of src/ put the layers together: they may import any, and no layer imports them.',
      severity: 'error',
      from: { path: '^src/[^/]+/' },
      to: { path: '^src/[^/]+$' },
    },
    {
      name: 'prelude-alone',
      comment: 'The prelude runs inside realms: it imports nothing from outside its folder, not even a type.',
      severity: 'error',
      from: { path: PRELUDE },
      to: { pathNot: PRELUDE, couldNotResolve: false },
    },
    {
      name: 'prelude-types-only',
      comment: 'The host evaluates nothing of the prelude: it hands its text to each realm.',
      severity: 'error',
      from: { path: '^src/', pathNot: PRELUDE },
      to: { path: PRELUDE, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'neutral-state-only',
      comment: 'Outside src/realm/, only the neutral state of the prelude is known.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/realm/' },
      to: { path: PRELUDE, pathNot: NEUTRAL_STATE },
    },
    {
      name: 'neutral-state-readers',
      comment: 'Only what carries calls from realm to realm knows neutral state.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(messages|realm|bindings|services|thread)/' },
      to: { path: NEUTRAL_STATE },
    },
    {
      name: 'nodejs-alone',
      comment:
        'src/nodejs/ runs inside realms: it imports nothing but itself and the packages that it ports.',
      severity: 'error',
      from: { path: NODEJS },
      to: { path: '^src/', pathNot: NODEJS },
    },
    {
      name: 'nodejs-as-text',
      comment: 'The host evaluates nothing of src/nodejs/: it hands its text to realms.',
      severity: 'error',
      from: { path: '^src/', pathNot: NODEJS },
      to: { path: NODEJS },
    },
    {
      name: 'no-cycles',
      comment: 'Two modules that need each other are one module, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'The module cannot be found. (Built-in modules of workers are known to the bundler alone.)',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(cloudflare|nanod):' },
    },
    {
      name: 'declared-packages',
      comment: 'A package that is imported stands in package.json.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-development-packages',
      comment: 'What is installed with nanod must not import what is not. Types are gone by then.',
      severity: 'error',
      from: { path: '^src/', pathNot: NODEJS },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: {
      path: '^(test/(fixtures|types)/|scripts/worker-globals/|dist/|test/hostile/inside/r02-script[.]js)',
    },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
