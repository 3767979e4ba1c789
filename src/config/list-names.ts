/** Names in messages. Pure; runs in the supervisor. */

const mostNamesListed = 12;

/** The names in quotes, or as many of them as anybody reads. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, mostNamesListed).map((name) => `"${name}"`);
  const hidden = names.length - shown.length;
  return hidden === 0 ? shown.join(', ') : `${shown.join(', ')} and ${hidden} more`;
}
