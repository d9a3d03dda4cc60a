/** What a story is to the runner: `test/stories/NAME.c` makes something happen, `test/stories/NAME.ts` judges what whopins says of it. */

/** One line that a workload printed: what it did, and when. More members by story. */
export interface TruthRow {
  /** CLOCK_MONOTONIC, in nanoseconds. */
  readonly t_ns: number;
  readonly pid: number;
  readonly did: string;
  readonly [more: string]: unknown;
}

/** What `whopins who DEV:INO` answered in the guest at the late point, when nothing was or had been traced. */
export interface Walked {
  /** `--json` */
  readonly answer: unknown;
  readonly text: string;
  /** Of both. */
  readonly stderr: string;
}

/** One played story: the truth, and whopins' answers from the recording. */
export interface StoryRun {
  /** The pair's name: '6.1', '6.12', '7.3'. */
  readonly kernel: string;
  readonly truth: readonly TruthRow[];
  /** Of the workload, as a shell says it. */
  readonly exitCode: number;
  /** `report --json`. */
  readonly report: unknown;
  /** `who TARGET --recording FILE --json`, at the end or at a moment (CLOCK_MONOTONIC, ns); throws when whopins fails. */
  who(target: string, atNs?: number): unknown;
  /** The same as text. */
  whoText(target: string, atNs?: number): string;
  /** The recording, on the host. */
  readonly recordingPath: string;
  /** Whether whopins started only after the pinning process was gone (`--late`). */
  readonly late?: boolean;
  /** Set when it was played late. */
  readonly walked?: Walked;
}

export interface Story {
  readonly name: string;
  /** Pairs on which it is played. */
  readonly kernels: readonly string[];
  /** Pairs on which there is nothing to see late, each with the reason. */
  readonly lateCannot?: Readonly<Record<string, string>>;
  /** Plays in a guest of its own, for stories that leave tasks which nothing can end. */
  readonly freshGuest?: boolean;
  /** How long the workload may take, in milliseconds; the runner adds the time that attaching may take. */
  readonly timeoutMs: number;
  /** For `whopins record`: its environment (`NAME=value`), its options. */
  readonly recordWith?: { readonly env?: readonly string[]; readonly options?: readonly string[] };
  /** Loaded before whopins starts, which knows a module's types only then. */
  readonly modules?: readonly string[];
  /** Rows are lost on purpose. */
  readonly mayLose?: boolean;
  /** Arguments of the workload. */
  readonly args: readonly string[];
  /**
   * Set for a story that can be played late: its workload waits, when the environment variable LAB_GO is set, after
   * the pinning process is gone: it tells `{"did":"late-point"}`, goes on when the file named by LAB_GO exists, and
   * tells `{"did":"gone-on"}`.
   */
  readonly late?: boolean;
  /** Why it is played late only; the runner says it. */
  readonly lateOnly?: string;
  /** Compares; returns the disagreements, one sentence each. None means that whopins told the truth. */
  check(run: StoryRun): string[];
}

/** A workload that its kernel or machine cannot play exits with this (test/stories/story.h: EXIT_CANNOT). */
export const CANNOT_PLAY = 77;
