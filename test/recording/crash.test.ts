/**
 * What befalls the recorder: it is killed, the disk is full, the directory is read-only, it is told to stop, bpftrace
 * dies. What was on disk by then is read back, and the recording says where it ends.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRecording } from '../../src/recording/writer.ts';
import { fakeBpftrace, type Step } from '../fixtures/fake-bpftrace.ts';
import { eventsOf, HEADER } from '../fixtures/recordings.ts';
import { rowText } from '../fixtures/rows.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';
import { READY, runWhopins, startWhopins, until } from '../fixtures/whopins.ts';
import { createChance, timesOf } from '../property.ts';

const HELLO: Step = { print: rowText('hello', { ts: 1e9 }) };
const numbered = (n: number): Step => ({ print: rowText('fd.closed', { ts: 1e9 + n * 1e6, fd: n }) });

/** Rows number 1, 2, 3, … one every two milliseconds. */
function steadily(count: number): Step[] {
  return Array.from({ length: count }, (_, index) => [numbered(index + 1), { sleepMs: 2 }]).flat();
}

async function numbersIn(path: string): Promise<readonly number[]> {
  return (await eventsOf(path)).flatMap((event) => (event.kind === 'fd.closed' ? [event.fd] : []));
}

async function place(context: TestContext): Promise<string> {
  return join(await temporaryDirectory(context), 'a.ndjson.gz');
}

const counted = (length: number) => Array.from({ length }, (_, index) => index + 1);

describe('the recorder is killed', () => {
  it('at any moment: what it had written is there, in order, and the end is told', async (t) => {
    const env = {
      ...READY,
      WHOPINS_BPFTRACE: await fakeBpftrace(t, { steps: [HELLO, ...steadily(20_000)] }),
    };
    const chance = createChance();
    for (let time = timesOf(5); time > 0; time--) {
      const path = await place(t);
      const running = startWhopins(['record', '--no-walk', '-o', path], env);
      await until(() => /recording to/.test(running.stderr()), 'it says that it records');
      const afterMs = 100 + Math.floor(chance() * 3000);
      await sleep(afterMs);
      running.child.kill('SIGKILL');
      await running.finished;
      const numbers = await numbersIn(path);
      assert.deepEqual(numbers, counted(numbers.length), `killed after ${afterMs} ms`);
      // A member is finished after a second at the latest.
      if (afterMs > 2500)
        assert.ok(numbers.length > 0, `killed after ${afterMs} ms: members were finished before`);
      const last = (await eventsOf(path)).at(-1);
      assert.match(JSON.stringify(last), /stream.cut.*its last line is missing/);
    }
  });
});

describe('the recorder cannot write', () => {
  const NO_NAMESPACES =
    spawnSync('unshare', ['-rm', 'true']).status === 0 ? false : 'unshare -rm does not work here';

  it('a full disk: tracing ends, and all that fitted is read', { skip: NO_NAMESPACES }, async (t) => {
    const directory = await temporaryDirectory(t);
    const small = join(directory, 'small');
    await mkdir(small);
    // The file system lives as long as the script: it copies what is left to where the test can see it.
    const writer = join(import.meta.dirname, '..', 'fixtures', 'fill-disk.ts');
    const script = `mount -t tmpfs -o size=64k none "$1" && "$2" --import "$3" "$4" "$1/a.ndjson.gz"; cp "$1"/* "$5"`;
    const words = [small, process.execPath, import.meta.resolve('tsx'), writer, directory];
    const done = spawnSync('unshare', ['-rm', 'sh', '-c', script, 'sh', ...words], { encoding: 'utf8' });
    assert.match(
      done.stdout,
      /cannot write the recording to .*: no space is left on the device; choose another place/,
    );
    const numbers = await numbersIn(join(directory, 'a.ndjson.gz'));
    assert.ok(numbers.length > 1000, `${numbers.length} rows fitted`);
    assert.deepEqual(numbers, counted(numbers.length));
  });

  it('into a read-only directory, said before anything is attached', async (t) => {
    const env = { ...READY, WHOPINS_BPFTRACE: await fakeBpftrace(t, { steps: [HELLO] }) };
    const directory = await temporaryDirectory(t);
    await chmod(directory, 0o500);
    // To root only a file system is read-only.
    const readOnly = process.getuid?.() === 0 ? '/proc' : directory;
    const done = await runWhopins(['record', '-o', join(readOnly, 'a.gz'), '--', 'echo', 'ran'], env);
    assert.deepEqual([done.code, done.stdout], [2, '']);
    assert.match(
      done.stderr,
      /^whopins: cannot write the recording to [^\n]*; choose another place with -o\n$/,
    );
  });

  it('the directory goes away between two parts: said, and the part before it is whole', async (t) => {
    const directory = join(await temporaryDirectory(t), 'gone');
    await mkdir(directory);
    const writer = await createRecording(join(directory, 'a.ndjson.gz'), HEADER, {
      rotation: { maxBytes: 1, maxMs: null, keep: null },
    });
    assert.ok(writer.ok);
    await rm(directory, { recursive: true });
    const result = await writer.value.write([rowText('beat')]);
    assert.ok(!result.ok);
    assert.match(result.error, /cannot write the recording to .*no such file or directory/);
    assert.ok(!(await writer.value.write([rowText('beat')])).ok, 'it stays so');
  });
});

describe('bpftrace dies', () => {
  it('in the middle of a row: all rows before it are there, and the ending says why', async (t) => {
    const steps: Step[] = [
      HELLO,
      ...counted(2000).map(numbered),
      { write: '{"type": "val' },
      { die: 'SIGKILL' },
    ];
    const path = await place(t);
    const env = { ...READY, WHOPINS_BPFTRACE: await fakeBpftrace(t, { steps }) };
    const done = await runWhopins(['record', '--no-walk', '-o', path], env);
    assert.equal(done.code, 3);
    assert.deepEqual(await numbersIn(path), counted(2000));
    assert.match(JSON.stringify((await eventsOf(path)).at(-1)), /stream.cut.*ended by SIGKILL/);
  });
});
