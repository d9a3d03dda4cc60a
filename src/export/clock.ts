/** Times of one recording, in words. */
import { formatDuration, formatOffset } from '../base/time.ts';

/** When the recording begins and ends, boot ns. */
export interface Clock {
  readonly from: number;
  readonly to: number;
}

/** "+1.903 s to +5.065 s, 3.16 s"; "+1.903 s on, still so at the end". */
export function periodText(from: number, to: number | null | undefined, clock: Clock): string {
  const begin = formatOffset(from, clock.from);
  if (to === null || to === undefined) return `${begin} on, still so at the end`;
  return `${begin} to ${formatOffset(to, clock.from)}, ${formatDuration(to - from)}`;
}
