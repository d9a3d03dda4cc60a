/**
 * The kernel objects in which a walk found what an answer tells, so that its reader can look there too (crash, drgn).
 */
import { unreachable } from '../../base/brand.ts';
import { cleanName } from '../../base/text.ts';
import type { Ptr } from '../../event/event.ts';
import type { PinVia } from '../answer.ts';
import type { Lease, Model, OperationRecord, Pin } from '../state.ts';
import { addressText } from '../wording.ts';

/** "pipe 0xff2cc69fc13b53c0", "page 0xffd32ffec1000600"; nothing for what no walk showed. */
export function evidenceOf(model: Model, held: Lease | Pin): readonly string[] {
  if (held.shown === 0 || held.source !== '') return [];
  if (held.kind === 'lease') return named(model, ['lease', held.record], ['file', held.file.ptr]);
  const pages = new Set([...held.pages.slice(0, 1), ...waitedPages(held)]);
  return named(
    model,
    [ownerName(held.via), held.object],
    ...[...pages].map((page) => ['page', page] as const),
  );
}

/** The pages of a pin that somebody waits for: the same pointers are on the sleepers' stacks. */
function waitedPages(pin: Pin): Ptr[] {
  const waits = [...pin.inode.operations].flatMap((operation) => operation.waits);
  const own = waits.filter((wait) => wait.matched && wait.ended === null && wait.pins.has(pin));
  return own.flatMap((wait) => wait.pages.slice(-1));
}

/** The thread, the page on its stack, the function in which it sleeps. */
export function evidenceOfWait(model: Model, operation: OperationRecord): readonly string[] {
  if (operation.shown === 0 || operation.source !== '') return [];
  const page = operation.waits.at(-1)?.pages.at(-1);
  const where = operation.where === '' ? [] : [`asleep in ${cleanName(operation.where)}`];
  return [`thread ${operation.tid}`, ...named(model, ['page', page]), ...where];
}

function named(model: Model, ...objects: readonly (readonly [string, Ptr | undefined])[]): string[] {
  return objects.flatMap(([name, ptr]) =>
    ptr === undefined || ptr === 0 ? [] : [`${name} ${addressText(model, ptr)}`],
  );
}

/** What a pin's `object` points to. */
function ownerName(via: PinVia): string {
  switch (via) {
    case 'vmsplice':
      return 'pipe';
    case 'rdma-mr':
      return 'memory region';
    case 'io_uring-buffer':
      return 'fixed buffer';
    case 'xdp-umem':
      return 'umem';
    case 'vfio':
      return 'container';
    case 'direct-io':
      return 'request';
    case 'other':
      return 'object';
    default:
      return unreachable(via);
  }
}
