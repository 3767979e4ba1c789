/**
 * Prints a value of dialect 1 as a file: a JavaScript module, which reads the files that the value holds the contents of, or JSON, which
 * has the contents in it. Pure functions; runs in the supervisor.
 */
import { pathFrom, valueOf } from './traced.ts';
import type { Traced } from './traced.ts';

export interface PrintOptions {
  /** Absolute: the directory that paths in the printed file count from. */
  readonly directory: string;
  readonly format: 'module' | 'commonjs' | 'json';
  /** What the file was made from, for the comment at its head. */
  readonly source: string;
}

/** The text of the file. */
export function printEcosystem(root: Traced, { directory, format, source }: PrintOptions): string {
  if (format === 'json') return `${JSON.stringify(valueOf(root, directory), undefined, 2)}\n`;
  const printer = new Printer(directory);
  const body = printer.print(root, '');
  const isModule = format === 'module';
  const lines = [`// Made from ${source.replace(/[\r\n\u2028\u2029]/gu, ' ')} by \`nanod config convert\`.`];
  if (printer.reads) {
    lines.push(
      isModule ? "import { readFileSync } from 'node:fs';" : "const { readFileSync } = require('node:fs');",
      isModule ? "import { join } from 'node:path';" : "const { join } = require('node:path');",
      '',
      `const read = (path) => readFileSync(join(${isModule ? 'import.meta.dirname' : '__dirname'}, path));`,
    );
  }
  return `${lines.join('\n')}\n\n${isModule ? 'export default' : 'module.exports ='} ${body};\n`;
}

const widest = 100;

class Printer {
  /** Whether something of the value is read from a file. */
  reads = false;
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  print(part: Traced, indent: string): string {
    switch (part.kind) {
      case 'plain':
        return printJson(part.value, indent);
      case 'path':
        return printText(pathFrom(this.#directory, part.path));
      case 'content':
        return this.#content(part.path, part.as);
      case 'list':
        return wrap('[', ']', (inner) => part.items.map((item) => this.print(item, inner)), indent);
      case 'record':
        return printMembers(
          [...part.members].map(([key, member]) => [key, (inner) => this.print(member, inner)]),
          indent,
        );
    }
  }

  #content(path: string, as: 'text' | 'json' | 'bytes'): string {
    this.reads = true;
    const read = `read(${printText(pathFrom(this.#directory, path))})`;
    if (as === 'bytes') return read;
    return as === 'text' ? `${read}.toString()` : `JSON.parse(${read}.toString())`;
  }
}

type Member = readonly [string, (indent: string) => string];

function printMembers(members: readonly Member[], indent: string): string {
  const print = (inner: string): string[] =>
    members.map(([key, value]) => `${printKey(key)}: ${value(inner)}`);
  return wrap('{', '}', print, indent);
}

/** On one line where that is short enough, else with an item on each. */
function wrap(open: string, close: string, items: (indent: string) => string[], indent: string): string {
  const inner = `${indent}  `;
  const printed = items(inner);
  if (printed.length === 0) return open + close;
  const gap = open === '{' ? ' ' : '';
  const line = `${open}${gap}${printed.join(', ')}${gap}${close}`;
  if (!line.includes('\n') && line.length + indent.length <= widest) return line;
  return `${open}\n${printed.map((item) => `${inner}${item},\n`).join('')}${indent}${close}`;
}

function printJson(value: unknown, indent: string): string {
  if (typeof value === 'string') return printText(value);
  if (Array.isArray(value)) {
    return wrap('[', ']', (inner) => value.map((item: unknown) => printJson(item, inner)), indent);
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, item]): Member => [
    key,
    (inner) => printJson(item, inner),
  ]);
  return printMembers(members, indent);
}

function printKey(key: string): string {
  if (/^[A-Za-z_$][\w$]*$/u.test(key) && key !== '__proto__') return key;
  return key === '__proto__' ? "['__proto__']" : printText(key);
}

/** Text of several lines as a template, everything else in quotes. */
function printText(text: string): string {
  const isMultiline = text.includes('\n') && !/[\r\u0000-\u0008\u000b-\u001f\u007f]/u.test(text);
  if (isMultiline) return `\`${text.replace(/[`\\]|\$(?=\{)/gu, '\\$&')}\``;
  const quoted = JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  if (text.includes("'")) return quoted;
  return `'${quoted.slice(1, -1).replaceAll('\\"', '"')}'`;
}
