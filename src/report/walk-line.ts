/** The rows of a walk as plain lines: what was found where. See event-line.ts for all others. */
import { unreachable } from '../base/brand.ts';
import { cleanName, formatBytes, plural } from '../base/text.ts';
import { formatDuration, NS_PER_MS } from '../base/time.ts';
import type { WalkRow } from '../model/walk/reduce-walk.ts';
import { pagesText } from '../model/wording.ts';
import { leaseName } from './event-line.ts';

const KEPT = [
  'something',
  'the queue of a socket',
  'the registered files of an io_uring',
  'a mapping',
] as const;

/** The row's words; `on` names its file, " on /mnt/ext4/data", or is empty. */
export function walkText(row: WalkRow, on: string): string {
  switch (row.kind) {
    case 'walk.began':
      return 'a walk over the kernel begins';
    case 'walk.ended':
      return `the walk ends: ${plural(row.gaps, 'gap')}`;
    case 'walk.gap':
      return `the walk cannot look into ${cleanName(row.path)}: ${cleanName(row.reason)}`;
    case 'walk.named':
      return `found: the name '${cleanName(row.path)}'${on}`;
    case 'walk.held':
      return `found: fd ${row.fd}${on}${from(row)}`;
    case 'walk.kept':
      return `found: an open file in ${KEPT[row.how] ?? KEPT[0]}${on}${from(row)}`;
    case 'walk.mapped':
      return `found: ${formatBytes(row.bytes)} mapped${on}${from(row)}`;
    case 'walk.pinned':
      return `found: ${row.longterm !== 0 ? 'long-term ' : ''}pin of ${pagesText(row.pages, row.bytes)} by ${cleanName(row.via)}${pinState(row)}${on}${from(row)}`;
    case 'walk.owner':
      return `found: ${plural(row.pages, 'page')} in all by ${cleanName(row.via)}, ${row.seen} looked at${from(row)}`;
    case 'walk.leased':
      return `found: ${leaseName(row)}${row.left < 0 ? '' : `, to be taken away in ${formatDuration(row.left * NS_PER_MS)}`}${on}${from(row)}`;
    case 'walk.waiting':
      return `found: ${cleanName(row.op)} asleep for ${cleanName(row.on)}${row.idle === 0 ? '' : ', which nobody holds'}${on}${from(row)}`;
    default:
      return unreachable(row);
  }
}

function pinState({ gone, orphan }: { readonly gone: number; readonly orphan: number }): string {
  return `${gone === 0 ? '' : ', whose process has exited'}${orphan === 0 ? '' : ', of no file any more'}`;
}

function from({ source }: { readonly source: string }): string {
  return source === '' ? '' : ` (${cleanName(source)})`;
}
