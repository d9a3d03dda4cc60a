/**
 * What the running kernel and bpftrace offer to a tracer, found by looking, not by version number.
 *
 * `available_filter_functions` lists what ftrace can attach to: a function that BTF knows may still be inlined or
 * notrace (fentry and kprobe then fail). bpftrace's own `--info` is not asked: it prints "kprobe: yes" on kernels
 * without kprobes. What still fails to attach is dropped by the session, one hook at a time.
 */
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { execa } from 'execa';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { type Btf, parseBtf } from './btf.ts';
import {
  findSymbol,
  iommuKinds,
  type Preemption,
  parseBpftraceVersion,
  parseFunctions,
  parsePreemption,
  parseTracepointFields,
  parseUverbsMajor,
} from './kernel-text.ts';
import { listNames, readText } from './procfs/proc-file.ts';

export interface KernelOffers {
  readonly release: string;
  /** bpftrace's own version text, e.g. "v0.23.2". */
  readonly bpftrace: string;
  /** `function` or `module:function`: what fentry and kprobes can attach to. Empty without ftrace. */
  readonly functions: ReadonlySet<string>;
  /** Kernel type information, or null. */
  readonly btf: Btf | null;
  /** Type information of a loaded module, or null. */
  moduleBtf(name: string): Btf | null;
  /** The address of a symbol by /proc/kallsyms, of vmlinux before one of a module; or null. */
  symbol(name: string): bigint | null;
  /** `category:name` → its field names, or null where there is no such tracepoint. */
  tracepointFields(name: string): ReadonlySet<string> | null;
  /** Character major of /dev/infiniband/uverbs*. */
  readonly uverbsMajor: number;
  /** The kinds of its IOMMUs, by /sys/class/iommu: `dmar` (Intel), `ivhd` (AMD), `smmu3` (Arm). */
  readonly iommus: ReadonlySet<string>;
  readonly preemption: Preemption;
}

/** Why this user cannot trace a machine, and what to do. */
export interface CannotTrace {
  readonly what: 'no-bpftrace' | 'not-root' | 'no-bpf' | 'not-linux' | 'no-connection';
  readonly message: string;
}

/** Where tracefs is mounted, the place of today first. */
export const TRACEFS = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];

/** Where the kernel tells how it preempts. */
export const PREEMPTION = '/sys/kernel/debug/sched/preempt';

/** Looks at the running kernel. Reads /proc and /sys, mounts tracefs where it is missing, runs `bpftrace --version`. */
export async function inspectKernel(): Promise<Result<KernelOffers, CannotTrace>> {
  if (process.platform !== 'linux') {
    return err({ what: 'not-linux', message: 'Tracing needs Linux; recordings can be read anywhere.' });
  }
  if (process.getuid?.() !== 0) {
    return err({
      what: 'not-root',
      message: 'Tracing needs root: bpftrace may not load programs for this user. Use sudo.',
    });
  }
  const version = await bpftraceVersion();
  if (!version.ok) return version;
  const tracefs = await findTracefs();
  if (tracefs === null) {
    return err({
      what: 'no-bpf',
      message:
        'No tracefs at /sys/kernel/tracing and it could not be mounted: this kernel has no tracing, or a container hides it.',
    });
  }
  const btf = readBtf('/sys/kernel/btf/vmlinux', null);
  return ok({
    release: release(),
    bpftrace: version.value,
    functions: parseFunctions(
      await readFile(`${tracefs}/available_filter_functions`, 'utf8').catch(() => ''),
    ),
    btf,
    moduleBtf: readOnce((name) => btf && readBtf(`/sys/kernel/btf/${name}`, btf)),
    symbol: readSymbols(),
    tracepointFields: (name) => tracepointFields(tracefs, name),
    uverbsMajor: parseUverbsMajor(readText('/proc/devices') ?? ''),
    iommus: iommuKinds(listNames('/sys/class/iommu')),
    preemption: parsePreemption(readText(PREEMPTION) ?? '', readText('/proc/version') ?? ''),
  });
}

/** Reads each module's types once: the probes ask for their offsets one by one. */
export function readOnce(read: (module: string) => Btf | null): KernelOffers['moduleBtf'] {
  const modules = new Map<string, Btf | null>();
  return (module) => {
    const known = modules.get(module);
    if (known !== undefined) return known;
    const types = read(module);
    modules.set(module, types);
    return types;
  };
}

/** The binary to run; tests put a stand-in there. */
export function bpftraceBinary(): string {
  return process.env.WHOPINS_BPFTRACE ?? 'bpftrace';
}

async function bpftraceVersion(): Promise<Result<string, CannotTrace>> {
  const run = await execa(bpftraceBinary(), ['--version'], { reject: false, timeout: 20_000 });
  if (run.code === 'ENOENT') {
    return err({
      what: 'no-bpftrace',
      message: `Tracing needs bpftrace 0.17 or newer and there is no ${bpftraceBinary()} on the PATH. Install it: apt install bpftrace`,
    });
  }
  const version = parseBpftraceVersion(run.stdout);
  if (version === null) {
    return err({
      what: 'no-bpftrace',
      message: `${bpftraceBinary()} --version did not tell a version: ${run.shortMessage ?? run.stdout}`,
    });
  }
  return ok(version);
}

/** tracefs may not be mounted yet (it is not on every minimal system); mounting it is what bpftrace needs anyway. */
async function findTracefs(): Promise<string | null> {
  const mounted = () => TRACEFS.find((dir) => existsSync(`${dir}/events`)) ?? null;
  const found = mounted();
  if (found !== null) return found;
  await execa('mount', ['-t', 'tracefs', 'tracefs', '/sys/kernel/tracing'], { reject: false });
  return mounted();
}

function readBtf(path: string, base: Btf | null): Btf | null {
  try {
    return parseBtf(readFileSync(path), base);
  } catch {
    return null;
  }
}

/** Reads /proc/kallsyms when first asked: it is large. */
function readSymbols(): (name: string) => bigint | null {
  let text: string | null = null;
  return (name) => {
    text ??= readText('/proc/kallsyms') ?? '';
    return findSymbol(text, name);
  };
}

function tracepointFields(tracefs: string, name: string): ReadonlySet<string> | null {
  const format = readText(`${tracefs}/events/${name.replace(':', '/')}/format`);
  return format === null ? null : parseTracepointFields(format);
}
