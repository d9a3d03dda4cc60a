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

/** What `encodeGraph` made these lines of, which may come as bytes. Throws where they are not its work. */
export function decodeGraph(lines: readonly (string | Buffer)[]): unknown {
  const nodes: Node[] = [];
  for (const line of lines) for (const node of JSON.parse(line.toString())) nodes.push(node);
  // Objects become what they stand for in place: JSON.parse has given them their shape.
  const things: object[] = nodes.map((node) => (Array.isArray(node) ? emptyThing(node[0]) : node));

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

  for (const [id, node] of nodes.entries()) {
    const thing = things[id];
    if (thing instanceof Set) {
      for (const item of itemsOf(node)) thing.add(decode(item));
    } else if (thing instanceof Map) {
      const items = itemsOf(node);
      for (let at = 0; at + 1 < items.length; at += 2) thing.set(decode(items[at]), decode(items[at + 1]));
    } else if (Array.isArray(thing)) {
      for (const item of itemsOf(node)) thing.push(decode(item));
    } else if (!Array.isArray(node)) {
      for (const key of Object.keys(node)) {
        const value = node[key];
        if (Array.isArray(value)) node[key] = decode(value);
      }
    }
  }
  return things[0];
}

function itemsOf(node: Node): readonly unknown[] {
  return Array.isArray(node) ? node.slice(1) : [];
}

function emptyThing(what: unknown): object {
  if (what === 's') return new Set<unknown>();
  return what === 'm' ? new Map<unknown, unknown>() : [];
}
