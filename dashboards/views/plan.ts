/** The release plan of one file: what to let go of, who then goes on, and what stays. whopins does none of it itself. */
import type { InodeKey } from '../../src/event/event.ts';
import { operationName, taskName } from '../../src/model/wording.ts';
import { BLANK, type Line, labelled, span } from '../frame.ts';
import type { Reading } from '../scene.ts';
import { formatAge, namePath } from '../words.ts';

/** All lines of the plan; the composer shows a window of them. */
export function planLines(key: InodeKey, reading: Reading, width: number): readonly Line[] {
  const answer = reading.who(key);
  const edges = reading.waits().filter((edge) => edge.key === key);
  const numbered = answer.to_free.flatMap((step, index) =>
    labelled([span(`   ${index + 1}. `, 'dim')], step, width, 'strong'),
  );
  const goOn = edges.map(
    (edge) =>
      `${operationName(edge.op)} by ${taskName(edge.waiter)}, which waits ${formatAge(reading.nowNs - edge.since_ns)}`,
  );
  const doubts = answer.certainty === 'definite' ? [] : answer.reasons;
  return [
    [span(' RELEASE PLAN', 'heading'), span(`  ${namePath(answer.target)}`, 'strong')],
    BLANK,
    ...(numbered.length > 0
      ? numbered
      : [[span('   nothing is held, as far as was seen: nothing to let go of', 'dim')] as Line]),
    BLANK,
    [span(' THEN', 'heading')],
    ...(goOn.length > 0
      ? goOn.flatMap((text) => labelled([span('   goes on  ', 'dim')], text, width))
      : [[span('   nobody waits for this file now', 'dim')] as Line]),
    ...(doubts.length === 0 ? [] : [BLANK, [span(' BUT', 'heading')] as Line]),
    ...doubts.flatMap((reason) => labelled([span(`   ${answer.certainty}  `, 'warning')], reason, width)),
    BLANK,
    ...labelled([span('   ')], 'whopins proposes; it never closes or ends anything itself.', width, 'dim'),
  ];
}
