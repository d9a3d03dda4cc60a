/**
 * Casts are dear to bpftrace before 0.20: it looks for the name of each one's type in all types of the kernel, and for a
 * program that names no module's function in those of every loaded module, each time from the kernel's first type on
 * (src/ast/passes/field_analyser.cpp of 0.17, btf__find_by_name of libbpf 1.1). `uint64` is in none of them. In an emulated
 * guest with 42 modules rings.bt took 109 s to load with its 122 casts, and 18 s with 21 of them.
 *
 * BPFTRACE_BTF=/sys/kernel/btf/vmlinux keeps it from reading the modules, but then it finds no iterators.
 */

const SHIFT = { 8: 0, 16: 1, 32: 2, 64: 3 } as const;
type Width = keyof typeof SHIFT;

const isWidth = (width: number): width is Width => width in SHIFT;

/**
 * The same program with one cast for each width that it reads instead of one for each reading, and none of plain numbers
 * and variables, which are numbers anyway. `*(uint64 *)(ADDRESS)` becomes `*($at64 + ((ADDRESS) >> 3))`: bpftrace counts
 * pointers in elements, and what the kernel keeps in 8 bytes lies at a multiple of 8. The program is one block, as an
 * iterator's is. Its addresses must be numbers to the verifier, which lets nobody shift a pointer ("bitwise operator &= on
 * pointer prohibited"): what comes from ctx has gone through a map.
 */
export function withFewCasts(program: string): string {
  const used = new Set<Width>();
  const text = readThroughPointers(program, used).replace(/\(u?int64\)(?=[\d$])/g, '');
  const pointers = [...used].map((width) => `$at${width} = (uint${width} *)0;`);
  return pointers.length === 0 ? text : text.replace('{', `{\n  ${pointers.join(' ')}`);
}

function readThroughPointers(text: string, used: Set<Width>): string {
  let read = '';
  let at = 0;
  for (const { 0: cast, 1: bits, index } of text.matchAll(/\*\(uint(\d+) \*\)(?=\()/g)) {
    const width = Number(bits);
    // what stands inside another address was read with it
    if (index < at || !isWidth(width)) continue;
    const opens = index + cast.length;
    const closes = closingParenthesis(text, opens);
    used.add(width);
    const address = readThroughPointers(text.slice(opens, closes), used);
    read += `${text.slice(at, index)}*($at${width} + (${address} >> ${SHIFT[width]}))`;
    at = closes;
  }
  return read + text.slice(at);
}

/** The place behind the parenthesis that closes the one at `opens`; the end of a text in which none does. */
function closingParenthesis(text: string, opens: number): number {
  let depth = 0;
  for (let at = opens; at < text.length; at++) {
    if (text[at] === '(') depth++;
    if (text[at] === ')') depth--;
    if (depth === 0) return at + 1;
  }
  return text.length;
}
