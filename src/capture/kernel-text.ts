/** What the kernel writes in /proc and /sys about what can be traced, as values: of this machine, or of another one. */

/** The statically assigned major of ib_uverbs (drivers/infiniband/core/uverbs_main.c: IB_UVERBS_MAJOR). */
const UVERBS_MAJOR = 231;

/** bpftrace's version as it tells it itself (`bpftrace v0.23.2`), or null. */
export function parseBpftraceVersion(text: string): string | null {
  return /v\d+\.\d+\S*/.exec(text)?.[0] ?? null;
}

/** `available_filter_functions`: lines are `function` or `function [module]`. A module's are `module:function` here. */
export function parseFunctions(text: string): ReadonlySet<string> {
  const functions = new Set<string>();
  for (const line of text.split('\n')) {
    const [name = '', module] = line.split(/[\s[\]]+/);
    if (name === '') continue;
    functions.add(module ? `${module}:${name}` : name);
  }
  return functions;
}

/** The names of the fields in a tracepoint's `format`. */
export function parseTracepointFields(format: string): ReadonlySet<string> {
  return new Set(
    [...format.matchAll(/^\tfield:.*?(\w+)(?:\[[^\]]*\])?;\toffset/gm)].map((match) => match[1] ?? ''),
  );
}

/**
 * The address of a symbol by /proc/kallsyms (`address type name`, a module's with its `[module]` behind), or null. All
 * addresses are zero for those who may not see them (kernel.kptr_restrict).
 */
export function findSymbol(text: string, name: string): bigint | null {
  const digits = new RegExp(`^([0-9a-f]+) \\w ${name}(?:\\s+\\[\\w+\\])?$`, 'm').exec(text)?.[1];
  const address = digits === undefined ? 0n : BigInt(`0x${digits}`);
  return address === 0n ? null : address;
}

/** The kinds of the IOMMUs with these names: a kind and a number each, dmar0. */
export function iommuKinds(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => /^[a-z]+/.exec(name)?.[0] ?? name));
}

/**
 * When the kernel takes the processor from a task that runs in the kernel: never, where it asks for that (`none`,
 * `voluntary`), or wherever it may be (`lazy`, `full`).
 */
export type Preemption = 'none' | 'voluntary' | 'lazy' | 'full' | 'unknown';

/**
 * By /sys/kernel/debug/sched/preempt, where it can be switched: `none (voluntary) full`, the one in parentheses holds
 * (kernel/sched/debug.c, sched_dynamic_show). Else by /proc/version, which names PREEMPT where it was built in
 * (init/Makefile); PREEMPT_DYNAMIC alone does not tell.
 */
export function parsePreemption(switches: string, version: string): Preemption {
  const mode = /\((none|voluntary|lazy|full)\)/.exec(switches)?.[1];
  if (mode !== undefined) return mode as Preemption;
  const built = /\bPREEMPT\w*/.exec(version)?.[0];
  switch (built) {
    case undefined:
      return version === '' ? 'unknown' : 'none';
    case 'PREEMPT':
    case 'PREEMPT_RT':
      return 'full';
    case 'PREEMPT_LAZY':
      return 'lazy';
    default:
      return 'unknown';
  }
}

/**
 * The character major of /dev/infiniband/uverbs* by /proc/devices: "Character devices:\n  1 mem\n231 infiniband_verbs\n…
 * \n\nBlock devices:\n…". Before the first such device is there, the one that it will have.
 */
export function parseUverbsMajor(devices: string): number {
  const [characters = ''] = devices.split('Block devices');
  return Number(/^\s*(\d+) infiniband_verbs$/m.exec(characters)?.[1] ?? UVERBS_MAJOR);
}
