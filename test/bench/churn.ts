/**
 * Processes, files, leases, pins and calls that come and go without end: what the model remembers of them has to stay
 * within its limits, and the memory flat.
 */
import type { Event } from '../../src/event/event.ts';
import {
  applyEvent,
  coverage,
  createModel,
  fileSummaries,
  findings,
  type Model,
} from '../../src/model/model.ts';
import { header, hello, type Place, pipeEnd, regular, row, uverbs, type Who, who } from '../model/rows.ts';
import { LEASE } from '../model/stories.ts';

export interface ChurnSample {
  readonly events: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly evicted: number;
  readonly files: number;
  readonly findings: number;
}

/** One short life, as rows: a process, a file of its own, a lease, a region and a pipe handed on, a truncate, the end. */
export function* lives(): Generator<Event> {
  yield hello();
  for (let n = 1; ; n++) yield* oneLife(n);
}

const INIT = who(1, 'init');
const MOST_LEFT = 20_000;

function* oneLife(n: number): Generator<Event> {
  const s = n / 100;
  const [a, b]: readonly [Who, Who] = [
    who(100 + ((n * 2) % 60_000), 'churn'),
    who(101 + ((n * 2) % 60_000), 'churn'),
  ];
  const place: Place = { dev: '0:26', ino: 10 + (n % 200_000), name: `data-${n % 200_000}`, fs: 'tmpfs' };
  // Pointers of freed objects come back, as those of slabs do; of the first lives every hundredth
  // leaves everything behind.
  const base = (n % 50_000) * 100;
  const at = { dev: place.dev, ino: place.ino };
  const [file, device, pipe] = [regular(place, base + 1), uverbs(base + 3), pipeEnd(base + 6, base + 5)];
  yield row(s, INIT, 'task.forked', { child: a.pid });
  yield row(s, a, 'task.executed');
  yield row(s, a, 'task.forked', { child: b.pid });
  yield row(s, a, 'inode.named', { inode: 1, ...at, depth: 0, name: place.name, fs: place.fs });
  yield row(s, a, 'inode.named', { inode: 1, ...at, depth: 1, name: '/', fs: place.fs });
  yield row(s, a, 'fd.installed', { ...file, fd: 3 });
  yield row(s, a, 'lease.added', { file: base + 1, owner: base + 1, ...at, flags: LEASE, type: 1, fd: 3 });
  yield row(s, a, 'fd.installed', { ...device, fd: 4 });
  yield row(s, a, 'fd.installed', { ...pipe, fd: 5 });
  yield row(s, a, 'pin.taken', pinned(base + 8, base + 3, at, 'rdma-mr'));
  yield row(s, a, 'pin.taken', pinned(base + 5, base + 5, at, 'vmsplice'));
  yield row(s, a, 'fd.sent', { ...device, nth: 0, count: 1 });
  yield row(s, b, 'fd.installed', { ...device, fd: 7, how: 1 });
  yield row(s, b, 'truncate.began', { ...at, from: 65536, to: 0, how: 1, name: place.name });
  yield row(s, b, 'truncate.ended', { ...at, result: 0 });
  if (n % 100 === 0 && n <= MOST_LEFT) return;
  yield row(s, a, 'task.exited');
  yield row(s, a, 'file.finalClosed', file);
  yield row(s, a, 'file.finalClosed', pipe);
  yield row(s, a, 'pin.dropped', { object: base + 5, pages: 4, left: 0, via: 'vmsplice' });
  yield row(s, b, 'task.exited');
  yield row(s, b, 'file.finalClosed', device);
  yield row(s, b, 'pin.dropped', { object: base + 8, pages: 4, left: 0, via: 'rdma-mr' });
  yield row(s, b, 'inode.evicted', at);
}

function pinned(
  object: number,
  reach: number,
  at: { readonly dev: string; readonly ino: number },
  via: string,
) {
  const longterm = via === 'rdma-mr' ? 1 : 0;
  return { object, reach, ...at, page: object, index: 0, pages: 4, bytes: 16_384, longterm, via };
}

/** Lets `total` events happen and looks `samples` times, as a dashboard would; the first look comes after one part. */
export function* churn(total: number, samples: number): Generator<ChurnSample> {
  const model = createModel(header);
  const every = Math.ceil(total / samples);
  let count = 0;
  for (const event of lives()) {
    applyEvent(model, event);
    count += 1;
    if (count % every === 0) yield sample(model, count);
    if (count >= total) return;
  }
}

function sample(model: Model, events: number): ChurnSample {
  const files = fileSummaries(model).length;
  const found = findings(model).length;
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const { evicted } = coverage(model);
  return { events, rssBytes: rss, heapBytes: heapUsed, evicted, files, findings: found };
}

const MIB = 1024 * 1024;

/** One line for each look. */
export function churnLine({
  events,
  rssBytes,
  heapBytes,
  evicted,
  files,
  findings: found,
}: ChurnSample): string {
  const columns = [
    `${(events / 1e6).toFixed(1)} M events`,
    `rss ${(rssBytes / MIB).toFixed(0)} MiB`,
    `heap ${(heapBytes / MIB).toFixed(0)} MiB`,
    `${files} files`,
    `${found} findings`,
    `${evicted} forgotten`,
  ];
  return columns.map((text) => text.padStart(18)).join('');
}
