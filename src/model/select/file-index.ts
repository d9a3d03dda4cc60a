/**
 * The list of all files, kept up to date a piece at a time. On a host where ten thousand files change ten
 * times a second there is no time to look at all of them for each picture: those that are waited for are looked at each
 * time, of the others so many as are asked for, one after the other. While the files are few, that is all of them.
 */
import type { InodeKey } from '../../event/event.ts';
import type { FileSummary, Finding } from '../answer.ts';
import { findingsOfFile } from '../findings/index.ts';
import { isBare } from '../inodes.ts';
import type { Inode, Model, Tally } from '../state.ts';
import { createProcessShares, type ProcessShare } from './process-shares.ts';
import { createRanking, type FileOrder, type Order, type Ranking } from './ranking.ts';
import { summaryOf } from './summaries.ts';
import { isAnswerable } from './target.ts';

export interface FileIndex {
  /** Looks at files that may have changed: at those that are waited for, and at `limit` others. */
  readonly refresh: (limit: number) => void;
  /**
   * All files that were looked at, in this order. The line of a file to which nothing happened is the same object as
   * before. An order that was asked for once is kept up from then on: ask for few.
   */
  readonly files: (order: FileOrder) => readonly FileSummary[];
  /** What each process has to do with these files, by pid. */
  readonly processes: () => ReadonlyMap<number, ProcessShare>;
  /** Their findings, in order; put together anew once a second of the trace where there are thousands. */
  readonly findings: () => readonly Finding[];
}

interface Entry {
  readonly summary: FileSummary;
  readonly found: readonly Finding[];
}

/** Files in the way of somebody that are looked at each time. */
const MOST_WAITED_FOR = 200;
/** Files that are passed by for each that has to be looked at. */
const PASSED_BY = 8;
/** What the archive tells of a finding that it has already (how often) may be from so many looks ago. */
const ARCHIVE_EVERY = 2000;
const MANY_FINDINGS = 500;
const SLOW_NS = 1e9;

/** An index that has looked at nothing yet. */
export function createFileIndex(model: Model, byWeight: Order<Finding>): FileIndex {
  const entries = new Map<Inode, Entry>();
  const rankings = new Map<FileOrder, Ranking>();
  const { change, shares } = createProcessShares();
  let scan = model.inodes.values();
  let archived: ReadonlyMap<InodeKey, readonly Tally[]> = new Map();
  let archiveSize = 0;
  let looksSinceArchive = 0;
  let findings: readonly Finding[] = [];
  let findingsAt = Number.NEGATIVE_INFINITY;
  let isFindingsOld = true;

  /** Whether it had to be worked out anew. */
  function look(inode: Inode): boolean {
    if (isBare(inode) || !isAnswerable(inode)) return false;
    const found = findingsOfFile(model, inode, archived.get(inode.key) ?? NO_TALLIES);
    const summary = summaryOf(model, inode, found);
    const known = entries.get(inode);
    if (known?.summary === summary) return false;
    change(known?.summary ?? null, summary);
    entries.set(inode, { summary, found });
    for (const ranking of rankings.values()) ranking.put(inode, summary);
    isFindingsOld = true;
    return true;
  }

  function refresh(limit: number): void {
    const isFirst = entries.size === 0;
    readArchive(limit);
    let waitedFor = 0;
    for (const { inode } of model.waiting) {
      if (++waitedFor > MOST_WAITED_FOR) break;
      if (model.inodes.get(inode.key) === inode) look(inode);
    }
    let looked = 0;
    const most = isFirst ? Number.POSITIVE_INFINITY : limit;
    for (let passed = 0; looked < most && passed < most * PASSED_BY; passed += 1) {
      const next = scan.next();
      if (next.done === true) {
        scan = model.inodes.values();
        dropGone();
        break;
      }
      if (look(next.value)) looked += 1;
    }
  }

  function readArchive(looks: number): void {
    const { size } = model.archive;
    looksSinceArchive += looks;
    if (size === archiveSize && looksSinceArchive < ARCHIVE_EVERY) return;
    archived = archivedByFile(model);
    archiveSize = size;
    looksSinceArchive = 0;
  }

  /** Forgets files that the model has forgotten. */
  function dropGone(): void {
    for (const [inode, { summary }] of entries) {
      if (model.inodes.get(inode.key) === inode && !isBare(inode)) continue;
      entries.delete(inode);
      change(summary, null);
      for (const ranking of rankings.values()) ranking.drop(inode);
      isFindingsOld = true;
    }
  }

  function files(order: FileOrder): readonly FileSummary[] {
    let ranking = rankings.get(order);
    if (ranking === undefined) {
      ranking = createRanking(order);
      for (const [inode, { summary }] of entries) ranking.put(inode, summary);
      rankings.set(order, ranking);
    }
    return ranking.files();
  }

  function allFindings(): readonly Finding[] {
    const { now } = model.coverage;
    const isSoon = findings.length > MANY_FINDINGS && now >= findingsAt && now - findingsAt < SLOW_NS;
    if (!isFindingsOld || isSoon) return findings;
    const all: Finding[] = [];
    for (const { found } of entries.values()) for (const finding of found) all.push(finding);
    isFindingsOld = false;
    findingsAt = now;
    findings = all.sort(byWeight);
    return findings;
  }

  return { refresh, files, processes: () => shares, findings: allFindings };
}

const NO_TALLIES: readonly Tally[] = [];

function archivedByFile({ archive }: Model): ReadonlyMap<InodeKey, readonly Tally[]> {
  const byFile = new Map<InodeKey, Tally[]>();
  for (const tally of archive.values()) {
    const known = byFile.get(tally.inode);
    if (known === undefined) byFile.set(tally.inode, [tally]);
    else known.push(tally);
  }
  return byFile;
}
