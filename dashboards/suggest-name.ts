/** The name that is offered for a file with what is seen: `whopins-file-0_26-2-12.5s.txt`. */
import type { Scene } from './scene.ts';

/** Only characters that need no quotes in a shell. */
export function suggestName({ gaze: { place, overlay }, reading }: Scene): string {
  const what =
    overlay ??
    (place.at === 'file' ? `file-${place.key}` : place.at === 'process' ? `process-${place.pid}` : place.at);
  const { from_ns } = reading.coverage;
  const seconds = from_ns === null ? 0 : Math.max(0, (reading.nowNs - from_ns) / 1e9);
  const at = Number.isFinite(seconds) ? `-${seconds.toFixed(1)}s` : '';
  return `whopins-${what}${at}.txt`.replace(/[^\w.-]/g, '_');
}
