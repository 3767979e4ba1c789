/** `nanod completion <shell>`: what has a shell complete the command line. The script asks nanod at each press of Tab, see complete.ts. */

import type { Command } from './command.ts';
import { completionWord } from './completion-word.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

interface CompletionArgs {
  readonly shell: (typeof shells)[number];
}

export const completion: Command<CompletionArgs> = {
  usage: 'completion <shell>',
  summary: 'Print what has a shell complete commands, options and names of services',
  build: (yargs) =>
    yargs
      .positional('shell', { choices: shells, demandOption: true, describe: 'Which shell' })
      .example('source <($0 completion bash)', 'In ~/.bashrc; the same for zsh')
      .example('$0 completion fish > ~/.config/fish/completions/nanod.fish', 'For fish'),
  run({ shell }, { stdout }) {
    stdout(scripts[shell]);
    return Promise.resolve(0);
  },
};

/** Candidates are lines of a word, a tab, and what it means. No line: files, as the shell knows them. */
const scripts: Readonly<Record<CompletionArgs['shell'], string>> = {
  bash: `# nanod completion bash
_nanod_complete() {
  local IFS=$'\\n'
  local current=\${COMP_WORDS[COMP_CWORD]}
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=($(compgen -W "$(nanod ${completionWord} "\${words[@]}" 2>/dev/null | cut -f1)" -- "$current"))
}
complete -o default -F _nanod_complete nanod
`,
  zsh: `#compdef nanod
# nanod completion zsh
_nanod() {
  local -a lines candidates
  lines=("\${(@f)$(nanod ${completionWord} "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  local line
  for line in $lines; do
    [[ -n $line ]] && candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#candidates} )); then
    _describe nanod candidates
  else
    _files
  fi
}
if [[ $funcstack[1] == _nanod ]]; then
  _nanod "$@"
else
  compdef _nanod nanod
fi
`,
  fish: `# nanod completion fish
function __nanod_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found (nanod ${completionWord} $words[2..-1] 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c nanod -f -a '(__nanod_complete)'
`,
};
