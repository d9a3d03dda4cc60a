/** One look at the running kernel: a walk's rows, told to a model by the same way as a recording's. */
import { release } from 'node:os';
import { readHostFacts } from '../capture/host-facts.ts';
import type { LiveTarget } from '../capture/target.ts';
import { rowToSource, runWalk } from '../capture/walk-rows.ts';
import type { RawRow } from '../event/encode.ts';
import { FORMAT_VERSION, type Header } from '../event/header.ts';
import { SCHEMA_VERSION } from '../event/schema.ts';
import { createEventStream } from '../event/stream.ts';
import { applyEvent, createModel, type Model } from '../model/model.ts';
import type { Tracer, WalkHost } from './tracing.ts';

export interface LookOptions {
  /** Null: all files. */
  readonly target: LiveTarget | null;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/** Walks once. When the signal ends the walk, the model is empty. */
export async function lookAtKernel(tracer: Tracer, host: WalkHost, options: LookOptions): Promise<Model> {
  const { target, signal, onProgress } = options;
  const header = await describeWalk(host);
  const rows = await runWalk(
    () => tracer.walk({ offers: host.offers, signal, onProgress, ...(target === null ? {} : { target }) }),
    signal,
  );
  return tellModel(header, target === null ? rows : nameTarget(rows, target));
}

async function describeWalk({ offers }: WalkHost): Promise<Header> {
  return {
    whopins: 'header',
    format: FORMAT_VERSION,
    schema: SCHEMA_VERSION,
    kernel: offers?.release ?? release(),
    bpftrace: offers?.bpftrace ?? '',
    ...(await readHostFacts()),
    probes: [{ path: 'walk', hooks: [] }],
    left_out: [],
    pointers: 'raw',
    command: null,
  };
}

/** The user's own name for the file goes before those that other processes, in other mount namespaces, have for it. */
function nameTarget(rows: readonly RawRow[], { dev, ino, path, fs }: LiveTarget): readonly RawRow[] {
  if (path === null || fs === null) return rows;
  return rows.flatMap((row): readonly RawRow[] => {
    const isName = row.kind === 'walk.named' && row.dev === dev && String(row.ino) === String(ino);
    if (isName) return [];
    if (row.kind !== 'walk.began') return [row];
    const { ts, cpu } = row;
    return [row, { kind: 'walk.named', ts, cpu, pid: 0, tid: 0, comm: '', dev, ino, path, fs }];
  });
}

function tellModel(header: Header, rows: readonly RawRow[]): Model {
  const model = createModel(header);
  const stream = createEventStream(header);
  for (const { parsed } of rows.map(rowToSource)) {
    if (parsed.ok) stream.addRow(parsed.value);
    else stream.addBad(parsed.error);
  }
  for (const event of stream.end('')) {
    // A walk is no trace: it ends without a `bye`, and nothing was cut off.
    if (event.kind !== 'stream.cut') applyEvent(model, event);
  }
  return model;
}
