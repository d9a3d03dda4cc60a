/**
 * What the objects of a graph have in common: thousands of inodes have the same fields, and most of these the same
 * values. A checkpoint tells that once for each shape, and of each object only what is its own.
 */

/** Objects with the same fields in the same order. */
export interface Shape {
  readonly number: number;
  readonly keys: readonly string[];
  /**
   * What most of its objects have in each field, by the number of the key: a value that JSON can tell, or a Set or Map
   * that they share; null where there is nothing of the kind.
   */
  readonly usual: unknown[];
}

/** Finds the shapes of objects that are shown to it one by one. */
export interface ShapeFinder {
  readonly show: (object: object) => void;
  /** Of an object that was shown. */
  readonly shapeOf: (object: object) => Shape;
  /** All of them by number; `usual` is right once all objects were shown. */
  readonly shapes: readonly Shape[];
}

export function createShapeFinder(): ShapeFinder {
  const byKeys = new Map<string, Shape & { readonly votes: number[] }>();
  const shapes: Shape[] = [];

  function find(keys: readonly string[]): Shape & { readonly votes: number[] } {
    // No key and one empty key are two shapes.
    const name = `${keys.length} ${keys.join('\0')}`;
    const known = byKeys.get(name);
    if (known !== undefined) return known;
    const shape = {
      number: shapes.length,
      keys,
      usual: keys.map(() => null),
      votes: keys.map(() => 0),
    };
    byKeys.set(name, shape);
    shapes.push(shape);
    return shape;
  }

  /** A vote for each field's value: what more than half of the objects have wins (Boyer and Moore, 1981). */
  function show(object: object): void {
    const values = Object.values(object);
    const { usual, votes } = find(Object.keys(object));
    for (let at = 0; at < values.length; at++) {
      const value = values[at];
      const count = votes[at] ?? 0;
      if (usual[at] === value) votes[at] = count + 1;
      else if (count > 0) votes[at] = count - 1;
      else if (canBeUsual(value)) usual[at] = value;
    }
  }

  return { show, shapeOf: (object) => find(Object.keys(object)), shapes };
}

function canBeUsual(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'object' && value !== null) return value instanceof Set || value instanceof Map;
  return value !== undefined;
}
