/** The hooks of a composed program: the same ones with nothing behind them, and whole names for what the kernel cut short. */
import { printBlock, readBlocks } from '../../src/capture/probe-block.ts';

/** What an emptied program says when it is attached. */
export const EMPTY_IS_READY = 'recording to nothing';

/**
 * A program with the hooks of `program` and nothing in them: what it costs, no tracer that hooks there can do without.
 * It prints EMPTY_IS_READY when it is attached.
 */
export function emptied(program: string): string {
  const blocks = readBlocks(program)
    .filter(({ hooks }) => !hooks.includes('BEGIN') && !hooks.includes('END'))
    .map(({ hooks }) => printBlock({ hooks, predicate: '', body: '{ }' }));
  return [`BEGIN { printf("${EMPTY_IS_READY}\\n"); }`, ...blocks].join('\n');
}

/** The kernel keeps so many characters of a program's name (BPF_OBJ_NAME_LEN of include/uapi/linux/bpf.h, less the zero). */
const KEPT_CHARACTERS = 15;

/**
 * The hooks of loaded programs whose names are given in the order of loading, which is that of `program`: bpftrace calls
 * `fentry:fd_install` `fentry_vmlinux_fd_install_1`, and of that the kernel keeps `fentry_vmlinux_`. What belongs to no
 * hook keeps its name.
 */
export function wholeNames(loaded: readonly string[], program: string): readonly string[] {
  const hooks = readBlocks(program).flatMap((block) => block.hooks);
  let next = 0;
  return loaded.map((name) => {
    const found = hooks.findIndex((hook, i) => i >= next && shortNames(hook).includes(name));
    if (found < 0) return name;
    next = found + 1;
    return hooks[found] ?? name;
  });
}

/** As the kernel has it, with and without the module that bpftrace finds for a function. */
function shortNames(hook: string): readonly string[] {
  const words = hook.split(':');
  const withModule = words.length === 2 ? [words[0], 'vmlinux', words[1]] : words;
  return [words, withModule].map((parts) => parts.join('_').slice(0, KEPT_CHARACTERS));
}
