/**
 * An ESLint rule for the prelude, which shares its realm with worker code. A worker may replace any member of any built-in
 * prototype or constructor, so a look-up after start-up (`list.push(x)`, `promise.then(f)`, `bytes.byteLength`) may run the worker's
 * code, with the prelude's internals at hand. The types tell such a member from a private list's or an interface's own of the same
 * name: it is one that TypeScript's library files declare.
 */

import type { Rule } from 'eslint';
import type { Node as TypeScriptNode, Program, Symbol as TypeScriptSymbol, Type } from 'typescript';

/** What typescript-eslint's parser offers to rules. */
interface ParserServices {
  readonly program: Program;
  getSymbolAtLocation(node: unknown): TypeScriptSymbol | undefined;
  getTypeAtLocation(node: unknown): Type;
}

/**
 * Interfaces of the library files that are harmless to read: plain records, and protocols that somebody else's object is asked for
 * because a specification says so.
 */
const RECORDS = new Set([
  'ArrayLike',
  'AsyncIterable',
  'AsyncIterator',
  'Error',
  'ErrorOptions',
  'IArguments',
  'Iterable',
  'Iterator',
  'IteratorReturnResult',
  'IteratorYieldResult',
  'PromiseLike',
  'PromiseWithResolvers',
  'PropertyDescriptor',
  'ProxyHandler',
  'RegExpExecArray',
  'RegExpIndicesArray',
  'RegExpMatchArray',
  'TypedPropertyDescriptor',
]);

/** Interfaces whose `length` is an own property (a typed array's is an accessor of its prototype). */
const OWN_LENGTH = new Set(['Array', 'ReadonlyArray', 'String', 'TemplateStringsArray']);

export const noLateLookup: Rule.RuleModule = {
  meta: {
    type: 'problem',
    docs: { description: 'Disallow looking up built-in members at run time' },
    schema: [],
    messages: {
      late:
        'A worker may have replaced {{owner}}.{{member}}: its code would run here. Capture it in primordials.ts and call ' +
        'the captured function.',
    },
  },
  create(context) {
    const services = context.sourceCode.parserServices as Partial<ParserServices>;
    if (!isTyped(services)) throw new Error('no-late-lookup needs type information');
    const check = (node: Rule.Node, symbol: TypeScriptSymbol | undefined): void => {
      const owner = ownerInLibrary(symbol, services.program);
      if (symbol === undefined || owner === undefined || isHarmless(owner, symbol.name)) return;
      context.report({ node, messageId: 'late', data: { owner, member: symbol.name } });
    };
    return {
      MemberExpression({ property, computed }) {
        if (property.type === 'PrivateIdentifier' || (computed && property.type !== 'Literal')) return;
        check(property as Rule.Node, services.getSymbolAtLocation(property));
      },
      ObjectPattern(node) {
        const type = services.getTypeAtLocation(node);
        for (const property of node.properties) {
          if (property.type !== 'Property' || property.computed || property.key.type !== 'Identifier')
            continue;
          check(property.key as Rule.Node, type.getProperty(property.key.name));
        }
      },
    };
  },
};

function isTyped(services: Partial<ParserServices>): services is ParserServices {
  return services.program !== undefined;
}

function isHarmless(owner: string, member: string): boolean {
  if (RECORDS.has(owner)) return true;
  // Of a class it cannot be replaced.
  if (member === 'prototype') return true;
  return member === 'length' && OWN_LENGTH.has(owner);
}

/** The name of the interface of TypeScript's library files that declares the member; undefined for a member of anybody else. */
function ownerInLibrary(symbol: TypeScriptSymbol | undefined, program: Program): string | undefined {
  const declaration = symbol?.declarations?.find((each) =>
    program.isSourceFileDefaultLibrary(each.getSourceFile()),
  );
  const parent: (TypeScriptNode & { name?: { text?: string } }) | undefined = declaration?.parent;
  return declaration === undefined ? undefined : (parent?.name?.text ?? 'a built-in');
}
