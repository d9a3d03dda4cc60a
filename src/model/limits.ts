/**
 * How much the model remembers, and when a length of time begins to mean something. Every table is bounded: a trace
 * may run for weeks. What is forgotten is counted (`Coverage.evicted`).
 */
import { NS_PER_MS, NS_PER_S } from '../base/time.ts';

export const LIMITS = {
  /** Living processes. */
  tasks: 65_536,
  /** Exited processes that are still known by pid: their last rows come after their exit. */
  exitedTasks: 4_096,
  /** Open files, and the objects behind them. */
  files: 65_536,
  /** Processes that have an open file, counted for each file. */
  holds: 262_144,
  inodes: 65_536,
  /** Operations that run, breaks that are under way: one for each thread. */
  threads: 65_536,
  /** Ended leases, pins, operations and refusals, of all files together. */
  ended: 8_192,
  /** Findings about what is no longer remembered. */
  archivedFindings: 2_048,
  /** Ended holds, hand-overs and descriptors in flight of one open file. */
  handsPerFile: 64,
  /** Closed files of one object (a pipe has two ends, and may be reopened without end). */
  filesPerObject: 32,
  /** Runs of pages, and pages known by pointer, of one pin. */
  extentsPerPin: 256,
  /** Changes and signals of one lease. */
  notesPerLease: 64,
  waitsPerOperation: 256,
  pagesPerWait: 64,
  /** Names between a file and its file system's root. */
  nameDepth: 64,
  /** Earlier inodes that had the same number. */
  generations: 4,
  /** Times at which rows were lost. */
  losses: 1_024,
  /** Recordings that were joined. */
  seams: 64,
  /** What a walk could not look into, and owner objects that it could not look through. */
  gaps: 1_024,
  /** Processes that map one file. */
  usersPerFile: 1_024,
} as const;

/** An operation that waits longer than this is blocked. */
export const BLOCKED_NS = 100 * NS_PER_MS;
/** What follows from one cause within this time is one happening: an exit takes a while to close everything. */
export const SETTLE_NS = 250 * NS_PER_MS;
/** Waits of one operation with shorter gaps are one wait (7.3 reports each busy page by itself). */
export const SAME_WAIT_NS = 20 * NS_PER_MS;
/** A last reference that goes so long after the last descriptor is worth a word. */
export const LATE_CLOSE_NS = NS_PER_S;
/** A page that has been idle for so long under a waiting operation: its wake-up was missed. */
export const MISSED_WAKE_NS = NS_PER_S;
/** A walk takes less: what its rows tell, as of when it began, may have come to be until then. */
export const WALK_NS = 30 * NS_PER_S;
/** So many pins of one process on one file without one release, over so long: they leak. */
export const LEAK_PINS = 128;
export const LEAK_NS = 10 * NS_PER_S;

/** x86-64, the only architecture whose offsets the probes know. */
export const PAGE_BYTES = 4096;
