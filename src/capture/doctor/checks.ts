/** What tracing rests on: the user, lockdown, bpftrace, type information, and each kind of hook, tried in earnest. */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { unreachable } from '../../base/brand.ts';
import type { Result } from '../../base/result.ts';
import { whyNoIterators } from '../iterators.ts';
import type { CannotTrace, KernelOffers } from '../kernel.ts';
import type { Preemption } from '../kernel-text.ts';
import { tryHook, tryIterator } from './trial.ts';

/** One thing that tracing rests on. */
export interface Check {
  readonly name: string;
  /** Null: it could not be found out. */
  readonly ok: boolean | null;
  /** What was found, or what was refused and why. */
  readonly found: string;
  /** What answers lack because of it, and what to do; null where nothing is wrong. */
  readonly remedy: string | null;
}

/** Kernels that whopins is tested on; others work as far as their hooks do. */
const TESTED = /^(?:6\.1|6\.12|7\.3)\./;

/** Hooks that every kernel has which can attach the kind at all. */
const SAMPLES = {
  tracepoint: 'tracepoint:sched:sched_process_exec',
  kprobe: 'kprobe:vfs_read',
} as const;

/** Checks the host. `offers` is what was found there, or why nothing could be. */
export async function checkHost(offers: Result<KernelOffers, CannotTrace>): Promise<readonly Check[]> {
  const known = [checkKernel(), checkUser(), checkLockdown()];
  if (!offers.ok) {
    return [...known, { name: 'tracing', ok: false, found: offers.error.message, remedy: null }];
  }
  const { bpftrace, btf, functions, preemption } = offers.value;
  return [
    ...known,
    checkBpftrace(bpftrace),
    checkPreemption(preemption),
    {
      name: 'type information',
      ok: btf !== null,
      found: btf === null ? 'no /sys/kernel/btf/vmlinux' : '/sys/kernel/btf/vmlinux',
      remedy:
        btf === null ? 'only tracepoints can be used; take a kernel with CONFIG_DEBUG_INFO_BTF=y' : null,
    },
    {
      name: 'functions',
      ok: functions.size > 0,
      found: functions.size > 0 ? `${functions.size} can be hooked` : 'none can be hooked',
      remedy:
        functions.size > 0
          ? null
          : 'only tracepoints are left; take a kernel with CONFIG_FUNCTION_TRACER=y whose tracefs is not locked down',
    },
    ...(await tryKinds(offers.value)),
  ];
}

async function tryKinds(offers: KernelOffers): Promise<readonly Check[]> {
  const fentry = /v0\.(?:1\d|2[01])\./.test(offers.bpftrace) ? 'kfunc:vfs_read' : 'fentry:vfs_read';
  const lacksIterators = whyNoIterators(offers);
  const [tracepoint, kprobe, entry, iterator] = await Promise.all([
    tryHook(SAMPLES.tracepoint),
    tryHook(SAMPLES.kprobe),
    tryHook(fentry),
    lacksIterators ?? tryIterator('task'),
  ]);
  return [
    kindCheck('tracepoints', tracepoint, 'nothing can be traced; see what bpftrace says'),
    kindCheck('kprobes', kprobe, 'pins, unpins and fixed buffers are not seen; take CONFIG_KPROBE_EVENTS=y'),
    kindCheck(
      'fentry',
      entry,
      'descriptors, final closes, ends of leases and inodes of truncates are not seen; take CONFIG_DEBUG_INFO_BTF=y and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y',
    ),
    kindCheck(
      'iterators',
      iterator,
      'what was there before tracing is looked up in /proc only, and said to be likely',
    ),
  ];
}

function kindCheck(name: string, refused: string | null, remedy: string): Check {
  return refused === null
    ? { name, ok: true, found: 'attached', remedy: null }
    : { name, ok: false, found: refused, remedy };
}

function checkKernel(): Check {
  const found = release();
  return {
    name: 'kernel',
    ok: TESTED.test(found) ? true : null,
    found: TESTED.test(found) ? found : `${found}, which whopins is not tested on`,
    remedy: null,
  };
}

function checkUser(): Check {
  const isRoot = process.getuid?.() === 0;
  return {
    name: 'user',
    ok: isRoot,
    found: isRoot ? 'root' : `user ${process.getuid?.() ?? 'unknown'}`,
    remedy: isRoot ? null : 'use sudo: bpftrace may not load programs for this user',
  };
}

/** `none [integrity] confidentiality`: the one in brackets holds (security/lockdown/lockdown.c). */
function checkLockdown(): Check {
  const name = 'lockdown';
  const text = readText('/sys/kernel/security/lockdown');
  if (text === null) return { name, ok: null, found: 'unknown: securityfs is not mounted', remedy: null };
  const mode = /\[(\w+)\]/.exec(text)?.[1] ?? text.trim();
  const isOpen = mode !== 'confidentiality';
  return {
    name,
    ok: isOpen,
    found: mode,
    remedy: isOpen ? null : 'the kernel refuses to be read; boot without lockdown=confidentiality',
  };
}

/** Why it matters: src/capture/skipped-hits.ts. */
function checkPreemption(preemption: Preemption): Check {
  const name = 'preemption';
  switch (preemption) {
    case 'none':
    case 'voluntary':
      return { name, ok: true, found: `${preemption}: probes run to their end`, remedy: null };
    case 'lazy':
    case 'full': {
      const found = `${preemption}: hits of a probe that is preempted are skipped; they are counted, and lower what rests on them`;
      return { name, ok: true, found, remedy: null };
    }
    case 'unknown':
      return {
        name,
        ok: null,
        found: 'unknown: debugfs is not mounted; taken for a kernel that is preempted',
        remedy: null,
      };
    default:
      return unreachable(preemption);
  }
}

function checkBpftrace(version: string): Check {
  const [, major = 0, minor = 0] = (/^v(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
  const isNewEnough = major > 0 || minor >= 17;
  return {
    name: 'bpftrace',
    ok: isNewEnough,
    found: version,
    remedy: isNewEnough ? null : 'whopins needs 0.17 or newer; install it from your distribution',
  };
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
