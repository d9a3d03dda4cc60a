/** What the probes may ask of the running kernel and its bpftrace, answered from what `inspectKernel` found. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOlderThan } from '../event/bpftrace-version.ts';
import { enumeratorValue, offsetOf, parametersOf, sizeOf } from './btf.ts';
import type { KernelOffers } from './kernel.ts';
import type { Preemption } from './kernel-text.ts';
import { packageRoot } from './package-root.ts';
import type { Dialect } from './preprocess.ts';

export interface DialectOptions {
  /** Hooks that were seen to fail here although they are offered. */
  readonly without?: ReadonlySet<string>;
  /** What the run is narrowed to: `has(filter:file)`, `has(filter:task)`. */
  readonly filter?: ReadonlySet<string>;
  /** More plain words with their replacement. */
  readonly words?: ReadonlyMap<string, string>;
}

const NONE: ReadonlySet<string> = new Set();

/** Where that is not known, a probe that would be lost is not relied on. */
const NOT_PREEMPTED: ReadonlySet<string> = new Set<Preemption>(['none', 'voluntary']);

/** The text of a file of probes/, by its path there. */
export function readProbe(name: string): string {
  return readFileSync(join(packageRoot(), 'probes', name), 'utf8');
}

/** What the probes may ask about the kernel; the forms of `has(…)` are listed in probes/README.md. */
export function dialectOf(
  offers: KernelOffers,
  { without = NONE, filter = NONE, words = new Map() }: DialectOptions = {},
): Dialect {
  const { btf, functions } = offers;
  const btfFor = (module: string | undefined) => (module === undefined ? btf : offers.moduleBtf(module));
  const offset = (paths: string): number | null => {
    for (const path of paths.split('|')) {
      const [member = '', module] = path.split('/').toReversed();
      const types = btfFor(module);
      const found = types && offsetOf(types, member);
      if (found !== null) return found;
    }
    return null;
  };
  return {
    has(feature) {
      if (without.has(feature)) return false;
      const [kind = '', ...rest] = feature.split(':');
      const name = rest.join(':');
      switch (kind) {
        case 'fentry':
        case 'fexit': {
          const [fn = '', module] = rest.toReversed();
          const types = btfFor(module);
          return functions.has(name) && types !== null && parametersOf(types, fn) !== null;
        }
        case 'kprobe':
        case 'kretprobe':
          return functions.has(name);
        case 'tracepoint':
          return offers.tracepointFields(name) !== null;
        case 'tracefield': {
          const [tracepoint = '', field = ''] = name.split('.');
          return offers.tracepointFields(tracepoint)?.has(field) ?? false;
        }
        case 'iter':
          // Kernels have task_vma since 5.12; bpftrace 0.17 does not offer it, 0.23 does.
          return name !== 'task_vma' || !isOlderThan(offers.bpftrace, 20);
        case 'bpftrace':
          return !isOlderThan(offers.bpftrace, Number(name));
        case 'preemption':
          return !NOT_PREEMPTED.has(offers.preemption);
        case 'struct':
          return btf !== null && sizeOf(btf, name) !== null;
        case 'member':
          return offset(name) !== null;
        case 'filter':
          return filter.has(name);
        case 'symbol':
          return offers.symbol(name) !== null;
        case 'iommu':
          return offers.iommus.has(name);
        case 'param': {
          const [fn = '', parameter = ''] = name.split('.');
          return btf !== null && (parametersOf(btf, fn)?.includes(parameter) ?? false);
        }
        default:
          throw new Error(`probes ask for an unknown kind of feature: has(${feature})`);
      }
    },
    offset,
    size: (struct) => btf && sizeOf(btf, struct),
    enumerator: (name) => btf && enumeratorValue(btf, name),
    words: new Map([['IB_UVERBS_MAJOR', String(offers.uverbsMajor)], ...words]),
  };
}
