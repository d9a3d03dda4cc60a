/** Reports as a mailing list would get them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/event/event.ts';
import { type Model, reportAnswer, timelines } from '../../src/model/model.ts';
import { modelReport, reportText } from '../../src/report/report-text.ts';
import { storyLines } from '../../src/report/story-text.ts';
import { at, EXT4, header, hello, lost, play, row, who } from '../model/rows.ts';
import { LEASE, leaseBreak, rdmaHandedOver } from '../model/stories.ts';

function textOf(model: Model, withHeader = header): string {
  return reportText(reportAnswer(model), timelines(model), withHeader);
}

test('the whole report of rdma-handed-over', () => {
  assert.equal(
    textOf(play(rdmaHandedOver())),
    `kernel    6.12.107+deb13-amd64, bpftrace v0.23.2
traced    10.0 s, from 2023-11-14T22:13:20.000Z, to its end
rows      23 seen, 0 lost, 0 late, 0 unreadable
certain   no row that matters was lost

FINDINGS: 1 critical, 3 warnings, 0 notes

critical  freed-under-pin: /dev/shm/data
          truncate by rdma[404] freed pages of the file at +5.000 s under a pin
          of 256 pages (1.0 MiB), held by rdma[406] through uverbs fd 3: the
          device can still write to them
          +5.000 s to +8.000 s; thread: Dave Chinner, 22 Aug 2019

warning   handed-over-without-lease: /dev/shm/data
          rdma[406] has uverbs fd 3, received over SCM_RIGHTS from rdma[405],
          and with it the pin of 256 pages (1.0 MiB), but no lease on the file
          +3.100 s to +8.000 s; thread: Dave Chinner, 22 Aug 2019

warning   holder-gone: /dev/shm/data
          rdma[405] pinned 256 pages (1.0 MiB) long-term through an RDMA memory
          region on rxe0 and exited at +4.100 s; the pin lived on until +8.000 s
          in rdma[406] through uverbs fd 3
          +4.100 s to +8.000 s; thread: Ira Weiny, 21 Aug 2019

warning   pin-outlives-lease: /dev/shm/data
          the write lease of rdma[405] ended with its file at +4.101 s; the pin
          of 256 pages (1.0 MiB) that was taken under it lived on until +8.000 s
          +4.101 s to +8.000 s; thread: Jason Gunthorpe, 25 Aug 2019

FILES: [ begins, ] ends, x pages freed

/dev/shm/data   tmpfs 0:26 inode 2
  seconds          |1     |2      |3     |4      |5     |6      |7     |8
  lease rdma[405]  [======================]
  pin rdma[405]            [=====================x=====================]
    in rdma[406]                  [====================================]

    +1.000 s  rdma[405] took a write lease on fd 9
    +2.100 s  rdma[405] pinned 256 pages (1.0 MiB) long-term through an RDMA
                memory region on rxe0
    +3.100 s  rdma[406] received uverbs fd 3 over SCM_RIGHTS from rdma[405]
    +4.100 s  rdma[405] exited
    +4.101 s  the write lease of rdma[405] ended with the last reference to its
                file
    +4.101 s  the last reference to the file went when rdma[405] exited
    +5.000 s  truncate by rdma[404] began, from 1048576 to 0 bytes
    +5.000 s  truncate by rdma[404] returned 0 after 0.2 ms; it freed pages
                under pins of 256 pages
    +8.000 s  rdma[406] closed uverbs fd 3
    +8.000 s  the last reference to the uverbs file went by rdma[406]
    +8.000 s  the pin of rdma[405] was released (RDMA memory region on rxe0)
    +9.000 s  rdma[406] exited
`,
  );
});

test('the story of lease-break: a lane for the lease and one for the wait', () => {
  const [, story = ''] = textOf(play(leaseBreak())).split('inode 14\n');
  assert.equal(
    story,
    `  seconds                 |1.0     |1.5     |2.0      |2.5     |3.0     |3.5
  lease lease-break[405]  [===================!============]
  open lease-break[406]                       [............]

    +1.000 s  lease-break[405] took a write lease on fd 9
    +2.100 s  open by lease-break[406] began, to read
    +2.100 s  signal 29 about the break of the write lease went to
                lease-break[405] (fd 9)
    +2.100 s  the write lease of lease-break[405] is being broken
    +2.100 s  open by lease-break[406] waits for a lease break held by
                lease-break[405] through fd 9
    +2.800 s  the write lease of lease-break[405] ended by unlock
    +2.801 s  open by lease-break[406] waited 701 ms for a lease break
    +2.803 s  open by lease-break[406] returned fd 9 after 703 ms, 701 ms of it
                waiting
    +3.820 s  lease-break[405] closed fd 9
    +3.820 s  the last reference to the file went by lease-break[405]
    +3.830 s  lease-break[405] exited
`,
  );
});

test('a trace of nothing, not ended, with loss, a command and something left out', () => {
  const partly = {
    ...header,
    command: ['ls', '-l\u0007'],
    left_out: [
      { path: 'pin', reason: 'no kprobes: no tracepoint exists for pins and unpins, here or anywhere else' },
    ],
  };
  const model = play([hello(), lost(0, 12)], partly);
  assert.equal(
    textOf(model, partly),
    `kernel    6.12.107+deb13-amd64, bpftrace v0.23.2
traced    0.0 ms, from 2023-11-14T22:13:20.000Z, but not to its end
command   ls -l\\x07
rows      1 seen, 12 lost, 0 late, 0 unreadable
likely    12 rows of unknown kind lost between +0.000 s and +0.000 s
not seen  pin: no kprobes: no tracepoint exists for pins and unpins, here or
          anywhere else

FINDINGS: 0 critical, 0 warnings, 0 notes

FILES: none with a lease, a pin or a wait
`,
  );
});

test('of a long story the middle is left out', () => {
  const a = who(10, 'a');
  const columns = { file: 1, owner: 1, ...at(EXT4), flags: LEASE, type: 1 };
  const events: Event[] = [hello(), row(1, a, 'lease.added', { ...columns, owner: 2, fd: 3 })];
  for (let i = 0; i < 300; i++) {
    events.push(row(2 + i, a, 'lease.added', { ...columns, fd: 3 }));
    events.push(row(2.5 + i, a, 'lease.released', { ...columns, lease: 1, cause: 1, recorded: 10 }));
  }
  const lines = textOf(play(events)).split('\n');
  assert.ok(lines.includes('              ... 401 moments are left out here'));
  assert.equal(lines.filter((line) => /^ +\+/.test(line)).length, 200);
  assert.ok(lines.some((line) => /\+301\.500 s {2}the write lease/.test(line)));
  assert.ok(lines.some((line) => /^ {2}lease a\[10\] x301 {2}/.test(line)));
});

test('what happens over and over in the same words is told once', () => {
  const moment = (second: number, text: string) =>
    ({ at_ns: second * 1e9, pid: 1, what: 'pin', text }) as const;
  const alike = (times: number) =>
    Array.from({ length: times }, (_, i) => moment(i + 1, 'a[1] pinned 1 page'));
  const told = storyLines([...alike(4), moment(9, 'a[1] exited')], 0);
  assert.deepEqual(told, [
    '    +1.000 s  a[1] pinned 1 page',
    '                and 3 times more until +4.000 s',
    '    +9.000 s  a[1] exited',
  ]);
  assert.equal(storyLines(alike(3), 0).length, 3, 'three in a row are no trouble to read');
});

test('of a model with more files than a report shows, the text is the same as of an answer about all of them', () => {
  const taker = who(500, 'many');
  const files = Array.from({ length: 230 }, (_, n) =>
    row(1 + n / 1000, taker, 'lease.added', {
      file: 1000 + n,
      owner: 1000 + n,
      ...at({ ...EXT4, ino: 100 + n }),
      flags: LEASE,
      type: 1,
      fd: 9 + n,
    }),
  );
  const model = play([hello(), ...files]);
  const text = modelReport(model);
  assert.match(text, /30 more files left out here/);
  assert.equal(text, textOf(model));
});
