/**
 * Expands the words of probes/prelude.h and the probes' own `#define`s, and keeps the `#if` branches that fit.
 *
 * bpftrace 0.17, the oldest one supported, knows no function-like macros and cannot ask what a kernel offers; newer
 * ones can, each in its own way. So this is done here, once, for all of them, on plain text: what bpftrace gets is
 * ordinary bpftrace. `whopins doctor` and `--print-program` show the result.
 */

/** Answers that only the running kernel can give. `null` where it has no such thing. */
export interface Dialect {
  has(feature: string): boolean;
  /** Byte offset of the first of `a.b|c.d` that exists. */
  offset(paths: string): number | null;
  size(struct: string): number | null;
  enumerator(name: string): number | null;
  /** Plain words with their replacement. */
  readonly words: ReadonlyMap<string, string>;
}

interface Macro {
  /** null for an object-like macro. A last parameter `...` is called __VA_ARGS__ in the body. */
  readonly parameters: readonly string[] | null;
  readonly body: string;
}
export type Macros = Map<string, Macro>;

export interface Preprocessed {
  readonly text: string;
  /** The texts of the `#missing` lines that were kept. */
  readonly missing: readonly string[];
  /** The `#map` declarations that were kept: assignments for BEGIN. */
  readonly maps: readonly string[];
  /** Offsets, sizes and enumerators that this kernel does not have: the text must not be used. */
  readonly unresolved: readonly string[];
}

/**
 * Preprocesses one file. `macros` collects definitions: pass the same map for the prelude and for each probe.
 * Throws on a malformed directive: that is a mistake in a probe, found by the tests.
 */
export function preprocess(source: string, macros: Macros, dialect: Dialect): Preprocessed {
  const missing: string[] = [];
  const maps: string[] = [];
  const unresolved: string[] = [];
  const out: string[] = [];
  const branches: { taken: boolean; active: boolean }[] = [];
  const isActive = () => branches.every((branch) => branch.active);

  for (const line of joinContinuations(source)) {
    const directive = /^#(\w+)\s*(.*)$/.exec(line);
    const [, name = '', rest = ''] = directive ?? [];
    const branch = branches.at(-1);
    switch (name) {
      case '':
        if (isActive() && !/^\s*\/\//.test(line) && line.trim() !== '') {
          out.push(expand(line, macros, dialect, unresolved));
        }
        break;
      case 'if': {
        const active = evaluate(rest, dialect);
        branches.push({ taken: active, active });
        break;
      }
      case 'elif':
      case 'else': {
        if (!branch) throw new Error(`#${name} without #if`);
        branch.active = !branch.taken && (name === 'else' || evaluate(rest, dialect));
        branch.taken ||= branch.active;
        break;
      }
      case 'endif':
        if (!branches.pop()) throw new Error('#endif without #if');
        break;
      case 'define':
        if (isActive()) define(rest, macros);
        break;
      case 'map':
        if (isActive()) maps.push(rest.trim());
        break;
      case 'missing':
        if (isActive()) missing.push(rest.trim());
        break;
      default:
        throw new Error(`unknown directive #${name}`);
    }
  }
  if (branches.length > 0) throw new Error('#if without #endif');
  return { text: out.join('\n'), missing, maps, unresolved };
}

function joinContinuations(source: string): string[] {
  return source.replace(/\s*\\\n\s*/g, ' ').split('\n');
}

function define(text: string, macros: Macros): void {
  const parsed = /^(\w+)(?:\(([^)]*)\))?\s*(.*)$/.exec(text);
  if (!parsed) throw new Error(`malformed #define ${text}`);
  const [, name = '', list, body = ''] = parsed;
  const parameters = list === undefined ? null : list.split(',').map((parameter) => parameter.trim());
  macros.set(name, { parameters, body });
}

/** `has(x) && !has(y) || (…)`, with C's precedence. */
function evaluate(condition: string, dialect: Dialect): boolean {
  const tokens = condition.match(/has\([^)]*\)|&&|\|\||[!()]/g) ?? [];
  let at = 0;
  const either = (): boolean => {
    let value = both();
    while (tokens[at] === '||') {
      at++;
      const right = both();
      value = value || right;
    }
    return value;
  };
  const both = (): boolean => {
    let value = one();
    while (tokens[at] === '&&') {
      at++;
      const right = one();
      value = value && right;
    }
    return value;
  };
  const one = (): boolean => {
    const token = tokens[at++];
    if (token === '!') return !one();
    if (token === '(') {
      const value = either();
      if (tokens[at++] !== ')') throw new Error(`missing ) in #if ${condition}`);
      return value;
    }
    if (!token?.startsWith('has(')) throw new Error(`malformed #if ${condition}`);
    return dialect.has(token.slice(4, -1).trim());
  };
  const value = either();
  if (at !== tokens.length) throw new Error(`malformed #if ${condition}`);
  return value;
}

/** Expands one piece of text. A macro is not expanded again inside its own expansion, as in C. */
function expand(
  text: string,
  macros: Macros,
  dialect: Dialect,
  unresolved: string[],
  inside: readonly string[] = [],
): string {
  let out = '';
  let at = 0;
  const token = /"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*/g;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const word = match[0];
    out += text.slice(at, match.index);
    at = token.lastIndex;
    const macro = inside.includes(word) ? undefined : macros.get(word);
    const isBuiltin = word === 'OFFSET' || word === 'SIZE' || word === 'ENUM';
    const call = (macro?.parameters || isBuiltin) && text[at] === '(' ? argumentsAt(text, at) : null;
    if (isBuiltin && call) {
      out += resolve(word, call.list, dialect, unresolved);
    } else if (macro && (!macro.parameters || call)) {
      // As in C, arguments are expanded before they are put in.
      const values = call?.list.map((value) => expand(value, macros, dialect, unresolved, inside)) ?? [];
      const body = macro.parameters ? substitute(macro.body, macro.parameters, values) : macro.body;
      out += expand(body, macros, dialect, unresolved, [...inside, word]);
    } else {
      out += dialect.words.get(word) ?? word;
      continue;
    }
    if (call) {
      at = call.end;
      token.lastIndex = at;
    }
  }
  return out + text.slice(at);
}

/** Splits the arguments of the call whose `(` stands at `open`. */
function argumentsAt(text: string, open: number): { list: string[]; end: number } | null {
  const list: string[] = [];
  let depth = 0;
  let start = open + 1;
  let quoted = false;
  for (let at = open; at < text.length; at++) {
    const c = text[at];
    if (c === '"' && text[at - 1] !== '\\') quoted = !quoted;
    if (quoted) continue;
    if (c === '(' || c === '[') depth++;
    if (c === ')' || c === ']') depth--;
    if ((c === ',' && depth === 1) || depth === 0) {
      list.push(text.slice(start, at).trim());
      start = at + 1;
    }
    if (depth === 0) return { list, end: at + 1 };
  }
  return null;
}

function substitute(body: string, parameters: readonly string[], values: readonly string[]): string {
  const named = parameters.filter((parameter) => parameter !== '...');
  return body.replace(/"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*/g, (word) => {
    if (word === '__VA_ARGS__') return values.slice(named.length).join(', ');
    const at = named.indexOf(word);
    return at < 0 ? word : (values[at] ?? '');
  });
}

function resolve(word: string, list: readonly string[], dialect: Dialect, unresolved: string[]): string {
  const [name = '', fallback] = list;
  const value =
    word === 'OFFSET'
      ? dialect.offset(name)
      : word === 'SIZE'
        ? dialect.size(name)
        : dialect.enumerator(name);
  if (value !== null) return String(value);
  if (fallback !== undefined) return fallback;
  unresolved.push(`${word}(${name})`);
  return '0';
}
