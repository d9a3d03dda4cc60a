/**
 * What another machine's kernel and bpftrace offer: the same files as on this one, fetched by one shell script over one
 * connection. Nothing but `sh`, `cat` and bpftrace is needed there, and nothing is written there.
 *
 * The parts stand behind one another, each under a line with a word that only this run knows: they are binary, and
 * files of /proc and /sys do not tell their length.
 */
import { randomUUID } from 'node:crypto';
import { err, ok, type Result } from '../../base/result.ts';
import { parseBtf } from '../btf.ts';
import { PATHS } from '../compose.ts';
import { readProbe } from '../dialect.ts';
import type { HostFacts } from '../host-facts.ts';
import { parseMountinfo } from '../host-facts.ts';
import { type CannotTrace, type KernelOffers, PREEMPTION, readOnce, TRACEFS } from '../kernel.ts';
import {
  findSymbol,
  iommuKinds,
  parseBpftraceVersion,
  parseFunctions,
  parsePreemption,
  parseTracepointFields,
  parseUverbsMajor,
} from '../kernel-text.ts';
import { MORE_PATH, runThere } from './connection.ts';

export interface RemoteKernel {
  readonly offers: KernelOffers;
  readonly facts: HostFacts;
  /** Its processors that are online. */
  readonly cpus: number;
}

/** Names in the probes that a kernel is asked about. More than needed does no harm: what is not there is not fetched. */
export interface AskedNames {
  /** Modules whose types are asked for. */
  readonly modules: readonly string[];
  /** Categories of tracepoints. */
  readonly categories: readonly string[];
  readonly symbols: readonly string[];
}

/** Finds the names in the text of the probes that trace (those of the walk are not run elsewhere). */
export function namesInProbes(): AskedNames {
  const text = ['prelude.h', ...PATHS.map((path) => `${path}.bt`)].map(readProbe).join('\n');
  const names = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))];
  return {
    modules: names(/\b([a-z]\w*)[:/](?=\w)/g),
    categories: names(/\b(?:tracepoint|tracefield):(\w+)/g),
    symbols: names(/\bsymbol:(\w+)/g),
  };
}

/** Looks at the kernel behind `host`. Mounts tracefs there where it is missing, as bpftrace would. */
export async function inspectRemote(
  host: string,
  signal?: AbortSignal,
): Promise<Result<RemoteKernel, CannotTrace>> {
  const mark = randomUUID();
  const printed = await runThere(host, lookScript(mark, namesInProbes()), signal);
  return printed.ok ? readLook(host, splitParts(printed.value, mark)) : printed;
}

/** The script that prints what is asked for; a POSIX shell's, which reads it from its input, so that no command may. */
export function lookScript(mark: string, { modules, categories, symbols }: AskedNames): string {
  return `
PATH=$PATH:${MORE_PATH}; LC_ALL=C; export PATH LC_ALL
exec 2>/dev/null
look() {
part() { printf '\\n%s %s\\n' ${mark} "$1"; }
for t in ${TRACEFS.join(' ')} ''; do [ -d "$t/events" ] && break; done
[ -n "$t" ] || { t=${TRACEFS[0]}; mount -t tracefs tracefs $t; }
part system; uname -s; uname -r; uname -n
part cpus; getconf _NPROCESSORS_ONLN || nproc
part bpftrace; bpftrace --version
part clock; cat /proc/uptime; date +%s.%N
part mountinfo; cat /proc/self/mountinfo
part devices; cat /proc/devices
part iommus; ls /sys/class/iommu
part preemption; cat ${PREEMPTION}
part version; cat /proc/version
part tracefs; [ -d $t/events ] && echo $t
part functions; cat $t/available_filter_functions
for c in ${categories.join(' ')}; do part "tracepoints $c"; cat $t/events/$c/*/format; done
part symbols; ${symbols.length === 0 ? ':' : `grep -wE '${symbols.join('|')}' /proc/kallsyms`}
for m in vmlinux ${modules.join(' ')}; do [ -f /sys/kernel/btf/$m ] && part "btf $m" && cat /sys/kernel/btf/$m; done
part end
}
look </dev/null
exit 0
`;
}

function splitParts(printed: Buffer, mark: string): ReadonlyMap<string, Buffer> {
  const parts = new Map<string, Buffer>();
  const line = Buffer.from(`\n${mark} `);
  for (let at = printed.indexOf(line); at >= 0; ) {
    const nameEnd = printed.indexOf('\n', at + 1);
    const next = printed.indexOf(line, at + 1);
    const name = printed.subarray(at + line.length, nameEnd).toString('utf8');
    parts.set(name, printed.subarray(nameEnd + 1, next < 0 ? printed.length : next));
    at = next;
  }
  return parts;
}

function readLook(host: string, parts: ReadonlyMap<string, Buffer>): Result<RemoteKernel, CannotTrace> {
  const text = (name: string) => parts.get(name)?.toString('utf8') ?? '';
  const cannot = (what: CannotTrace['what'], why: string) =>
    err({ what, message: `cannot trace ${host}: ${why}` });
  const [system, release = '', name = ''] = text('system').split('\n');
  if (!parts.has('end')) return cannot('no-connection', 'the connection ended too early; try again');
  if (system !== 'Linux')
    return cannot('not-linux', `tracing needs Linux, and it runs ${system || 'something else'}`);
  const bpftrace = parseBpftraceVersion(text('bpftrace'));
  if (bpftrace === null)
    return cannot(
      'no-bpftrace',
      'there is no bpftrace on it; install 0.17 or newer there (apt install bpftrace)',
    );
  if (text('tracefs').trim() === '')
    return cannot(
      'no-bpf',
      `it has no tracefs at ${TRACEFS[0]} and none could be mounted: its kernel has no tracing, or a container hides it`,
    );
  const symbols = text('symbols');
  const tracepoints = new Map(
    [...parts.keys()].flatMap((part) =>
      part.startsWith('tracepoints ') ? formatsOf(part.slice('tracepoints '.length), text(part)) : [],
    ),
  );
  const vmlinux = parts.get('btf vmlinux');
  const btf = vmlinux === undefined ? null : parseBtf(vmlinux);
  return ok({
    offers: {
      release,
      bpftrace,
      functions: parseFunctions(text('functions')),
      btf,
      moduleBtf: readOnce((module) => {
        const bytes = parts.get(`btf ${module}`);
        return btf === null || bytes === undefined ? null : parseBtf(bytes, btf);
      }),
      symbol: (symbol) => findSymbol(symbols, symbol),
      tracepointFields: (tracepoint) => tracepoints.get(tracepoint) ?? null,
      uverbsMajor: parseUverbsMajor(text('devices')),
      iommus: iommuKinds(
        text('iommus')
          .split('\n')
          .filter((iommu) => iommu !== ''),
      ),
      preemption: parsePreemption(text('preemption'), text('version')),
    },
    facts: { host: name, clock: parseClocks(text('clock')), mounts: parseMountinfo(text('mountinfo')) },
    cpus: Number.parseInt(text('cpus'), 10) || 1,
  });
}

/** The formats of one category behind one another; each begins with the line `name: EVENT`. */
function formatsOf(category: string, text: string): (readonly [string, ReadonlySet<string>])[] {
  return text.split(/^name: /m).flatMap((format) => {
    const name = /^\w+(?=\n)/.exec(format)?.[0];
    return name === undefined ? [] : [[`${category}:${name}`, parseTracepointFields(format)] as const];
  });
}

/** /proc/uptime, and the time of day behind it: `1700000000.123456789`, without a fraction where date(1) knows none. */
function parseClocks(text: string): HostFacts['clock'] {
  const [uptime = '', now = ''] = text.split('\n');
  const ns = (seconds: string) => Math.round(Number.parseFloat(seconds) * 1e9) || 0;
  return { boottime_ns: ns(uptime), realtime_ns: ns(now) };
}
