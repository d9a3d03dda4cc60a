/** The NFS client for which nfsd took a lease: its name, and where it is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InodeKey, RowEvent } from '../../src/event/event.ts';
import { whoAnswer } from '../../src/model/model.ts';
import { clientName } from '../../src/model/nfs-client.ts';
import { whoText } from '../../src/report/who-text.ts';
import { at, EXT4, hello, play, row, who } from './rows.ts';

const nfsd = who(73, 'nfsd');
const DELEGATION = 0x4;
const columns = { file: 101, owner: 555, ...at(EXT4) };
const NOWHERE = { family: 0, word0: 0, word1: 0, word2: 0, word3: 0 };

const client = (name: string, where: Partial<typeof NOWHERE> = {}) =>
  row(1.1, nfsd, 'lease.client', { ...columns, ...NOWHERE, ...where, name }) as RowEvent<'lease.client'>;

test('addresses are read as they lie in memory', () => {
  assert.equal(clientName(client('box', { family: 2, word0: 0x0700000a })), '10.0.0.7 (box)');
  const loopback = { family: 10, word3: 0x01000000 };
  assert.equal(clientName(client('', loopback)), '::1');
  const global = { family: 10, word0: 0xb80d0120, word1: 0, word2: 0, word3: 0x01000000 };
  assert.equal(clientName(client('', global)), '2001:db8::1');
  assert.equal(clientName(client('box', { family: 1 })), 'box');
  assert.equal(clientName(client('')), 'unknown');
});

test('a delegation is told with its client, harmlessly, and with what makes the client give it back', () => {
  const taken = row(1, nfsd, 'lease.added', { ...columns, flags: DELEGATION, type: 0, fd: -1 });
  const named = client('a\u001b[31m{red-fg}', { family: 2, word0: 0x0700000a });
  const answer = whoAnswer(play([hello(), taken, named]), '254:1:14' as InodeKey);
  const [holder] = answer.holders;
  assert.ok(holder?.kind === 'lease');
  assert.match(holder.lease.client ?? '', /^10\.0\.0\.7 \(a.*\{red-fg\}\)$/);
  const text = whoText(answer).replace(/\s+/g, ' ');
  assert.ok(!text.includes('\u001b'));
  assert.match(text, /taken by nfsd\[73\], for NFS client 10\.0\.0\.7/);
  assert.match(text, /unmount on NFS client 10\.0\.0\.7 .* or write expire to the ctl file/);
});

test('the client of another lease changes nothing', () => {
  const taken = row(1, nfsd, 'lease.added', { ...columns, owner: 556, flags: DELEGATION, type: 0, fd: -1 });
  const [holder] = whoAnswer(play([hello(), taken, client('box')]), '254:1:14' as InodeKey).holders;
  assert.ok(holder?.kind === 'lease');
  assert.equal(holder.lease.client, undefined);
});
