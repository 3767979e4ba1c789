/** The part of dialect 1 that says how the files of a worker become its code. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import type { BuildOptions, ModuleKind } from '../shared/worker-source.ts';
import { entry } from './manual.ts';
import type { Read, Sourced, Sourcing } from './sourced.ts';

const ruleKinds = ['esModule', 'commonJs', 'text', 'data', 'wasm'] as const satisfies readonly ModuleKind[];

/** Which files are modules of which kind. */
export const ruleSchema = entry(
  z.strictObject({
    kind: entry(z.enum(ruleKinds), {
      description: 'What the files are, as the keys of [modules](#modules) say it.',
      expected: `one of ${ruleKinds.join(', ')}`,
    }),
    globs: entry(
      z.array(
        entry(z.string().min(1).max(500), {
          description:
            'A pattern for paths that begin with `./`, in which `*` is any text, with slashes or without.',
          expected: 'a pattern such as "**/*.md"',
        }),
      ),
      { description: 'Which files: `"**/*.md"`.', expected: 'an array of patterns' },
    ),
  }),
  { description: 'A rule.', expected: 'a rule: { kind, globs }' },
);

const anyKey = (description: string, expected: string): z.ZodString =>
  entry(z.string().min(1).max(500), { description, expected });

/** The attributes of an app, which hold for its `script`. */
export const buildShape = {
  alias: entry(
    z
      .record(
        anyKey('What is imported: `"some-package"`.', 'the name of a module'),
        entry(z.string().min(1), {
          description: 'What is found instead: a package, or a path that begins with `./`, `../` or `/`.',
          expected: 'the name of a module, or a path',
        }),
      )
      .optional(),
    {
      description: 'Modules by which others are replaced. Paths count from the directory of this file.',
      expected: 'an object of names',
      default: '`{}`',
    },
  ),
  define: entry(
    z
      .record(
        entry(
          z
            .string()
            .regex(/^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*$/u)
            .max(500),
          {
            description: 'A global name, or several with dots between them.',
            expected: 'an identifier, or several with dots between them',
          },
        ),
        entry(z.string().min(1), {
          description:
            'The code of a constant or of an identifier: `"\\"text\\""` is a string, `"5"` a number.',
          expected: 'the text of a JSON value, or an identifier',
        }),
      )
      .optional(),
    {
      description: 'What stands in the code in place of global names, written as code.',
      expected: 'an object of texts',
      default: '`{}`',
    },
  ),
  tsconfig: entry(z.string().min(1).optional(), {
    description: 'Path of the `tsconfig.json` whose `paths` and JSX settings hold for the worker.',
    expected: 'the path of a file',
    default: 'the nearest one of each source file',
    errors: ['SCRIPT_NOT_FOUND'],
  }),
  minify: entry(z.boolean().optional(), {
    description: 'Makes the code shorter. Names of functions and classes stay as they are.',
    expected: 'true or false',
    default: '`false`',
  }),
  rules: entry(z.array(ruleSchema).optional(), {
    description:
      'Which imported files are text, data, WebAssembly or code, where their endings do not say it. The first rule that fits counts; `.txt`, `.html` and `.sql` are text, `.bin` is data and `.wasm` is WebAssembly without any.',
    expected: 'an array of rules',
    default: '`[]`',
  }),
  bundle: entry(z.boolean().optional(), {
    description:
      'With `false`, files are not looked for as packages: the worker consists of the script and, unless `findAdditionalModules` is `false`, of the files of `baseDir` that the `rules` name, or that end in `.js`, `.mjs`, or one of the endings that need no rule.',
    expected: 'true or false',
    default: '`true`',
  }),
  baseDir: entry(z.string().min(1).optional(), {
    description:
      'With `bundle: false`, the directory whose files are modules, and from which their names count.',
    expected: 'the path of a directory',
    default: 'the directory of the script',
  }),
  findAdditionalModules: entry(z.boolean().optional(), {
    description:
      'Whether files besides the script are modules, with `bundle: false`. A bundle has what is imported, and nothing else.',
    expected: 'true or false',
    default: '`true`',
  }),
} as const;

type BuildFields = Read<z.ZodObject<typeof buildShape>>;

/** What a dialect says of it. Paths are as they were written. */
export interface DraftBuild {
  readonly options: Omit<BuildOptions, 'alias' | 'tsconfig' | 'unbundled'>;
  readonly alias: readonly (readonly [string, string])[];
  readonly tsconfig: Sourced<string> | undefined;
  readonly unbundled: { readonly baseDir: string | undefined; readonly findModules: boolean } | undefined;
}

/** `undefined` where nothing is said. */
export function readBuild(app: BuildFields, at: Sourcing): DraftBuild | undefined {
  if (Object.keys(buildShape).every((key) => app[key as keyof typeof buildShape] === undefined))
    return undefined;
  const { define, minify, rules, bundle, baseDir, findAdditionalModules } = app;
  return {
    options: {
      ...(define === undefined ? {} : { define: Object.fromEntries(strings(define)) }),
      ...(minify === true ? { minify } : {}),
      ...(rules === undefined ? {} : { rules: rules.flatMap((rule) => readRule(rule) ?? []) }),
    },
    alias: strings(app.alias ?? {}),
    tsconfig: at.sourced(app.tsconfig, 'tsconfig'),
    unbundled: bundle === false ? { baseDir, findModules: findAdditionalModules ?? true } : undefined,
  };
}

function readRule(
  rule: Read<typeof ruleSchema> | undefined,
): NonNullable<BuildOptions['rules']>[number] | undefined {
  if (rule?.kind === undefined || rule.globs === undefined) return undefined;
  return { kind: rule.kind, globs: rule.globs.filter((glob) => glob !== undefined) };
}

function strings(record: Readonly<Record<string, string | undefined>>): [string, string][] {
  return Object.entries(record).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
}
