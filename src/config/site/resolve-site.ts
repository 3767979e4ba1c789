/**
 * From what a dialect says of a static site to what threads need: looks whether the directory is there, and reads the rules that lie in it. What
 * is wrong with these is ignored with a warning, as at Cloudflare: a site is often made by a tool that writes them for several hosts. Runs in
 * the supervisor.
 */
import { join, resolve as resolvePath } from 'node:path';
import { displayPath } from '../../shared/display-path.ts';
import type { SiteSettings } from '../../shared/site/settings.ts';
import { errorCode } from '../powers.ts';
import type { ConfigPowers } from '../powers.ts';
import type { Problems } from '../problems.ts';
import { readHeaderRules } from './headers-file.ts';
import { readIgnoreLines } from './ignore-file.ts';
import { readRedirects } from './redirects-file.ts';
import type { ReadRules } from './rule-file.ts';
import type { DraftSite } from './site-schema.ts';

export interface SiteContext {
  /** Absolute. */
  readonly baseDir: string;
  readonly powers: Pick<ConfigPowers, 'cwd' | 'readBytes' | 'stampOf' | 'statKind'>;
  readonly problems: Problems;
}

/** Larger files of rules are none. */
const largestRules = 1024 * 1024;

/** `undefined` after a report where the site cannot be had. */
export async function resolveSite(draft: DraftSite, context: SiteContext): Promise<SiteSettings | undefined> {
  if (draft.directory === undefined) return undefined;
  const { value: written, place } = draft.directory;
  const directory = resolvePath(context.baseDir, written);
  const { powers, problems } = context;
  const kind = directory.includes('\0') ? 'missing' : await powers.statKind(directory);
  const refuse = (reason: string): undefined => {
    problems.report('CONFIG_DIRECTORY', { file: written, reason }, place);
  };
  if (kind === 'missing') return refuse('it does not exist');
  if (kind === 'file' || kind === 'other') return refuse('it is not a directory');
  if (kind !== 'directory') return refuse(kind);
  const rules = new RuleFiles(directory, context);
  try {
    const { htmlHandling } = draft;
    const headers = await rules.read('_headers', readHeaderRules);
    const redirects = await rules.read('_redirects', (text) => readRedirects(text, htmlHandling));
    const ignore = await rules.read('.assetsignore', readIgnoreLines);
    const stamp = await powers.stampOf(directory, ignore);
    return { ...draft, directory, headers, redirects, ignore, stamp };
  } catch (error) {
    return refuse(errorCode(error));
  }
}

class RuleFiles {
  readonly #directory: string;
  readonly #context: SiteContext;

  constructor(directory: string, context: SiteContext) {
    this.#directory = directory;
    this.#context = context;
  }

  /** A file that is not there has no rules; `parse` is asked all the same. Rejects with an error of node:fs. */
  async read<Rule>(name: string, parse: (text: string) => ReadRules<Rule>): Promise<readonly Rule[]> {
    const { powers, problems } = this.#context;
    const path = join(this.#directory, name);
    const file = displayPath(path, powers.cwd);
    if ((await powers.statKind(path)) !== 'file') return parse('').rules;
    const bytes = await powers.readBytes(path, largestRules);
    if (bytes.byteLength > largestRules) {
      problems.warn({ file }, `ignored: it has more than ${largestRules / 1024} KiB`);
      return parse('').rules;
    }
    const { rules, ignored } = parse(new TextDecoder().decode(bytes));
    for (const { line, reason } of ignored) problems.warn({ file, line }, `ignored: ${reason}`);
    return rules;
  }
}
