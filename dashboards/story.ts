/** The model as the dashboard reads it: the one place that knows the model's functions. */
import { type Dev, type Event, type Ino, type InodeKey, inodeKey } from '../src/event/event.ts';
import type { Header } from '../src/event/header.ts';
import type { Finding } from '../src/model/answer.ts';
import {
  applyEvent,
  coverage,
  createModel,
  findings,
  findingsOfFile,
  glanceAt,
  type Model,
  pathOfFile,
  timeline,
  whoAnswer,
} from '../src/model/model.ts';
import { createEndedByTask, type EndedByTask } from '../src/model/select/ended-by-task.ts';
import { createFileIndex, type FileIndex } from '../src/model/select/file-index.ts';
import { processAnswer, taskOf } from '../src/model/select/process.ts';
import { waitGraph } from '../src/model/select/wait-graph.ts';
import { createEventLog, type GrowingLog } from './event-log.ts';
import type { FoundAt, Story } from './feed.ts';
import { fileFilter } from './file-filter.ts';
import { FILE_ORDERS } from './file-orders.ts';
import { createRates, type GrowingRates } from './rates.ts';
import type { Reading } from './scene.ts';
import { byWeight } from './trouble.ts';

/** Tells an event as one line. The room of reports knows how; this one may not look into it. */
export type DescribeEvent = (
  event: Event,
  context: { readonly startNs: number; readonly nameOf: (dev: Dev, ino: Ino) => string | null },
) => string;

/** A story of what a trace with this header will tell: from the start, or on from a model of what it told already. */
export function createStory(header: Header, describe: DescribeEvent, told: Model | null = null): Story {
  const model = told ?? createModel(header);
  return tell({ describe, model, log: createEventLog(), rates: createRates() });
}

/** What is kept up beside the model, so that a picture asks for little. */
interface Indexes {
  readonly index: FileIndex;
  readonly ended: EndedByTask;
}

interface Told {
  readonly describe: DescribeEvent;
  readonly model: Model;
  readonly log: GrowingLog;
  readonly rates: GrowingRates;
}

/**
 * Files that are looked at for a picture, and each time between two of them. What was looked at between need not be looked
 * at for the picture: on a busy host, where many are, it is made the sooner.
 */
const LOOKED_AT = 120;
const LOOKED_AT_BETWEEN = 8;
const ORDERS = Object.values(FILE_ORDERS);

function tell(told: Told): Story {
  const { model, log, rates } = told;
  const index = createFileIndex(model, byWeight);
  const ended = createEndedByTask(model);
  let turn = 0;
  let lookedBetween = 0;
  return {
    apply(event) {
      applyEvent(model, event);
      ended.note();
      log.add(event);
      rates.add(event);
    },
    tend() {
      turn += 1;
      lookedBetween += LOOKED_AT_BETWEEN;
      index.tend(LOOKED_AT_BETWEEN, ORDERS[turn % ORDERS.length] ?? FILE_ORDERS.trouble);
    },
    read(nowNs) {
      index.refresh(Math.max(0, LOOKED_AT - lookedBetween));
      lookedBetween = 0;
      return readModel(told, { index, ended }, nowNs);
    },
    findings: (key) => findingsByName(model, key),
    copy: () => tell({ ...told, model: structuredClone(model), log: log.copy(), rates: rates.copy() }),
  };
}

/** The model's answers; each is asked for once, however many views show it. */
function readModel({ model, log, rates, describe }: Told, { index, ended }: Indexes, nowNs: number): Reading {
  const files = index.files(FILE_ORDERS.trouble);
  const shares = index.processes();
  const graph = remember(() => waitGraph(model));
  const task = remember((pid: number) => taskOf(model, pid));
  return {
    nowNs,
    coverage: coverage(model),
    forgotten: model.coverage.forgotten,
    files,
    sorted: (sort) => index.files(FILE_ORDERS[sort]),
    filtered: (sort, filter) => index.filtered(FILE_ORDERS[sort], fileFilter(filter, task)),
    file: index.file,
    processes: () => shares,
    findings: index.findings(),
    held: index.held(),
    waiting: model.waiting.size,
    glance: remember((key: InodeKey) => glanceAt(model, key)),
    who: remember((key: InodeKey) => whoAnswer(model, key)),
    timeline: remember((key: InodeKey) => timeline(model, key)),
    waits: () => graph(null),
    process: remember((pid: number) => processAnswer(model, pid, [...(shares.get(pid)?.keys ?? [])], ended)),
    task,
    log,
    rates,
    eventText: (event) =>
      describe(event, {
        startNs: model.coverage.from ?? model.coverage.start ?? event.ts,
        nameOf: (dev, ino) => pathOfFile(model, dev, ino),
      }),
  };
}

function remember<Key, Answer>(ask: (key: Key) => Answer): (key: Key) => Answer {
  const known = new Map<Key, { readonly answer: Answer }>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before.answer;
    const answer = ask(key);
    known.set(key, { answer });
    return answer;
  };
}

function findingsByName(model: Model, key: InodeKey | undefined): ReadonlyMap<string, FoundAt> {
  const inode = key === undefined ? undefined : model.inodes.get(key);
  if (key !== undefined && inode === undefined) return new Map();
  const found = inode === undefined ? findings(model) : findingsOfFile(model, inode);
  return new Map(found.map((finding) => [nameOf(finding), placeOf(finding)]));
}

function nameOf(finding: Finding): string {
  const { id, file, start_ns, pids } = finding;
  return `${id} ${file.dev}:${file.ino} ${start_ns} ${pids[0] ?? 0}`;
}

function placeOf({ file, start_ns }: Finding): FoundAt {
  return { key: keyOf(file), startNs: start_ns };
}

/** The key of an answer's file. */
export function keyOf({ dev, ino }: Finding['file']): InodeKey {
  // Answers name devices as the model does.
  return inodeKey(dev as Dev, ino);
}
