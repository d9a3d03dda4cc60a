/**
 * Plain data of any shape as lines of JSON, and back: objects, arrays, Maps and Sets that refer to each other in
 * circles, as the model's entities do. One node for each of them, in the order in which they were met:
 *
 *   ["a",1,2]  ["s",[3],[4]]  ["m","key",[5]]     an array, a Set, a Map; [3] stands for node 3
 *   [2,0,"lease",5,[12]]                          an object of shape 2: its fields 0 and 5, all others are as usual
 *
 * The last line tells the shapes, each as the usual object: {"kind":"pin","inode":null,"pins":["s",[7]]}, whose `pins`
 * is node 7, a Set. Values that JSON lacks are ["undefined"], ["NaN"], ["Infinity"], ["-Infinity"].
 */
import { isAscii } from 'node:buffer';
import { createShapeFinder, type Shape } from './shapes.ts';

/** Nodes to a line: a line must stay far below the length at which a reader gives up on it. */
const NODES_PER_LINE = 1000;

type Node = readonly unknown[];

/** The nodes of what `root` leads to, as JSON arrays, and the shapes; node 0 is the root itself. */
export function encodeGraph(root: object): readonly string[] {
  const ids = new Map<object, number>([[root, 0]]);
  const found: object[] = [root];
  const { show, shapeOf, shapes } = createShapeFinder();

  function meet(value: unknown): void {
    if (typeof value !== 'object' || value === null || ids.has(value)) return;
    ids.set(value, found.length);
    found.push(value);
  }

  function encode(value: unknown): unknown {
    if (typeof value === 'object' && value !== null) return [ids.get(value)];
    if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return [String(value)];
    return value;
  }

  for (let at = 0; at < found.length; at++) {
    const thing = found[at] ?? root;
    for (const part of partsOf(thing)) meet(part);
    if (isPlain(thing)) show(thing);
  }
  const lines: string[] = [];
  for (let at = 0; at < found.length; at += NODES_PER_LINE) {
    const things = found.slice(at, at + NODES_PER_LINE);
    lines.push(JSON.stringify(things.map((thing) => toNode(thing, encode, shapeOf))));
  }
  return [...lines, JSON.stringify(shapes.map((shape) => toUsual(shape, encode)))];
}

function isPlain(thing: object): boolean {
  return !(Array.isArray(thing) || thing instanceof Set || thing instanceof Map);
}

function partsOf(thing: object): Iterable<unknown> {
  if (Array.isArray(thing) || thing instanceof Set) return thing;
  return thing instanceof Map ? [...thing].flat() : Object.values(thing);
}

function toNode(thing: object, encode: (value: unknown) => unknown, shapeOf: (thing: object) => Shape): Node {
  if (Array.isArray(thing)) return ['a', ...thing.map(encode)];
  if (thing instanceof Set) return ['s', ...[...thing].map(encode)];
  if (thing instanceof Map) return ['m', ...[...thing].flatMap(([key, item]) => [encode(key), encode(item)])];
  const { number, usual } = shapeOf(thing);
  const node: unknown[] = [number];
  const values = Object.values(thing);
  for (let at = 0; at < values.length; at++) {
    if (values[at] !== usual[at]) node.push(at, encode(values[at]));
  }
  return node;
}

function toUsual({ keys, usual }: Shape, encode: (value: unknown) => unknown): Record<string, unknown> {
  const pairs = keys.map((key, at) => {
    const value = usual[at];
    if (typeof value !== 'object' || value === null) return [key, value];
    return [key, [value instanceof Set ? 's' : 'm', encode(value)]];
  });
  return Object.fromEntries(pairs);
}

/**
 * What `encodeGraph` made these lines of, which may come as bytes. Throws where they are not its work.
 *
 * Lines are read from the last to the first: most nodes refer to later ones, which are there then, so that hardly more
 * than one line's [12]s are in memory at a time. All at once they were several times what they stand for.
 */
export function decodeGraph(lines: readonly (string | Buffer)[]): unknown {
  const things: (object | undefined)[] = new Array(lines.length * NODES_PER_LINE);
  const usuals = readShapes(lines.at(-1), things);
  const keys = usuals.map((usual) => Object.keys(usual));
  /** Nodes that refer to a line not read yet: whole lists, and single fields of objects. */
  const lists: { readonly thing: object; readonly node: Node }[] = [];
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

  /** What a node becomes, not filled yet. */
  function thingOf(node: unknown[], known: object | undefined): object {
    const [what] = node;
    if (typeof what === 'number') return { ...usuals[what] };
    if (known !== undefined) return known;
    if (what === 's') return new Set<unknown>();
    return what === 'm' ? new Map<unknown, unknown>() : node;
  }

  function fillFields(thing: Record<string, unknown>, node: Node, names: readonly string[]): void {
    for (let at = 1; at + 1 < node.length; at += 2) {
      const key = names[Number(node[at])] ?? '';
      const value = node[at + 1];
      if (!Array.isArray(value)) thing[key] = value;
      else if (isKnown(value)) thing[key] = decode(value);
      else fields.push({ thing, key, id: value[0] });
    }
  }

  function fillList(thing: object, node: Node): void {
    if (!isWhole && !node.every((value, at) => at === 0 || isKnown(value))) lists.push({ thing, node });
    else if (thing instanceof Set) for (let at = 1; at < node.length; at++) thing.add(decode(node[at]));
    else if (Array.isArray(thing)) fillArray(thing);
    else if (thing instanceof Map) {
      for (let at = 1; at + 1 < node.length; at += 2) thing.set(decode(node[at]), decode(node[at + 1]));
    }
  }

  /** In place: JSON.parse has made it as long as it has to be, and one that grows by each item has room for many more. */
  function fillArray(thing: unknown[]): void {
    for (let at = 1; at < thing.length; at++) thing[at - 1] = decode(thing[at]);
    thing.pop();
  }

  for (let line = lines.length - 2; line >= 0; line--) {
    const nodes = parseLine<readonly unknown[][]>(lines[line]);
    const first = line * NODES_PER_LINE;
    for (const [at, node] of nodes.entries()) things[first + at] = thingOf(node, things[first + at]);
    for (const [at, node] of nodes.entries()) {
      const thing = things[first + at] ?? node;
      const [what] = node;
      if (typeof what === 'number') fillFields(thing as Record<string, unknown>, node, keys[what] ?? []);
      else fillList(thing, node);
    }
  }
  isWhole = true;
  for (const { thing, node } of lists) fillList(thing, node);
  for (const { thing, key, id } of fields) thing[key] = decode([id]);
  return things[0];
}

/** The usual object of each shape. The Sets and Maps in them are made here, and filled when their nodes are read. */
function readShapes(
  line: string | Buffer | undefined,
  things: (object | undefined)[],
): readonly Record<string, unknown>[] {
  const usuals = parseLine<readonly Record<string, unknown>[]>(line);
  for (const usual of usuals) {
    for (const [key, value] of Object.entries(usual)) {
      if (!Array.isArray(value)) continue;
      const [what, [id]] = value;
      things[id] ??= what === 's' ? new Set<unknown>() : new Map<unknown, unknown>();
      usual[key] = things[id];
    }
  }
  return usuals;
}

/** Most lines are ASCII, which becomes text many times faster than UTF-8 that may hold anything. */
function parseLine<Line>(line: string | Buffer = ''): Line {
  const text = typeof line === 'string' ? line : line.toString(isAscii(line) ? 'latin1' : 'utf8');
  const parsed: Line = JSON.parse(text);
  return parsed;
}
