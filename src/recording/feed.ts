/** Lines of a recording into a stream of events; what is ours (header, checkpoints, ending) is told to the caller. */
import type { EventStream } from '../event/stream.ts';

export const NEWLINE = 0x0a;

/** The beginning of every line that whopins itself wrote: `{"whopins":…`. Rows of bpftrace never begin so. */
const OURS = '{"whopins"';

/**
 * Adds whole lines to the stream, from `from` on. `onOurs` gets each line of our own; where it returns true, the lines
 * after that one are left alone. Returns where it stopped.
 */
export function feedLines(
  stream: EventStream,
  bytes: Buffer,
  from = 0,
  onOurs: (line: string) => boolean = () => false,
): number {
  for (let start = from; start < bytes.length; ) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found === -1 ? bytes.length : found;
    if (isOurs(bytes, start)) {
      if (onOurs(bytes.toString('utf8', start, end))) return end + 1;
    } else if (!isBlank(bytes, start, end)) {
      stream.addBytes(bytes, start, end);
    }
    start = end + 1;
  }
  return bytes.length;
}

function isOurs(bytes: Buffer, start: number): boolean {
  return bytes[start + 2] === 0x77 && bytes.toString('latin1', start, start + OURS.length) === OURS;
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  return end - start < 3 && bytes.toString('latin1', start, end).trim() === '';
}
