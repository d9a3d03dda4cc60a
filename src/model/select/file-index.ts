/**
 * The list of all files, kept up to date a piece at a time. On a host where ten thousand files change ten
 * times a second there is no time to look at all of them for each picture: those that are waited for are looked at each
 * time, of the others so many as are asked for, one after the other. While the files are few, that is all of them.
 */
import type { FileSummary, Finding } from '../answer.ts';
import { findingsOfFile } from '../findings/index.ts';
import { isBare } from '../inodes.ts';
import type { Inode, Model } from '../state.ts';
import { createArchiveIndex } from './archive-index.ts';
import { createProcessShares, type ProcessShare } from './process-shares.ts';
import { createRanking, type FileOrder, type Order, type Ranking } from './ranking.ts';
import { summaryOf } from './summaries.ts';
import { isAnswerable } from './target.ts';

export interface FileIndex {
  /** For a picture: looks at files that may have changed, at those that are waited for and at `limit` others. */
  readonly refresh: (limit: number) => void;
  /** Between pictures: looks at `limit` files, and lists some in an order that may be asked for. */
  readonly tend: (limit: number, order: FileOrder) => void;
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

/** A list of all files in one order. */
interface Listing {
  readonly ranking: Ranking;
  /** Files that are not in it yet; null: all are. */
  rest: Iterator<readonly [Inode, Entry]> | null;
}

interface Entry {
  readonly summary: FileSummary;
  readonly found: readonly Finding[];
}

/** Files in the way of somebody that are looked at each time. */
const MOST_WAITED_FOR = 200;
/** Files that are passed by for each that has to be looked at. */
const PASSED_BY = 8;
/** Files that are put into an order each time, until it has all. */
const LISTED_BETWEEN = 64;
const MANY_FINDINGS = 500;
const SLOW_NS = 1e9;

/** An index that has looked at nothing yet. */
export function createFileIndex(model: Model, byWeight: Order<Finding>): FileIndex {
  const entries = new Map<Inode, Entry>();
  const listings = new Map<FileOrder, Listing>();
  const archive = createArchiveIndex(model);
  const { change, shares } = createProcessShares();
  let scan = model.inodes.values();
  let findings: readonly Finding[] = [];
  let findingsAt = Number.NEGATIVE_INFINITY;
  let isFindingsOld = true;

  /** Whether it had to be worked out anew. */
  function look(inode: Inode): boolean {
    if (isBare(inode) || !isAnswerable(inode)) return false;
    const found = findingsOfFile(model, inode, archive.about(inode.key));
    const summary = summaryOf(model, inode, found);
    const known = entries.get(inode);
    if (known?.summary === summary) return false;
    change(known?.summary ?? null, summary);
    entries.set(inode, { summary, found });
    for (const { ranking } of listings.values()) ranking.put(inode, summary);
    isFindingsOld = true;
    return true;
  }

  function refresh(limit: number): void {
    const isFirst = entries.size === 0;
    archive.refresh(limit);
    let waitedFor = 0;
    for (const { inode } of model.waiting) {
      if (++waitedFor > MOST_WAITED_FOR) break;
      if (model.inodes.get(inode.key) === inode) look(inode);
    }
    lookAtNext(isFirst ? Number.POSITIVE_INFINITY : limit);
  }

  function lookAtNext(most: number): void {
    let looked = 0;
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

  function tend(limit: number, order: FileOrder): void {
    archive.refresh(limit);
    lookAtNext(limit);
    fill(listingOf(order), LISTED_BETWEEN);
  }

  /** Forgets files that the model has forgotten. */
  function dropGone(): void {
    for (const [inode, { summary }] of entries) {
      if (model.inodes.get(inode.key) === inode && !isBare(inode)) continue;
      entries.delete(inode);
      change(summary, null);
      for (const { ranking } of listings.values()) ranking.drop(inode);
      isFindingsOld = true;
    }
  }

  function listingOf(order: FileOrder): Listing {
    let listing = listings.get(order);
    if (listing === undefined) {
      listing = { ranking: createRanking(order), rest: entries.entries() };
      listings.set(order, listing);
    }
    return listing;
  }

  function fill(listing: Listing, most: number): void {
    for (let put = 0; listing.rest !== null && put < most; put += 1) {
      const next = listing.rest.next();
      if (next.done === true) {
        listing.rest = null;
        return;
      }
      const [inode, { summary }] = next.value;
      listing.ranking.put(inode, summary);
    }
  }

  function files(order: FileOrder): readonly FileSummary[] {
    const listing = listingOf(order);
    fill(listing, Number.POSITIVE_INFINITY);
    return listing.ranking.files();
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

  return { refresh, tend, files, processes: () => shares, findings: allFindings };
}
