/**
 * A list that stays in order while its items come, go and move. It is kept in pieces, and each item knows its piece, so
 * that a change looks at some twenty items however many there are: to touch each of ten thousand, scattered over memory as
 * they are, takes longer than all the rest of a picture.
 */

/** Which of two comes first: below 0 the first one. */
export type Order<Item> = (one: Item, other: Item) => number;

/** What an item of such a list has to have room for. */
export interface Placed<Item> {
  /** The piece in which it is; null while it is in no list. Only the list writes it. */
  piece: Item[] | null;
}

export interface Ordered<Item> {
  /** Puts in an item that is in no list, behind those that come neither before nor after it. */
  readonly add: (item: Item) => void;
  /** Takes out an item, before anything changes that its place depends on. */
  readonly remove: (item: Item) => void;
  /** All items in order: a list of its own, which stays as it is. */
  readonly all: () => Item[];
}

/** Longer pieces are cut in half. */
const LONGEST_PIECE = 256;

/** An empty list. */
export function createOrdered<Item extends Placed<Item>>(order: Order<Item>): Ordered<Item> {
  const pieces: Item[][] = [];

  function add(item: Item): void {
    // Behind the last item there is only the last piece.
    const number = Math.min(
      pieces.length - 1,
      firstAfter(pieces, (piece) => isAfter(piece.at(-1), item)),
    );
    const piece = pieces[number] ?? newPiece();
    piece.splice(
      firstAfter(piece, (other) => isAfter(other, item)),
      0,
      item,
    );
    item.piece = piece;
    if (piece.length > LONGEST_PIECE) halve(piece, number);
  }

  function isAfter(other: Item | undefined, item: Item): boolean {
    return other !== undefined && order(other, item) > 0;
  }

  function newPiece(): Item[] {
    const piece: Item[] = [];
    pieces.push(piece);
    return piece;
  }

  function halve(piece: Item[], number: number): void {
    const rest = piece.splice(piece.length >> 1);
    for (const item of rest) item.piece = rest;
    pieces.splice(number + 1, 0, rest);
  }

  function remove(item: Item): void {
    const { piece } = item;
    if (piece === null) return;
    item.piece = null;
    piece.splice(piece.indexOf(item), 1);
    if (piece.length === 0) pieces.splice(pieces.indexOf(piece), 1);
  }

  const none: Item[] = [];
  return { add, remove, all: () => none.concat(...pieces) };
}

/** The index of the first one that comes after; all before it do not. The length of the list where none does. */
function firstAfter<Item>(items: readonly Item[], isAfter: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && isAfter(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
