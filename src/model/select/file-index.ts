/**
 * The list of all files, kept up to date a piece at a time. On a host where ten thousand files change ten
 * times a second there is no time to look at all of them for each picture: those that are waited for are looked at each
 * time, of the others so many as are asked for, one after the other. While the files are few, that is all of them.
 */
import type { InodeKey } from '../../event/event.ts';
import type { FileSummary, Finding } from '../answer.ts';
import { findingsOfFile } from '../findings/index.ts';
import { isBare } from '../inodes.ts';
import type { Inode, Model } from '../state.ts';
import { createArchiveIndex } from './archive-index.ts';
import { createFindingList } from './finding-list.ts';
import { createListing, type FileFilter, type Listing } from './listing.ts';
import type { Order } from './ordered.ts';
import { createProcessShares, type ProcessShare } from './process-shares.ts';
import type { FileOrder, OrderedFiles } from './ranking.ts';
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
  readonly files: (order: FileOrder) => OrderedFiles;
  /** Those of them that the filter lets through. While much happens they are looked through a piece at a time, best first. */
  readonly filtered: (order: FileOrder, filter: FileFilter) => FilteredFiles;
  /** One of them; null where it is none of them. */
  readonly file: (key: InodeKey) => FileSummary | null;
  /** How many of them have leases or pins now. */
  readonly held: () => number;
  /** What each process has to do with these files, by pid. */
  readonly processes: () => ReadonlyMap<number, ProcessShare>;
  /** Their findings, in order. */
  readonly findings: () => readonly Finding[];
}

export interface FilteredFiles {
  readonly files: OrderedFiles;
  /** False while some were not looked through yet. */
  readonly isWhole: boolean;
}

/** What one filter lets through, in one order. */
interface Filtered {
  readonly order: FileOrder;
  readonly text: string;
  readonly listing: Listing;
}

/** By the file's number: an inode that has it now takes the place of one that had it before. */
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
/** Files that a new filter looks through for a picture while more than one piece of events came since the last one. */
const FILTERED_WHEN_BUSY = 500;

/** An index that has looked at nothing yet. */
export function createFileIndex(model: Model, byWeight: Order<Finding>): FileIndex {
  const entries = new Map<InodeKey, Entry>();
  const listings = new Map<FileOrder, Listing>();
  /** Kept up as long as each picture asks for it. */
  let filtered: Filtered | null = null;
  let isFilteredAsked = false;
  /** Between the last two pictures, and since the last one. */
  let isBusy = false;
  let wasTended = false;
  const archive = createArchiveIndex(model);
  const { change, shares } = createProcessShares();
  let scan = model.inodes.values();
  const findings = createFindingList(byWeight);
  let held = 0;

  /** Whether it had to be worked out anew. */
  function look(inode: Inode): boolean {
    if (isBare(inode) || !isAnswerable(inode)) return false;
    const found = findingsOfFile(model, inode, archive.about(inode.key));
    const summary = summaryOf(model, inode, found);
    if (entries.get(inode.key)?.summary === summary) return false;
    replace(inode.key, { summary, found });
    for (const listing of allListings()) listing.put(summary);
    return true;
  }

  /** In all that is kept up besides the lists; null where the file is gone. */
  function replace(key: InodeKey, now: Entry | null): void {
    const before = entries.get(key) ?? null;
    change(before?.summary ?? null, now?.summary ?? null);
    held += Number(isHeld(now)) - Number(isHeld(before));
    findings.replace(before?.found ?? [], now?.found ?? []);
    if (now === null) entries.delete(key);
    else entries.set(key, now);
  }

  function refresh(limit: number): void {
    const isFirst = entries.size === 0;
    if (!isFilteredAsked) filtered = null;
    isFilteredAsked = false;
    isBusy = wasTended;
    wasTended = false;
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
    wasTended = true;
    archive.refresh(limit);
    lookAtNext(limit);
    listingOf(order).fill(LISTED_BETWEEN);
    filtered?.listing.fill(LISTED_BETWEEN);
  }

  /** Forgets files that the model has forgotten. */
  function dropGone(): void {
    for (const key of entries.keys()) {
      const inode = model.inodes.get(key);
      if (inode !== undefined && !isBare(inode)) continue;
      replace(key, null);
      for (const listing of allListings()) listing.drop(key);
    }
  }

  function allListings(): Iterable<Listing> {
    return filtered === null ? listings.values() : [...listings.values(), filtered.listing];
  }

  function listingOf(order: FileOrder): Listing {
    let listing = listings.get(order);
    if (listing === undefined) {
      listing = createListing(order, null, summaries());
      listings.set(order, listing);
    }
    return listing;
  }

  function filteredBy(order: FileOrder, filter: FileFilter): Listing {
    const known = filtered;
    isFilteredAsked = true;
    if (known?.order === order && known.text === filter.text) {
      known.listing.renew(filter);
      return known.listing;
    }
    // One more letter was typed: what lacked the others lacks it too.
    const isNarrower = known?.order === order && filter.text.includes(known.text) && known.listing.isWhole();
    const all = isNarrower ? known.listing : wholeListing(order);
    const listing = createListing(order, filter, all.now());
    filtered = { order, text: filter.text, listing };
    return listing;
  }

  function* summaries(): Generator<FileSummary> {
    for (const { summary } of entries.values()) yield summary;
  }

  function wholeListing(order: FileOrder): Listing {
    const listing = listingOf(order);
    listing.fill(Number.POSITIVE_INFINITY);
    return listing;
  }

  function filteredFiles(order: FileOrder, filter: FileFilter): FilteredFiles {
    const listing = filteredBy(order, filter);
    listing.fill(isBusy ? FILTERED_WHEN_BUSY : Number.POSITIVE_INFINITY);
    return { files: listing.files(), isWhole: listing.isWhole() };
  }

  return {
    refresh,
    tend,
    files: (order) => wholeListing(order).files(),
    filtered: filteredFiles,
    file: (key) => entries.get(key)?.summary ?? null,
    held: () => held,
    processes: () => shares,
    findings: findings.all,
  };
}

function isHeld(entry: Entry | null): boolean {
  return entry !== null && entry.summary.leases + entry.summary.pins > 0;
}
