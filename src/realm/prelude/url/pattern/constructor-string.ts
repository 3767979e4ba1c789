/** Splits a pattern string like a URL into the patterns of its components. https://urlpattern.spec.whatwg.org/#constructor-string-parsing */

import { StringPrototypeSlice } from '../../primordials.ts';
import { canonicalizeProtocol } from './canonicalize.ts';
import { Component } from './component.ts';
import type { ComponentName, PatternInit } from './init.ts';
import { DEFAULT_OPTIONS, matchesSpecialScheme } from './options.ts';
import { type Token, tokenize } from './tokenizer.ts';

type State = 'init' | 'authority' | 'done' | ComponentName;

/** In the order in which components follow each other. */
const ORDER: Record<State, number> = {
  init: 0,
  protocol: 1,
  authority: 2,
  username: 3,
  password: 4,
  hostname: 5,
  port: 6,
  pathname: 7,
  search: 8,
  hash: 9,
  done: 10,
};

/** Throws a TypeError where its protocol is invalid; what else is shows when the components are compiled. */
export function parseConstructorString(input: string): PatternInit {
  return new ConstructorStringParser(input).parse();
}

class ConstructorStringParser {
  readonly #input: string;
  readonly #tokens: Token[];
  readonly #result: PatternInit = { __proto__: null } as PatternInit;
  #componentStart = 0;
  #index = 0;
  #increment = 1;
  #groupDepth = 0;
  #bracketDepth = 0;
  #isSpecial = false;
  #state: State = 'init';

  constructor(input: string) {
    this.#input = input;
    this.#tokens = tokenize(input, 'lenient');
  }

  parse(): PatternInit {
    while (this.#state !== 'done') {
      this.#increment = 1;
      if (this.#tokenAt(this.#index).type === 'end') this.#atEnd();
      else if (!this.#inGroup()) this.#step();
      this.#index += this.#increment;
    }
    if (this.#result.hostname !== undefined) this.#result.port ??= ''; // no port means the default one
    return this.#result;
  }

  #atEnd(): void {
    if (this.#state === 'init') {
      this.#rewind();
      if (this.#isChar('#')) this.#changeState('hash', 1);
      else if (this.#isSearchPrefix()) this.#changeState('search', 1);
      else this.#changeState('pathname', 0);
    } else if (this.#state === 'authority') {
      this.#rewindTo('hostname');
    } else {
      this.#changeState('done', 0);
    }
  }

  /** Within braces nothing separates components. */
  #inGroup(): boolean {
    const { type } = this.#tokenAt(this.#index);
    if (type === 'open') {
      this.#groupDepth += 1;
      return true;
    }
    if (this.#groupDepth === 0) return false;
    if (type !== 'close') return true;
    this.#groupDepth -= 1;
    return false;
  }

  #step(): void {
    switch (this.#state) {
      case 'init':
        if (this.#isChar(':')) this.#rewindTo('protocol');
        return;
      case 'protocol':
        if (this.#isChar(':')) this.#endProtocol();
        return;
      case 'authority':
        if (this.#isChar('@')) this.#rewindTo('username');
        else if (this.#isChar('/') || this.#isSearchPrefix() || this.#isChar('#')) this.#rewindTo('hostname');
        return;
      case 'username':
        if (this.#isChar(':')) this.#changeState('password', 1);
        else if (this.#isChar('@')) this.#changeState('hostname', 1);
        return;
      case 'password':
        if (this.#isChar('@')) this.#changeState('hostname', 1);
        return;
      default:
        this.#stepBehindCredentials();
    }
  }

  #stepBehindCredentials(): void {
    const order = ORDER[this.#state];
    if (this.#state === 'hostname') {
      if (this.#isChar('[')) this.#bracketDepth += 1;
      else if (this.#isChar(']')) this.#bracketDepth -= 1;
      else if (this.#isChar(':') && this.#bracketDepth === 0) {
        this.#changeState('port', 1);
        return;
      }
    }
    if (order < ORDER.pathname && this.#isChar('/')) this.#changeState('pathname', 0);
    else if (order < ORDER.search && this.#isSearchPrefix()) this.#changeState('search', 1);
    else if (order < ORDER.hash && this.#isChar('#')) this.#changeState('hash', 1);
  }

  #endProtocol(): void {
    const protocol = new Component(this.#componentString(), canonicalizeProtocol, DEFAULT_OPTIONS);
    this.#isSpecial = matchesSpecialScheme(protocol);
    if (this.#isChar('/', 1) && this.#isChar('/', 2)) this.#changeState('authority', 3);
    else this.#changeState(this.#isSpecial ? 'authority' : 'pathname', 1);
  }

  /** Ends a component, and gives those that it leaves out their empty values. */
  #changeState(next: State, skip: number): void {
    const state = this.#state;
    if (state !== 'init' && state !== 'authority' && state !== 'done')
      this.#result[state] = this.#componentString();
    if (state !== 'init' && next !== 'done') {
      if (ORDER[state] < ORDER.hostname && ORDER[next] > ORDER.hostname) this.#result.hostname ??= '';
      if (ORDER[state] < ORDER.pathname && ORDER[next] > ORDER.pathname) {
        this.#result.pathname ??= this.#isSpecial ? '/' : '';
      }
      if (ORDER[state] < ORDER.search && ORDER[next] > ORDER.search) this.#result.search ??= '';
    }
    this.#state = next;
    this.#index += skip;
    this.#componentStart = this.#index;
    this.#increment = 0;
  }

  #rewind(): void {
    this.#index = this.#componentStart;
    this.#increment = 0;
  }

  #rewindTo(state: State): void {
    this.#rewind();
    this.#state = state;
  }

  /** Beyond the end: the token `end`. */
  #tokenAt(index: number): Token {
    return (this.#tokens[index] ?? this.#tokens[this.#tokens.length - 1]) as Token;
  }

  /** Whether a token stands for the character itself. */
  #isChar(value: string, offset = 0): boolean {
    const token = this.#tokenAt(this.#index + offset);
    if (token.value !== value) return false;
    return token.type === 'char' || token.type === 'escaped-char' || token.type === 'invalid-char';
  }

  /** A question mark that modifies nothing. */
  #isSearchPrefix(): boolean {
    if (this.#isChar('?')) return true;
    if (this.#tokenAt(this.#index).value !== '?') return false;
    if (this.#index === 0) return true;
    const { type } = this.#tokenAt(this.#index - 1);
    return type !== 'name' && type !== 'regexp' && type !== 'close' && type !== 'asterisk';
  }

  #componentString(): string {
    const start = this.#tokenAt(this.#componentStart).index;
    return StringPrototypeSlice(this.#input, start, this.#tokenAt(this.#index).index);
  }
}
