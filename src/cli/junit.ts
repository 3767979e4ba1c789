/** The results of tests as JUnit XML, in the form that CI systems read: a suite for each service, a case for each entrypoint. Pure. */

import type { TestResult } from '../control/contract.ts';

export function formatJunit(results: readonly TestResult[]): string {
  const suites = Map.groupBy(results, ({ service }) => service);
  const body = [...suites].map(([service, tests]) => formatSuite(service, tests)).join('');
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  return `${head}<testsuites name="nanod" ${totals(results)}>\n${body}</testsuites>\n`;
}

function formatSuite(service: string, tests: readonly TestResult[]): string {
  const cases = tests.map(formatCase).join('');
  return `  <testsuite name="${escape(service)}" ${totals(tests)}>\n${cases}  </testsuite>\n`;
}

function totals(tests: readonly TestResult[]): string {
  const failures = tests.filter(({ error }) => error !== undefined).length;
  const ms = tests.reduce((sum, test) => sum + test.ms, 0);
  return `tests="${tests.length}" failures="${failures}" errors="0" skipped="0" time="${seconds(ms)}"`;
}

function formatCase({ service, entrypoint, ms, error }: TestResult): string {
  const names = `name="${escape(entrypoint)}" classname="${escape(service)}" time="${seconds(ms)}"`;
  if (error === undefined) return `    <testcase ${names}/>\n`;
  const { name, message, stack } = error;
  const failure = `<failure type="${escape(name)}" message="${escape(message)}">${escape(stack)}</failure>`;
  return `    <testcase ${names}>\n      ${failure}\n    </testcase>\n`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** What XML 1.0 cannot hold at all becomes U+FFFD (https://www.w3.org/TR/xml/#charsets). */
function escape(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll(/[&<>"\n\t]/gu, (character) => entities[character] ?? character);
}
