/** Whether bpftrace can walk over this kernel's objects: BPF iterators, with type information to read what they visit. */
import { sizeOf } from './btf.ts';
import type { KernelOffers } from './kernel.ts';

/** The oldest bpftrace that the walk was proved on. */
const OLDEST = [0, 17] as const;

/** What the walk lacks here and how to get it, as one clause; null where nothing is lacking. */
export function whyNoIterators({ btf, bpftrace }: Pick<KernelOffers, 'btf' | 'bpftrace'>): string | null {
  const [, major = 0, minor = 0] = (/^v(\d+)\.(\d+)/.exec(bpftrace) ?? []).map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    return `bpftrace ${bpftrace} is too old; install ${OLDEST.join('.')} or newer`;
  }
  if (btf === null) {
    return 'this kernel has no type information (/sys/kernel/btf/vmlinux); it takes one built with CONFIG_DEBUG_INFO_BTF';
  }
  // The argument of the iterator's programs, in vmlinux since 5.8 (kernel/bpf/task_iter.c).
  if (sizeOf(btf, 'bpf_iter__task_file') === null) {
    return 'this kernel has no BPF iterators; it takes Linux 5.8 or newer with CONFIG_BPF_SYSCALL';
  }
  return null;
}
