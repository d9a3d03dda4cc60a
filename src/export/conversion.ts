/** What an export is: text in pieces, so that a recording of any length goes through without being held in memory. */
import type { Event } from '../event/event.ts';

export interface Conversion {
  /** The text before all events. */
  readonly begin: () => string;
  /** Takes the next events; gives the text that is certain by now, '' while there is none. */
  readonly add: (events: readonly Event[]) => string;
  /** The text after all events, in pieces. */
  readonly end: () => Iterable<string>;
}
