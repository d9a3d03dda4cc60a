/**
 * Reads BTF, the kernel's own type information (/sys/kernel/btf/vmlinux and, on top of it, one file a module).
 *
 * The probes name a few struct members whose place differs between kernels, or that bpftrace cannot resolve because
 * they live in a module; the composer puts their offsets in as numbers, taken from here. Nothing is hard-coded for
 * one kernel. Format: Documentation/bpf/btf.rst and include/uapi/linux/btf.h (v6.12).
 */
const MAGIC = 0xeb9f;

/** BTF_KIND_* of include/uapi/linux/btf.h; kinds without extra bytes and without meaning here are left out. */
const KIND = {
  int: 1,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  func: 12,
  funcProto: 13,
  variable: 14,
  dataSection: 15,
  declTag: 17,
  typeTag: 18,
  enum64: 19,
} as const;

/** One parsed file. Ids and string offsets of a module continue those of its base, vmlinux. */
export interface Btf {
  readonly base: Btf | null;
  readonly view: DataView;
  readonly firstId: number;
  /** Byte position of each type of this file, by id - firstId. */
  readonly starts: readonly number[];
  readonly firstString: number;
  readonly stringsAt: number;
  readonly stringBytes: number;
  /** Definitions of this file by the offset of their name: names are only compared, never read, 150,000 of them. */
  readonly structs: ReadonlyMap<number, number>;
  readonly functions: ReadonlyMap<number, number>;
  readonly enums: readonly number[];
}

/** A type together with the file it stands in. */
interface Place {
  readonly btf: Btf;
  readonly at: number;
}

/**
 * Parses one BTF blob. `base` is vmlinux when `bytes` is a module's split BTF.
 * @returns null when the bytes are not BTF of this machine's byte order.
 */
export function parseBtf(bytes: Uint8Array, base: Btf | null = null): Btf | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 24 || view.getUint16(0, true) !== MAGIC) return null;
  const headerBytes = view.getUint32(4, true);
  const typesAt = headerBytes + view.getUint32(8, true);
  const typesEnd = typesAt + view.getUint32(12, true);
  const stringsAt = headerBytes + view.getUint32(16, true);
  const stringBytes = view.getUint32(20, true);
  if (typesEnd > bytes.byteLength || stringsAt + stringBytes > bytes.byteLength) return null;

  const starts: number[] = [];
  const structs = new Map<number, number>();
  const functions = new Map<number, number>();
  const enums: number[] = [];
  const btf: Btf = {
    base,
    view,
    firstId: base ? base.firstId + base.starts.length : 1,
    starts,
    firstString: base ? base.firstString + base.stringBytes : 0,
    stringsAt,
    stringBytes,
    structs,
    functions,
    enums,
  };
  for (let at = typesAt; at + 12 <= typesEnd; ) {
    starts.push(at);
    const kind = kindAt(view, at);
    const count = countAt(view, at);
    const name = view.getUint32(at, true);
    // A forward declaration has a kind of its own, so the first struct of a name is a definition.
    if ((kind === KIND.struct || kind === KIND.union) && !structs.has(name)) structs.set(name, at);
    else if (kind === KIND.func && !functions.has(name)) functions.set(name, at);
    else if (kind === KIND.enum) enums.push(at);
    at += 12 + extraBytes(kind, count);
  }
  return btf;
}

/** Byte offset of `struct.member[.member…]`, looking through anonymous members; null where there is none. */
export function offsetOf(btf: Btf, path: string): number | null {
  const [struct = '', ...members] = path.split('.');
  let place = findStruct(btf, struct);
  let offset = 0;
  for (const member of members) {
    const step = place && findMember(place, member);
    if (!step) return null;
    offset += step.offset;
    place = typeAt(step.btf, step.type);
  }
  return place || members.length > 0 ? offset : null;
}

/** Size of a struct or union in bytes, or null. */
export function sizeOf(btf: Btf, struct: string): number | null {
  const place = findStruct(btf, struct);
  return !place ? null : place.btf.view.getUint32(place.at + 8, true);
}

/** The parameter names of a function, or null where BTF has no such function. */
export function parametersOf(btf: Btf, fn: string): readonly string[] | null {
  const at = findByName(btf, btf.functions, fn);
  if (at === null) return btf.base && parametersOf(btf.base, fn);
  const proto = typeAt(btf, btf.view.getUint32(at + 8, true));
  if (!proto) return null;
  const { view } = proto.btf;
  return Array.from({ length: countAt(view, proto.at) }, (_, i) =>
    textAt(proto.btf, view.getUint32(proto.at + 12 + i * 8, true)),
  );
}

/** The name of the function with this number, or null where that is none of this file's functions. */
export function functionName(btf: Btf, id: number): string | null {
  const at = btf.starts[id - btf.firstId];
  return at === undefined || kindAt(btf.view, at) !== KIND.func
    ? null
    : textAt(btf, btf.view.getUint32(at, true));
}

/** The value of an enumerator by its name, or null. */
export function enumeratorValue(btf: Btf, name: string): number | null {
  for (const offset of nameOffsets(btf, name)) {
    for (const at of btf.enums) {
      for (let i = 0; i < countAt(btf.view, at); i++) {
        const entry = at + 12 + i * 8;
        if (btf.view.getUint32(entry, true) === offset) return btf.view.getUint32(entry + 4, true);
      }
    }
  }
  return btf.base && enumeratorValue(btf.base, name);
}

/** Where a name stands in the string tables; a module's types may use its base's strings. */
function nameOffsets(btf: Btf, name: string): number[] {
  const bytes = Buffer.from(btf.view.buffer, btf.view.byteOffset + btf.stringsAt, btf.stringBytes);
  const found = bytes.indexOf(`\0${name}\0`, 0, 'latin1');
  const own = found < 0 ? [] : [btf.firstString + found + 1];
  return btf.base ? [...own, ...nameOffsets(btf.base, name)] : own;
}

function findByName(btf: Btf, types: ReadonlyMap<number, number>, name: string): number | null {
  for (const offset of nameOffsets(btf, name)) {
    const at = types.get(offset);
    if (at !== undefined) return at;
  }
  return null;
}

function kindAt(view: DataView, at: number): number {
  return (view.getUint32(at + 4, true) >>> 24) & 0x1f;
}

function countAt(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) & 0xffff;
}

/** Bytes after the 12-byte type header. */
function extraBytes(kind: number, count: number): number {
  switch (kind) {
    case KIND.int:
    case KIND.variable:
    case KIND.declTag:
      return 4;
    case KIND.array:
      return 12;
    case KIND.struct:
    case KIND.union:
    case KIND.dataSection:
    case KIND.enum64:
      return count * 12;
    case KIND.enum:
    case KIND.funcProto:
      return count * 8;
    default:
      return 0;
  }
}

function textAt(btf: Btf, offset: number): string {
  if (offset < btf.firstString) return btf.base ? textAt(btf.base, offset) : '';
  const start = btf.stringsAt + offset - btf.firstString;
  let end = start;
  while (end < btf.view.byteLength && btf.view.getUint8(end) !== 0) end++;
  return Buffer.from(btf.view.buffer, btf.view.byteOffset + start, end - start).toString('latin1');
}

function typeAt(btf: Btf, id: number): Place | null {
  if (id < btf.firstId) return btf.base && typeAt(btf.base, id);
  const at = btf.starts[id - btf.firstId];
  return at === undefined ? null : { btf, at };
}

function findStruct(btf: Btf, name: string): Place | null {
  const at = findByName(btf, btf.structs, name);
  return at === null ? btf.base && findStruct(btf.base, name) : { btf, at };
}

/** Follows typedefs and qualifiers to the type itself. */
function bareType(place: Place): Place | null {
  const kind = kindAt(place.btf.view, place.at);
  const isAlias =
    kind === KIND.typedef ||
    kind === KIND.const ||
    kind === KIND.volatile ||
    kind === KIND.restrict ||
    kind === KIND.typeTag;
  if (!isAlias) return place;
  const next = typeAt(place.btf, place.btf.view.getUint32(place.at + 8, true));
  return next && bareType(next);
}

function findMember(from: Place, member: string): { btf: Btf; type: number; offset: number } | null {
  const place = bareType(from);
  if (!place) return null;
  const { btf, at } = place;
  const kind = kindAt(btf.view, at);
  if (kind !== KIND.struct && kind !== KIND.union) return null;
  const hasBitfields = btf.view.getUint32(at + 4, true) >>> 31 === 1;
  for (let i = 0; i < countAt(btf.view, at); i++) {
    const entry = at + 12 + i * 12;
    const name = textAt(btf, btf.view.getUint32(entry, true));
    const type = btf.view.getUint32(entry + 4, true);
    const raw = btf.view.getUint32(entry + 8, true);
    const offset = (hasBitfields ? raw & 0xffffff : raw) / 8;
    if (name === member) return { btf, type, offset: Math.floor(offset) };
    if (name === '') {
      const inside = typeAt(btf, type);
      const found = inside && findMember(inside, member);
      if (found) return { ...found, offset: found.offset + offset };
    }
  }
  return null;
}
