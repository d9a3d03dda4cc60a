/**
 * What can be traced here, found by doing it: the very program that `record` would run is attached for a moment, and
 * what fell out of it is told with the kernel's or bpftrace's reason.
 */
import type { Result } from '../../base/result.ts';
import type { Header } from '../../event/header.ts';
import { type Composition, PATHS } from '../compose.ts';
import type { CannotTrace, KernelOffers } from '../kernel.ts';
import { startSession } from '../session.ts';
import { type Check, checkHost } from './checks.ts';
import { purposeOf, type RefusedHook, refusedHooks } from './refusals.ts';

export interface PathDiagnosis {
  readonly path: string;
  readonly purpose: string;
  /** `absent`: this kernel has nothing of the kind, so nothing is missed. */
  readonly sees: 'all' | 'part' | 'nothing' | 'absent';
  /** The hooks that are attached. */
  readonly hooks: readonly string[];
  readonly refused: readonly RefusedHook[];
  /** What answers will lack. */
  readonly lacks: readonly string[];
  /** What would help; null where nothing is lacking or nobody knows. */
  readonly remedy: string | null;
}

export interface Diagnosis {
  readonly kernel: string | null;
  readonly bpftrace: string | null;
  readonly can_trace: boolean;
  /** Why nothing can be traced. */
  readonly why?: string;
  readonly checks: readonly Check[];
  readonly paths: readonly PathDiagnosis[];
}

export interface ExamineOptions {
  readonly offers: Result<KernelOffers, CannotTrace>;
  readonly compose: (offers: KernelOffers, without: ReadonlySet<string>) => Composition;
  readonly signal?: AbortSignal;
  readonly onProgress?: (text: string) => void;
}

/** Examines the host. Never fails: what cannot be found out is part of the diagnosis. */
export async function examineHost(options: ExamineOptions): Promise<Diagnosis> {
  const { offers, onProgress } = options;
  onProgress?.('trying each kind of hook');
  const checks = await checkHost(offers);
  if (!offers.ok) {
    const why = offers.error.message;
    return { kernel: null, bpftrace: null, can_trace: false, why, checks, paths: PATHS.map(unseen(why)) };
  }
  const known = { kernel: offers.value.release, bpftrace: offers.value.bpftrace, checks };
  const tried = await attachAll(offers.value, options);
  if (tried.header === null) {
    const { why } = tried;
    return { ...known, can_trace: false, why, paths: PATHS.map(unseen(why)) };
  }
  const { header, said } = tried;
  const paths = PATHS.map((path) => diagnosePath(path, header, offers.value, said));
  return { ...known, can_trace: true, paths };
}

interface Tried {
  /** Null where nothing could be attached. */
  readonly header: Header | null;
  readonly why: string;
  /** What bpftrace said of each hook that it could not attach. */
  readonly said: ReadonlyMap<string, string>;
}

async function attachAll(offers: KernelOffers, options: ExamineOptions): Promise<Tried> {
  const said = new Map<string, string>();
  const session = await startSession({
    offers,
    compose: (without) => options.compose(offers, without),
    command: null,
    pointers: 'raw',
    onRefused: (hook, why) => said.set(hook, why),
    ...(options.signal && { signal: options.signal }),
    ...(options.onProgress && { onProgress: options.onProgress }),
  });
  if (!session.ok) return { header: null, why: session.error.message, said };
  session.value.stop();
  // Nobody reads its rows otherwise, and it would wait for us.
  for await (const _ of session.value.rows);
  await session.value.ended;
  return { header: session.value.header, why: '', said };
}

function diagnosePath(
  path: string,
  header: Header,
  offers: KernelOffers,
  said: ReadonlyMap<string, string>,
): PathDiagnosis {
  const hooks = header.probes.find((probe) => probe.path === path)?.hooks ?? [];
  const lacks = header.left_out.filter((gap) => gap.path === path).map((gap) => gap.reason);
  const refused = refusedHooks(path, offers, said).filter(({ hook }) => !hooks.includes(hook));
  const sees = seenOf(hooks, lacks);
  const remedy = lacks.length === 0 ? null : remedyOf(refused, offers);
  return { path, purpose: purposeOf(path), sees, hooks, refused, lacks, remedy };
}

function seenOf(hooks: readonly string[], lacks: readonly string[]): PathDiagnosis['sees'] {
  if (hooks.length === 0) return lacks.length === 0 ? 'absent' : 'nothing';
  return lacks.length === 0 ? 'all' : 'part';
}

function remedyOf(refused: readonly RefusedHook[], offers: KernelOffers): string | null {
  // The check of the host tells it, once for all paths.
  if (offers.functions.size === 0) return null;
  const module = refused.map(({ why }) => /^module (\w+) is not loaded$/.exec(why)?.[1]).find(Boolean);
  if (module !== undefined) return `modprobe ${module}, and start tracing again`;
  if (refused.some(({ why }) => /not permitted|lockdown/i.test(why)))
    return 'boot without lockdown, or give the container CAP_SYS_ADMIN';
  return null;
}

function unseen(why: string): (path: string) => PathDiagnosis {
  return (path) => ({
    path,
    purpose: purposeOf(path),
    sees: 'nothing',
    hooks: [],
    refused: [],
    lacks: [why],
    remedy: null,
  });
}
