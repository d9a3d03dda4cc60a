/** A whole conversion in one call, for tests. */
import type { Event } from '../../src/event/event.ts';
import type { Conversion } from '../../src/export/conversion.ts';

/** All text of a conversion, fed `batch` events at a time. */
export function convert(conversion: Conversion, events: readonly Event[], batch = 7): string {
  const pieces = [conversion.begin()];
  for (let i = 0; i < events.length; i += batch) pieces.push(conversion.add(events.slice(i, i + batch)));
  pieces.push(...conversion.end());
  return pieces.join('');
}
