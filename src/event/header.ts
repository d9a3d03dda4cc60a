/** The header and the ending of a recording: what was traced, on what, and how completely. */
export const FORMAT_VERSION = 2;

/** A path that this run could not see, and why. */
export interface NotCovered {
  readonly path: string;
  readonly reason: string;
}

/** One mounted file system when tracing began; lets an inode's path be put together from names and mount point. */
export interface Mount {
  /** major:minor */
  readonly dev: string;
  readonly path: string;
  readonly fs: string;
  /** The directory of the file system that is mounted here: '/' unless it is a bind mount. */
  readonly root: string;
}

/** The first line of a recording: `{"whopins":"header", ...}`. */
export interface Header {
  readonly whopins: 'header';
  readonly format: number;
  readonly schema: number;
  readonly kernel: string;
  readonly bpftrace: string;
  readonly host: string;
  /** Both clocks read together, so that boot time can be shown as wall time. Nanoseconds. */
  readonly clock: { readonly boottime_ns: number; readonly realtime_ns: number };
  readonly mounts: readonly Mount[];
  /** The hooks of each path, as chosen for this kernel. */
  readonly probes: readonly { readonly path: string; readonly hooks: readonly string[] }[];
  readonly left_out: readonly NotCovered[];
  readonly pointers: 'renumbered' | 'raw';
  /** The traced command, if one was given. */
  readonly command: readonly string[] | null;
  /** Of a recording in parts: what all parts of one run share, and which part this is, from 1. */
  readonly run?: string;
  readonly part?: number;
}

/** The last line: `{"whopins":"end", ...}`. Without it the recording was cut. */
export interface Ending {
  readonly whopins: 'end';
  readonly complete: boolean;
  readonly rows: { readonly written: number; readonly bad: number };
  /** Why the recording is not complete, when it is not. */
  readonly why?: string;
  /** The traced command's process. */
  readonly command_pid?: number;
  /** How the traced command ended: its exit code, 128 + signal number where a signal ended it. */
  readonly command_exit?: number;
  /** Pointers whose number was forgotten to stay bounded: seen again, they have a new one. */
  readonly pointers_forgotten?: number;
  /** The part of the same run that goes on right behind this line. */
  readonly next_part?: number;
}
