/** The files of a first deployment: a configuration that explains itself, and a worker that runs. Runs in the command line. */

import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeError } from '../shared/errors.ts';

interface Target {
  readonly directory: string;
  readonly typescript: boolean;
}

/** Writes them. Resolves with their paths; rejects with INIT_EXISTS where one is there, and then none is written. */
export async function init({ directory, typescript }: Target): Promise<readonly string[]> {
  const worker = `workers/hello.${typescript ? 'ts' : 'js'}`;
  const files = [
    ['ecosystem.config.js', configuration(worker)],
    [worker, typescript ? typedWorker : plainWorker],
  ] as const;
  const paths = files.map(([name]) => join(directory, name));
  for (const path of paths) if (await isThere(path)) throw makeError('INIT_EXISTS', { path });
  for (const [name, text] of files) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    // Whoever has written it since is not overwritten either.
    await writeFile(path, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? makeError('INIT_EXISTS', { path }) : error;
    });
  }
  return paths;
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function configuration(worker: string): string {
  return `// What nanod runs, and where it listens. "nanod check" says what is wrong with it.
export default {
  apps: [
    {
      name: 'hello',
      script: '${worker}',
      // What the worker finds in \`env\`: it can reach nothing else. Another service would be
      // OTHER: { service: 'other' }, a variable of the environment TOKEN: { fromEnvironment: 'TOKEN' }.
      bindings: { GREETING: 'Hello' },
    },
  ],

  // Where requests come in, and which service answers them.
  sockets: [{ name: 'http', address: '127.0.0.1:8787', service: 'hello' }],

  // How many threads answer; one for each core without this.
  // threads: 2,
};
`;
}

const plainWorker = `// A worker, as on Cloudflare: the default export answers requests.
export default {
  async fetch(request, env) {
    const name = new URL(request.url).searchParams.get('name') ?? 'world';
    return new Response(\`\${env.GREETING}, \${name}!\\n\`);
  },
};
`;

const typedWorker = `// A worker, as on Cloudflare: the default export answers requests.
interface Env {
  readonly GREETING: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const name = new URL(request.url).searchParams.get('name') ?? 'world';
    return new Response(\`\${env.GREETING}, \${name}!\\n\`);
  },
};
`;
