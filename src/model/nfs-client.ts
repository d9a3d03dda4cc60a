/** How an NFS client is called: by its address and by the name that it gave itself (nfs4_client's cl_addr, cl_name; fs/nfsd/state.h). */
import { cleanName } from '../base/text.ts';
import type { RowEvent } from '../event/event.ts';

/** Linux's numbers (include/linux/socket.h). */
const AF_INET = 2;
const AF_INET6 = 10;

/** "127.0.0.1 (Linux NFSv4.2 box)"; of what is not known, nothing. */
export function clientName(row: RowEvent<'lease.client'>): string {
  const name = cleanName(row.name);
  const address = addressOf(row);
  if (address === null) return name === '' ? 'unknown' : name;
  return name === '' ? address : `${address} (${name})`;
}

function addressOf({ family, word0, word1, word2, word3 }: RowEvent<'lease.client'>): string | null {
  if (family === AF_INET) return bytesOf(word0).join('.');
  if (family !== AF_INET6) return null;
  const bytes = [word0, word1, word2, word3].flatMap(bytesOf);
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  return groups
    .map((group) => group.toString(16))
    .join(':')
    .replace(/(^|:)0(:0)+(:|$)/, '::');
}

/** The bytes of a word that a little-endian machine read from memory. */
function bytesOf(word: number): number[] {
  return [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, (word >>> 24) & 255];
}
