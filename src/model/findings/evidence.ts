/** The rows that a finding about something rests on: which kind of row, and when it was fired. */
import { unreachable } from '../../base/brand.ts';
import type { EvidenceRow } from '../answer.ts';
import { handOversOf } from '../holding.ts';
import type { Contradiction, Ended, Lease, OperationRecord, Pin } from '../state.ts';

const MOST_ROWS = 40;

/** Oldest first, each once. What a walk found is told as that. */
export function evidenceRows(subject: Ended): readonly EvidenceRow[] {
  const rows = rowsOf(subject).sort((one, other) => one.at_ns - other.at_ns);
  const isFirst = (row: EvidenceRow, i: number) =>
    rows.findIndex((each) => each.row === row.row && each.at_ns === row.at_ns) === i;
  return rows.filter(isFirst).slice(0, MOST_ROWS);
}

function rowsOf(subject: Ended): EvidenceRow[] {
  switch (subject.kind) {
    case 'lease':
      return leaseRows(subject);
    case 'pin':
      return pinRows(subject);
    case 'operation':
      return operationRows(subject);
    case 'refusal':
      return [{ row: subject.what === 'lease' ? 'lease.refused' : 'pin.refused', at_ns: subject.at }];
    case 'leak':
      return [
        { row: 'pin.taken', at_ns: subject.since },
        { row: 'pin.taken', at_ns: subject.at },
      ];
    case 'contradiction':
      return [{ row: CONTRADICTING[subject.what], at_ns: subject.at }];
    default:
      return unreachable(subject);
  }
}

/** The row that does not fit; of a process that acts after its exit it may be any, so its exit is told. */
const CONTRADICTING: Readonly<Record<Contradiction['what'], EvidenceRow['row']>> = {
  'acts-after-exit': 'task.exited',
  'exit-unseen': 'task.forked',
  'closed-while-held': 'file.finalClosed',
  'pages-miscounted': 'pin.dropped',
  'lease-untold': 'lease.released',
};

function leaseRows(lease: Lease): EvidenceRow[] {
  const { origin, seenTaken, since, breaking, signals, changes, ended, presumed } = lease;
  const taken = origin === 'snapshot' ? 'walk.leased' : seenTaken ? 'lease.added' : null;
  return [
    ...(taken === null ? [] : [{ row: taken, at_ns: since } as const]),
    ...(breaking === null ? [] : [{ row: 'break.blocked', at_ns: breaking } as const]),
    ...signals.map(({ at }) => ({ row: 'lease.signalled', at_ns: at }) as const),
    ...changes.map(({ at }) => ({ row: 'lease.changed', at_ns: at }) as const),
    ...(ended === null || presumed ? [] : [{ row: 'lease.released', at_ns: ended } as const]),
    ...handRows(lease),
  ];
}

function pinRows(pin: Pin): EvidenceRow[] {
  const { origin, since, ended, presumed, freed, lease } = pin;
  return [
    ...(lease === null ? [] : leaseRows(lease)),
    { row: origin === 'snapshot' ? 'walk.pinned' : 'pin.taken', at_ns: since },
    ...(freed === null ? [] : operationRows(freed.by)),
    ...(ended === null || presumed ? [] : [{ row: 'pin.dropped', at_ns: ended } as const]),
    ...handRows(pin),
  ];
}

/** From hand to hand, and the exit of who took it, up to its end: what came later is not about it any more. */
function handRows(held: Lease | Pin): EvidenceRow[] {
  const exited = held.taker?.exited ?? null;
  const rows = [
    ...handOversOf(held).flatMap(({ how, sent, at, to }): EvidenceRow[] => {
      if (how === 'fork') return [{ row: 'task.forked', at_ns: at }];
      const arrived: EvidenceRow[] = to === null ? [] : [{ row: 'fd.installed', at_ns: at }];
      return how === 'scm_rights' ? [{ row: 'fd.sent', at_ns: sent }, ...arrived] : arrived;
    }),
    ...(exited === null ? [] : [{ row: 'task.exited', at_ns: exited } as const]),
  ];
  const { ended } = held;
  return ended === null ? rows : rows.filter(({ at_ns }) => at_ns < ended);
}

function operationRows({ op, found, started, ended, implied, waits }: OperationRecord): EvidenceRow[] {
  const noun = op === 'truncate' ? 'truncate' : op === 'hole-punch' ? 'hole' : null;
  const isTold = noun !== null && !implied && found === null;
  const waiting = waits.flatMap(({ on, since, ended: until }): EvidenceRow[] => {
    const kind = on === 'dax-page' ? 'wait' : 'break';
    const began = found !== null ? 'walk.waiting' : kind === 'wait' ? 'wait.began' : 'break.blocked';
    const begin: EvidenceRow = { row: began, at_ns: found ?? since };
    return until === null ? [begin] : [begin, { row: `${kind}.ended`, at_ns: until }];
  });
  return [
    ...(isTold ? [{ row: `${noun}.began`, at_ns: started } as const] : []),
    ...waiting,
    ...(isTold && ended !== null ? [{ row: `${noun}.ended`, at_ns: ended } as const] : []),
  ];
}
