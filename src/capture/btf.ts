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
  readonly structs: ReadonlyMap<string, number>;
  readonly functions: ReadonlyMap<string, number>;
  readonly enumerators: ReadonlyMap<string, number>;
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
  const structs = new Map<string, number>();
  const functions = new Map<string, number>();
  const enumerators = new Map<string, number>();
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
    enumerators,
  };
  for (let at = typesAt; at + 12 <= typesEnd; ) {
    starts.push(at);
    const kind = kindAt(view, at);
    const count = countAt(view, at);
    const name = view.getUint32(at, true);
    // A forward declaration has a kind of its own, so the first struct of a name is a definition.
    if ((kind === KIND.struct || kind === KIND.union) && name !== 0) addFirst(structs, textAt(btf, name), at);
    if (kind === KIND.func) addFirst(functions, textAt(btf, name), at);
    if (kind === KIND.enum) {
      for (let i = 0; i < count; i++) {
        const entry = at + 12 + i * 8;
        addFirst(enumerators, textAt(btf, view.getUint32(entry, true)), view.getUint32(entry + 4, true));
      }
    }
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
  const at = btf.functions.get(fn);
  if (at === undefined) return btf.base && parametersOf(btf.base, fn);
  const proto = typeAt(btf, btf.view.getUint32(at + 8, true));
  if (!proto) return null;
  const { view } = proto.btf;
  return Array.from({ length: countAt(view, proto.at) }, (_, i) =>
    textAt(proto.btf, view.getUint32(proto.at + 12 + i * 8, true)),
  );
}

/** The value of an enumerator by its name, or null. */
export function enumeratorValue(btf: Btf, name: string): number | null {
  return btf.enumerators.get(name) ?? (btf.base && enumeratorValue(btf.base, name));
}

function addFirst(map: Map<string, number>, name: string, value: number): void {
  if (!map.has(name)) map.set(name, value);
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
  const at = btf.structs.get(name);
  if (at !== undefined) return { btf, at };
  return btf.base && findStruct(btf.base, name);
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
