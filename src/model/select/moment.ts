/** What a file's story is made of. */
import type { BootNs } from '../../event/event.ts';
import type { TimelineWhat } from '../answer.ts';
import type { Task } from '../state.ts';

/** A moment, and the lease, pin or wait that starts or ends with it. */
export interface Moment {
  readonly at: BootNs;
  readonly task: Task | null;
  readonly what: TimelineWhat;
  readonly text: string;
  readonly starts?: object;
  readonly ends?: object;
}
