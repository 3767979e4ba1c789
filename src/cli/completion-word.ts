/** In place of a command: asks for candidates. The words that follow are those after `nanod`, the last of them unfinished. */
export const completionWord = '__complete';
