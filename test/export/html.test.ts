/** The exported page as text: nothing of a recording becomes markup, and it stays small enough to be opened. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Event } from '../../src/event/event.ts';
import { LIMITS } from '../../src/model/limits.ts';
import { eventsOf } from '../fixtures/recordings.ts';
import { eventsArbitrary } from '../model/arbitrary.ts';
import { at, bye, header, hello, regular, row, SHM, who } from '../model/rows.ts';
import { handedOver, LEASE, leaseBreak, rdmaHandedOver } from '../model/stories.ts';
import { assertProperty } from '../property.ts';
import { pageOf } from './pages.ts';

const RECORDINGS = fileURLToPath(new URL('../recordings/', import.meta.url));
const recordings = readdirSync(RECORDINGS).filter((file) => file.endsWith('.ndjson.gz'));

/** The elements of a page, in order. The style sheet and the script are ours. */
function elements(page: string): string[] {
  const body = page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '<$1></$1>');
  return [...body.matchAll(/<[^>]*>/g)].map(([tag]) => /^<\/?[\w!]+/.exec(tag)?.[0] ?? tag);
}

/** Bars, links and marks whose time or place is no number, or lies outside. */
function misplaced(page: string): string[] {
  const length = Number(/<body data-length="(\d+)">/.exec(page)?.[1]);
  return [...page.matchAll(/data-(?:from|to|at)="([^"]*)"/g)]
    .map(([, ns = '']) => ns)
    .filter((ns) => !/^-?\d+$/.test(ns) || Number(ns) > length || Number(ns) < 0);
}

for (const name of recordings) {
  it(`${name}: everything lies within the recording, nothing is fetched`, async () => {
    const page = pageOf(await eventsOf(`${RECORDINGS}${name}`), header);
    assert.deepEqual(misplaced(page), []);
    assert.ok(page.length < 200_000);
    assert.doesNotMatch(page.replace(/http:\/\/www\.w3\.org\/2000\/svg/g, ''), /https?:|url\(|@import|src=/);
  });
}

it('any events make a page', () => {
  assertProperty(
    fc.property(eventsArbitrary(), (events) => {
      const page = pageOf(events, header);
      assert.match(page, /^<!doctype html>[\s\S]*<\/html>\n$/);
      assert.doesNotMatch(page.replace(/<(style|script|pre)>[\s\S]*?<\/\1>/g, ''), /NaN|Infinity|undefined/);
    }),
    200,
  );
});

it('whatever a process or file is called, the page has the same elements', () => {
  const calling = (name: string): Event[] =>
    [...rdmaHandedOver(), ...handedOver('once')].map((event) => {
      const own = 'name' in event && event.name !== '/' ? { name } : {};
      return 'comm' in event ? { ...event, comm: name, ...own } : event;
    });
  const command = (name: string) => ({ ...header, command: [name], kernel: name, host: name });
  const plain = elements(pageOf(calling('x'), command('x')));
  assert.ok(plain.length > 100);
  const hostile = fc.oneof(
    fc.constantFrom(
      '</script><script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "' onload='alert(1)",
      '<!--',
      ']]>',
      '</title><b>',
      '&lt;b&gt;',
      '\u2028</style>',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
    fc.stringMatching(/^[<>&"'/a!=-]{1,12}$/),
  );
  assertProperty(
    fc.property(hostile, (name) => {
      assert.deepEqual(elements(pageOf(calling(name), command(name))), plain);
    }),
    200,
  );
});

describe('what is drawn', () => {
  it('a lane for every hand, and an arrow from giver to taker', () => {
    const page = pageOf(rdmaHandedOver(), header);
    assert.match(page, />pin of 256 pages \(1\.0 MiB\) by rdma\[\d+\]</);
    assert.equal(page.match(/<rect class="bar hand/g)?.length, 2);
    assert.equal(page.match(/class="link"/g)?.length, 1);
    assert.match(page, /<title>rdma\[\d+\]: received over SCM_RIGHTS from rdma\[\d+\]\n\+/);
  });

  it('a lane for a waiting call, with its wait', () => {
    const page = pageOf(leaseBreak(), header);
    assert.match(page, />open by lease-break\[\d+\]</);
    assert.match(page, /class="bar wait"[^>]*><title>waits for a lease break held by \d+\n/);
  });

  it('findings, the worst first', () => {
    const page = pageOf(rdmaHandedOver(), header);
    const severities = [...page.matchAll(/class="finding (\w+)"/g)].map(([, severity]) => severity);
    assert.deepEqual(severities, ['critical', 'warning', 'warning', 'warning']);
  });
});

it('a long recording makes a page of bounded size, which says what it leaves out', () => {
  const holder = who(40, 'holder');
  const events: Event[] = [hello(0)];
  for (let n = 0; n < LIMITS.ended + 2000; n += 1) {
    const place = { ...SHM, ino: n % 100 };
    const columns = { file: n, owner: 9, ...at(place), flags: LEASE, type: 1 };
    events.push(
      row(n, holder, 'fd.installed', { fd: 3, ...regular(place, n), how: 0 }),
      row(n, holder, 'lease.added', { ...columns, fd: 3 }),
      row(n + 0.5, holder, 'lease.released', { ...columns, lease: n, cause: 1, recorded: 40 }),
    );
  }
  const page = pageOf([...events, bye(LIMITS.ended + 3000)], header);
  assert.ok(page.length < 6_000_000, `${page.length}`);
  assert.match(page, /40 more files left out here/);
  assert.match(page, /2,000 things that ended earlier are not drawn/);
});
