/**
 * Hits for which the kernel did not run a probe's program, as the kernel itself counts them.
 *
 * A program never runs inside itself on one processor. Where it can be interrupted there, by a softirq or, on a kernel
 * that is preempted (PREEMPT, PREEMPT_LAZY), by any other task, all hits of that processor are skipped until it goes on:
 * no row, no counter of ours, no message. Under six processes that did nothing but open and close pipes in a 7.3 guest
 * (lazy), fentry, fexit and tracepoint programs missed 10.1, 8.4 and 7.0 % of their hits; kprobes, which are never
 * preempted, none; and no program missed one on 6.1 and 6.12 (voluntary): `npm run bench -- skips`.
 *
 * The kernel's own count is `recursion_misses` in /proc/PID/fdinfo of whoever has the program open
 * (kernel/bpf/syscall.c, bpf_prog_show_fdinfo; kernel/bpf/trampoline.c, __bpf_prog_enter_recur). It was exact: 127,607.
 */
import { type Btf, functionName } from './btf.ts';
import { listNumbers, PROC_ROOT, readText } from './procfs/proc-file.ts';

/** A program of which hits were skipped. */
export interface SkippedHits {
  /** `fentry:NAME`, `fexit:NAME` or `tracepoint:NAME` where the kernel tells, else what kind of probe it is. */
  readonly hook: string;
  /** Since it was loaded. */
  readonly hits: number;
}

/** enum bpf_attach_type (include/uapi/linux/bpf.h). */
const ATTACH_TYPES = new Map([
  ['24', 'fentry'],
  ['25', 'fexit'],
]);

/** enum bpf_prog_type (include/uapi/linux/bpf.h). */
const PROGRAM_TYPES = new Map([
  ['2', 'a kprobe'],
  ['5', 'a tracepoint'],
  ['7', 'a timer'],
  ['26', 'a function probe'],
]);

/** Reads the counts of all programs that a process has open; those of which nothing was skipped are left out. */
export function readSkippedHits(pid: number, btf: Btf | null, procRoot = PROC_ROOT): readonly SkippedHits[] {
  const dir = `${procRoot}/${pid}/fdinfo`;
  const facts = listNumbers(dir).map((fd) => factsIn(readText(`${dir}/${fd}`) ?? ''));
  const skipped = facts.filter((each) => Number(each.get('recursion_misses') ?? 0) > 0);
  const links = new Map(facts.map((each) => [each.has('link_type') ? each.get('prog_id') : undefined, each]));
  // A program may be open more than once.
  const programs = new Map(skipped.map((each) => [each.get('prog_id'), each]));
  return [...programs].map(([id, program]) => ({
    hook: hookOf(links.get(id), btf) ?? PROGRAM_TYPES.get(program.get('prog_type') ?? '') ?? 'a probe',
    hits: Number(program.get('recursion_misses')),
  }));
}

/**
 * Where a link hangs: a tracepoint by its name, which 7.3 tells and 6.12 does not; a function by its number in the types
 * of vmlinux, after which those of modules come.
 */
function hookOf(link: ReadonlyMap<string, string> | undefined, btf: Btf | null): string | null {
  const tracepoint = link?.get('tp_name');
  if (tracepoint !== undefined) return `tracepoint:${tracepoint}`;
  const kind = ATTACH_TYPES.get(link?.get('attach_type') ?? '');
  const name = btf && functionName(btf, Number(link?.get('target_btf_id') ?? 0));
  return kind === undefined || name === null ? null : `${kind}:${name}`;
}

/** Lines of `name:` and a value, of whatever kind the descriptor is. */
function factsIn(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').map((line): [string, string] => {
      const [name = '', value = ''] = line.split(/:\s*/, 2);
      return [name, value];
    }),
  );
}
