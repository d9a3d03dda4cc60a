/**
 * Plain data of any shape as lines of JSON, and back: objects, arrays, Maps and Sets that refer to each other in
 * circles, as the model's entities do. One node for each of them, in the order in which they were met:
 *
 *   {"kind":"lease","inode":[12],"since":1000}    an object; [12] stands for node 12
 *   ["a",1,2]  ["s",[3],[4]]  ["m","key",[5]]     an array, a Set, a Map
 *
 * Values that JSON lacks are ["undefined"], ["NaN"], ["Infinity"], ["-Infinity"].
 */

/** Nodes to a line: a line must stay far below the length at which a reader gives up on it. */
const NODES_PER_LINE = 1000;

type Node = unknown[] | Record<string, unknown>;

/** The nodes of what `root` leads to, as JSON arrays; node 0 is the root itself. */
export function encodeGraph(root: object): readonly string[] {
  const ids = new Map<object, number>([[root, 0]]);
  const found: object[] = [root];
  const lines: string[] = [];

  function encode(value: unknown): unknown {
    if (typeof value === 'object' && value !== null) {
      let id = ids.get(value);
      if (id === undefined) {
        id = found.length;
        ids.set(value, id);
        found.push(value);
      }
      return [id];
    }
    if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return [String(value)];
    return value;
  }

  for (let at = 0; at < found.length; ) {
    const nodes: Node[] = [];
    for (; at < found.length && nodes.length < NODES_PER_LINE; at++) {
      nodes.push(toNode(found[at] ?? {}, encode));
    }
    lines.push(JSON.stringify(nodes));
  }
  return lines;
}

function toNode(value: object, encode: (value: unknown) => unknown): Node {
  if (Array.isArray(value)) return ['a', ...value.map(encode)];
  if (value instanceof Set) return ['s', ...[...value].map(encode)];
  if (value instanceof Map) return ['m', ...[...value].flatMap(([key, item]) => [encode(key), encode(item)])];
  const node: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) node[key] = encode(item);
  return node;
}

/**
 * What `encodeGraph` made these lines of, which may come as bytes. Throws where they are not its work.
 *
 * Lines are read from the last to the first: most nodes refer to later ones, which are there then, so that hardly more
 * than one line's [12]s are in memory at a time. All at once they were several times what they stand for.
 */
export function decodeGraph(lines: readonly (string | Buffer)[]): unknown {
  const things: (object | undefined)[] = new Array(lines.length * NODES_PER_LINE);
  /** Nodes that refer to a line not read yet: whole lists, and single fields of objects. */
  const lists: { readonly thing: object; readonly node: readonly unknown[] }[] = [];
  const fields: { readonly thing: Record<string, unknown>; readonly key: string; readonly id: number }[] = [];
  let isWhole = false;

  function decode(value: unknown): unknown {
    if (!Array.isArray(value)) return value;
    const [what] = value;
    if (typeof what === 'number') {
      const thing = things[what];
      if (thing === undefined) throw new Error(`node ${what} is missing`);
      return thing;
    }
    return what === 'undefined' ? undefined : Number(what);
  }

  function isKnown(value: unknown): boolean {
    return !Array.isArray(value) || typeof value[0] !== 'number' || things[value[0]] !== undefined;
  }

  function fillFields(thing: Record<string, unknown>): void {
    for (const key of Object.keys(thing)) {
      const value = thing[key];
      if (!Array.isArray(value)) continue;
      if (isKnown(value)) thing[key] = decode(value);
      else fields.push({ thing, key, id: value[0] });
    }
  }

  function fillList(thing: object, node: readonly unknown[]): void {
    if (!isWhole && !node.every((value, at) => at === 0 || isKnown(value))) lists.push({ thing, node });
    else if (thing instanceof Set) for (let at = 1; at < node.length; at++) thing.add(decode(node[at]));
    else if (Array.isArray(thing)) for (let at = 1; at < node.length; at++) thing.push(decode(node[at]));
    else if (thing instanceof Map) {
      for (let at = 1; at + 1 < node.length; at += 2) thing.set(decode(node[at]), decode(node[at + 1]));
    }
  }

  for (let line = lines.length - 1; line >= 0; line--) {
    const nodes: readonly Node[] = JSON.parse(String(lines[line]));
    const first = line * NODES_PER_LINE;
    for (const [at, node] of nodes.entries()) {
      // Objects become what they stand for in place: JSON.parse has given them their shape.
      things[first + at] = Array.isArray(node) ? emptyThing(node[0]) : node;
    }
    for (const [at, node] of nodes.entries()) {
      if (Array.isArray(node)) fillList(things[first + at] ?? node, node);
      else fillFields(node);
    }
  }
  isWhole = true;
  for (const { thing, node } of lists) fillList(thing, node);
  for (const { thing, key, id } of fields) thing[key] = decode([id]);
  return things[0];
}

function emptyThing(what: unknown): object {
  if (what === 's') return new Set<unknown>();
  return what === 'm' ? new Map<unknown, unknown>() : [];
}
