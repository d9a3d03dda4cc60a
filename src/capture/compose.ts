/**
 * Joins probes/*.bt into the one program that this kernel and this bpftrace can attach.
 *
 * One program means one compile, one ordered buffer, and per-thread marks that all paths share (a pin is attributed to
 * the RDMA or vmsplice call it happens in). One missing hook fails a whole bpftrace program, so what is not offered
 * here is left out, and what is left out is named.
 */
import { isOlderThan } from '../event/bpftrace-version.ts';
import type { Header, NotCovered } from '../event/header.ts';
import { dialectOf, readProbe } from './dialect.ts';
import { type Filter, filterGaps, filterMacros, kindsOf, NO_FILTER } from './filter.ts';
import type { KernelOffers } from './kernel.ts';
import { type Dialect, type Macros, preprocess } from './preprocess.ts';
import { mergeTracepoints, type ProbeBlock, printBlock, readBlocks } from './probe-block.ts';

/** The paths in the order in which they are joined. session.bt holds BEGIN and END. */
export const PATHS = [
  'session',
  'lease',
  'lease-break',
  'pin',
  'direct-io',
  'rdma-region',
  'vmsplice',
  'uring-buffer',
  'xdp-umem',
  'vfio',
  'rfc2019',
  'fd-passing',
  'final-close',
  'truncate',
  'hole-punch',
] as const;

export interface Composition {
  /** bpftrace source text. */
  readonly program: string;
  readonly probes: Header['probes'];
  readonly leftOut: readonly NotCovered[];
  /** The kinds of rows that the program of a hook fires, by the hook; none where it only marks something. */
  readonly kinds: ReadonlyMap<string, readonly string[]>;
}

/**
 * Composes the program for one kernel.
 * @param without hooks that were seen to fail here although they are offered (`fentry:name`, `tracepoint:a:b`);
 *   the ladder then goes on to the next one.
 * @param filter what the run is narrowed to.
 */
export function composeProgram(
  offers: KernelOffers,
  without: ReadonlySet<string> = new Set(),
  filter: Filter = NO_FILTER,
): Composition {
  const dialect = dialectOf(offers, { without, filter: kindsOf(filter) });
  const shared: Macros = filterMacros(filter);
  const declared = [...preprocess(readProbe('prelude.h'), shared, dialect).maps];

  const probes: { path: string; hooks: string[] }[] = [];
  const leftOut: NotCovered[] = [...filterGaps(filter)];
  const program: ProbeBlock[] = [];
  for (const path of PATHS) {
    // A file's own words stay its own.
    const { text, missing, unresolved, maps } = preprocess(readProbe(`${path}.bt`), new Map(shared), dialect);
    for (const reason of missing) leftOut.push({ path, reason });
    if (unresolved.length > 0) {
      leftOut.push({ path, reason: `this kernel's type information has no ${unresolved.join(', ')}` });
      continue;
    }
    declared.push(...maps);
    const hooks: string[] = [];
    for (const block of readBlocks(text)) {
      const offered = block.hooks.filter((hook) => isOffered(hook, dialect));
      for (const hook of block.hooks) {
        if (!offered.includes(hook))
          leftOut.push({ path, reason: `${hook} cannot be attached on this kernel` });
      }
      if (offered.length === 0) continue;
      hooks.push(...offered);
      program.push({ ...block, hooks: offered });
    }
    probes.push({ path, hooks });
  }
  // 0.17 attaches the first block to a tracepoint, and none of the others.
  const blocks = isOlderThan(offers.bpftrace, 20) ? mergeTracepoints(program) : program;
  return { program: finish(blocks, declared, offers), probes, leftOut, kinds: kindsByHook(blocks) };
}

function kindsByHook(blocks: readonly ProbeBlock[]): ReadonlyMap<string, readonly string[]> {
  const kinds = new Map<string, readonly string[]>();
  for (const { hooks, body } of blocks) {
    for (const hook of hooks) kinds.set(hook, [...new Set([...(kinds.get(hook) ?? []), ...kindsIn(body)])]);
  }
  return kinds;
}

function isOffered(hook: string, dialect: Dialect): boolean {
  return hook === 'BEGIN' || hook === 'END' || hook.startsWith('interval:') || dialect.has(hook);
}

/** Adds what needs the whole program: maps that are only read, maps to clear, and the oldest bpftrace's words. */
function finish(blocks: readonly ProbeBlock[], declared: readonly string[], offers: KernelOffers): string {
  // END clears all maps and comes last: 0.23 takes a map's keys from its first use in the text.
  const ordered = blocks.toSorted(
    (a, b) => Number(a.hooks.includes('END')) - Number(b.hooks.includes('END')),
  );
  const body = withCountersOfTheirOwn(ordered).map(printBlock).join('\n\n');
  const maps = new Map(
    [...body.matchAll(/(@[a-z_]+)(?:\[([^\]]*)\])?/g)].map((use) => [use[1] ?? '', use[2]]),
  );
  const clear = [...maps.keys()].map((map) => `clear(${map});`).join(' ');
  // bpftrace refuses a map that is read but never written ("Undefined map"): a path that would write it is left out.
  const used = declared.filter((assignment) => maps.has(/@\w+/.exec(assignment)?.[0] ?? ''));
  const unwritten = [...maps]
    .filter(([map]) => !new RegExp(`${map}\\b(\\[[^\\]]*\\])?\\s*=[^=]`).test(`${body} ${used.join('; ')}`))
    .map(([map, keys]) => `${map}${keys === undefined ? '' : `[${zeros(keys)}]`} = 0`);
  const define = [...used, ...unwritten].map((assignment) => `${assignment};`).join(' ');
  const program = body
    .replace('CLEAR_ALL_MAPS', clear)
    .replace(/^BEGIN\n\{/m, (begin) => `${begin} ${define}`);
  const light = isOlderThan(offers.bpftrace, 20) ? withoutCastsOfNumbers(program) : program;
  return `${isOlderThan(offers.bpftrace, 22) ? toOldNames(light) : light}\n`;
}

/**
 * A kind of row that several programs fire is counted by each of them under a name of its own: `fd.closed`, `fd.closed#2`.
 * `@x = count()` is a load and a store. Where fentry programs can be preempted (a kernel with PREEMPT, or
 * PREEMPT_DYNAMIC set so) two of them on one processor would write over each other's count; a program never meets itself
 * there (kernel/bpf/trampoline.c, __bpf_prog_enter_recur).
 */
function withCountersOfTheirOwn(blocks: readonly ProbeBlock[]): ProbeBlock[] {
  const uses = new Map<string, number>();
  return blocks.map((block) => {
    for (const kind of kindsIn(block.body)) uses.set(kind, (uses.get(kind) ?? 0) + 1);
    const nameOf = (kind: string) => ((uses.get(kind) ?? 1) > 1 ? `${kind}#${uses.get(kind)}` : kind);
    return { ...block, body: block.body.replace(FIRED, (_, kind: string) => `@fired["${nameOf(kind)}"]`) };
  });
}

const FIRED = /@fired\["([^"]+)"\]/g;

/** The kinds of rows that a block fires. */
function kindsIn(body: string): ReadonlySet<string> {
  return new Set([...body.matchAll(FIRED)].map((use) => use[1] ?? ''));
}

function zeros(keys: string): string {
  return keys
    .split(',')
    .map(() => '0')
    .join(', ');
}

/**
 * Before 0.20 a number is an int64 anyway, and each cast costs a search through all type names of the kernel, once more for
 * every module that a probe names (src/ast/passes/field_analyser.cpp of 0.17): 5 ms each on hardware.
 */
function withoutCastsOfNumbers(program: string): string {
  return program.replace(/\(int64\)(?=\d)/g, '');
}

/** Before 0.22, fentry and fexit were called kfunc and kretfunc. */
function toOldNames(program: string): string {
  return program.replace(/\bfentry:/g, 'kfunc:').replace(/\bfexit:/g, 'kretfunc:');
}
