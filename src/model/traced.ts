/**
 * What this trace could see at all, by the hooks that its header names. A kernel without fentry and kprobes is traced
 * by tracepoints alone: leases and breaks are seen, but neither final closes nor hand-overs nor pins.
 */
import type { Header } from '../event/header.ts';
import type { Model } from './state.ts';

const cache = new WeakMap<Header, ReadonlySet<string>>();

/** Whether the end of a lease by the final close of its file has a row (fentry on lease_modify). */
export function seesFinalCloses(header: Header): boolean {
  return hasHook(header, 'fentry:lease_modify');
}

/** Whether descriptors that are opened, passed on and closed have rows: fentry on fd_install, or a kprobe. */
export function seesDescriptors(header: Header): boolean {
  return hasHook(header, 'fentry:fd_install') || hasHook(header, 'kprobe:fd_install');
}

/** Whether pins have rows (kprobes on the GUP functions). */
export function seesPins(header: Header): boolean {
  return hasHook(header, 'kprobe:pin_user_pages_fast');
}

/** Whether a path is traced as a whole: no part of it was left out, and the run is not narrowed by a filter. */
export function seesAllOf(
  header: Header,
  path: 'fd-passing' | 'final-close' | 'lease' | 'vmsplice',
): boolean {
  const isTraced = header.probes.length === 0 || header.probes.some((probe) => probe.path === path);
  return isTraced && !header.left_out.some((gap) => gap.path === path || gap.path === 'filter');
}

/** Whether nothing was traced: all that is known was found by walks. */
export function isWalkAlone({ coverage, walk }: Model): boolean {
  return walk.count > 0 && coverage.rows === walk.rows;
}

/** A header that names no hooks says nothing about what was left out: all is taken to be there. */
function hasHook(header: Header, hook: string): boolean {
  const hooks = cache.get(header) ?? new Set(header.probes.flatMap((probe) => probe.hooks));
  cache.set(header, hooks);
  return hooks.size === 0 || hooks.has(hook);
}
