/** `nanod stop`, `nanod restart` and `nanod delete`: what is done to services by name. */

import type { ActRequest } from '../control/api.ts';
import type { Command } from './command.ts';
import { count } from './table.ts';

interface ActionArgs {
  readonly service: readonly string[];
  readonly json: boolean;
}

interface Words {
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly done: string;
  readonly example: readonly [string, string];
}

function actionCommand(action: ActRequest['action'], words: Words): Command<ActionArgs> {
  return {
    usage: `${action} <service..>`,
    aliases: words.aliases ?? [],
    summary: words.summary,
    build: (yargs) =>
      yargs
        .positional('service', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'Names of services, globs, or all',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' })
        .example(...words.example),
    async run({ service, json }, powers) {
      const report = await powers.operations.daemon.api.act({ action, selectors: service.map(String) });
      const text = `${words.done} ${count(report.services.length, 'service')}: ${report.services.join(', ')}\n`;
      powers.stdout(json ? `${JSON.stringify(report)}\n` : text);
      return 0;
    },
  };
}

export const stop = actionCommand('stop', {
  summary: 'Stop services; they keep their place, and stay stopped over a reboot',
  done: 'stopped',
  example: ['$0 stop api', 'Calls of api are refused, and its address is closed'],
});

export const restart = actionCommand('restart', {
  summary: 'Start services anew, without losing a request',
  done: 'restarted',
  example: ["$0 restart 'api-*'", 'Every service whose name begins with api-'],
});

export const remove = actionCommand('delete', {
  aliases: ['del'],
  summary: 'Take services out of the deployment',
  done: 'deleted',
  example: ['$0 delete all', 'Nothing is deployed any more'],
});
