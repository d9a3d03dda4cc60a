import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { READY, runWhopins } from '../fixtures/whopins.ts';

const COMMANDS = ['live', 'record', 'replay', 'who', 'report'];

describe('help', { concurrency: 4 }, () => {
  it('names every command and every exit code', async () => {
    const { code, stdout, stderr } = await runWhopins(['--help']);
    assert.deepEqual([code, stderr], [0, '']);
    for (const word of [
      ...COMMANDS,
      '0 fine',
      '1 a rule',
      '2 wrong use',
      '3 cannot trace',
      '4 recording unreadable',
    ]) {
      assert.ok(stdout.includes(word), word);
    }
  });

  for (const command of COMMANDS) {
    it(`explains ${command}`, async () => {
      const { code, stdout } = await runWhopins([command, '--help']);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^Usage: whopins ${command} `));
    });
  }
});

describe('wrong use is one line and exit code 2', { concurrency: 4 }, () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['whopin', /unknown command 'whopin'; see whopins --help/],
    ['--no-such-option', /unknown option '--no-such-option'/],
    ['live --no-such-option', /unknown option/],
    ['live --plain --json', /cannot be used with/],
    ['live', /standard output is not a terminal; use --plain/],
    ['record', /needs a place to write to: -o FILE/],
    ['record -o', /argument missing/],
    ['replay', /missing required argument 'file'/],
    ['replay a b', /too many arguments/],
    ['replay --follow /etc/hostname', /standard output is not a terminal; use --plain/],
    ['report', /missing required argument 'file'/],
    ['who x --recording f --at noon', /noon is not a time/],
  ];
  for (const [words, message] of cases) {
    it(`whopins ${words}`, async () => {
      const { code, stdout, stderr } = await runWhopins(words.split(' '), READY);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /^whopins: [^\n]+\n$/);
      assert.match(stderr, message);
    });
  }
});

it('a hostile file name cannot break the line or the terminal', async () => {
  const { stderr } = await runWhopins(['report', '/no/\u001b[31msuch\nfile\u202e']);
  assert.match(stderr, /^whopins: [^\n]*\\x1b\[31msuch\\nfile\\u202e[^\n]*\n$/);
});

describe('the installed command', () => {
  const inRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

  it('runs by itself', () => {
    assert.match(
      execFileSync(inRoot('dist/src/cli.js'), ['--help'], { encoding: 'utf8' }),
      /^Usage: whopins /,
    );
  });

  it('starts Node with the flags that npm start gives it', () => {
    const [first = ''] = readFileSync(inRoot('src/cli.ts'), 'utf8').split('\n');
    const { scripts } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
    assert.equal(`${first} dist/src/cli.js`, `#!/usr/bin/env -S ${scripts.start}`);
  });
});
