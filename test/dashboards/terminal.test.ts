/** The dashboard in a real terminal: what is painted, what keys do, and that every way out gives the terminal back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openTerminal, type Terminal, tmuxMissing } from './tmux.ts';

const PLAY = fileURLToPath(new URL('play.ts', import.meta.url));
const skip = tmuxMissing();

interface Show {
  readonly terminal: Terminal;
  readonly pid: number;
  readonly child: number;
}

interface Setting {
  readonly args: string;
  readonly width?: number;
  readonly height?: number;
  readonly env?: string;
}

/** Starts the dashboard in a shell on whose screen something stands already, and waits for the first paint. */
function inTerminal(name: string, setting: Setting, body: (show: Show) => Promise<void>): void {
  test(name, { skip, timeout: 300_000 }, async () => {
    const terminal = await openTerminal(setting.width ?? 100, setting.height ?? 30);
    try {
      await terminal.type('settings=$(stty -g); echo written before');
      const command = `${setting.env ?? ''} ${process.execPath} --import tsx ${PLAY} ${setting.args}`;
      await terminal.type(`${command.trim()}; echo code=$? .`);
      await terminal.waitFor(/q quit/);
      const pids = /pid=(\d+) child=(\d+) \./.exec(await terminal.behind());
      assert.ok(pids, 'the pids stand on the screen behind');
      await body({ terminal, pid: Number(pids[1]), child: Number(pids[2]) });
    } finally {
      await terminal.close();
    }
  });
}

/** After the end: the exit code, the screen and the line discipline as before, and no process left. */
async function assertGivenBack({ terminal, pid, child }: Show, code: number): Promise<string> {
  const screen = await terminal.waitFor(new RegExp(`code=${code} \\.`), /written before/);
  assert.equal(await terminal.isTaken(), false);
  assert.equal(isAlive(pid), false, 'the dashboard is gone');
  assert.equal(isAlive(child), false, 'its child is gone');
  await terminal.type('test "$(stty -g)" = "$settings" && echo settings as before');
  await terminal.waitFor(/^settings as before/m);
  return screen;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

inTerminal(
  'first paint at 80×24: verdict, trust, file, holder, what to free; q gives the terminal back',
  { args: 'live', width: 80, height: 24 },
  async (show) => {
    const screen = await show.terminal.waitFor(/FINDINGS/);
    assert.match(screen, /whopins {2}live {2}● tracing/);
    assert.match(screen, /CERTAIN +every event since tracing began/);
    assert.match(screen, /▸!! \/dev\/shm\/data +0:26:2 rdma\[406\] rdma-mr 256 pg/);
    assert.match(screen, /held by +rdma\[406\] through uverbs fd 3, received over SCM_RIGHTS/);
    assert.match(screen, /to free +close fd 3 in rdma\[406\]/);
    assert.match(screen, /NOTE +a made-up story for tests/);
    await show.terminal.press('q');
    await assertGivenBack(show, 0);
  },
);

inTerminal('keys that move time, in a recording', { args: 'replay' }, async (show) => {
  const { press, waitFor } = show.terminal;
  await press('G');
  await waitFor(/■ at its end/, /freed-under-pin/);
  await press(']');
  await waitFor(/the recording is at its end \(Space plays it again\)/);
  await press('[');
  await waitFor(/‖ paused/, /OPERATION\n.*truncate/);
  await press('[');
  await waitFor(/rdma\[406\] rdma-mr 256 pg +-/);
  await press(']');
  await waitFor(/rdma-mr 256 pg +truncate/);
  await press('{');
  await waitFor(/‖ paused/, /handed-over-without-lease(?: \(likely\))?, for 0\.0 ms/);
  await press('}');
  await waitFor(/FINDINGS 3/, /holder-gone(?: \(likely\))?, for 460 ms/);
  await press('}');
  await waitFor(/freed-under-pin(?: \(likely\))?, for 0\.0 ms/);
  await press('g');
  await waitFor(/go to \(12\.5 = seconds, 50%, start, end\): ▏/);
  await press('x', 'Enter');
  await waitFor(/'x' is no time/);
  await press('g', '0', '.', '5', 'Enter');
  await waitFor(/‖ paused {2}500 ms of 2\.0 s/);
  await press('g', '5', '0', '%', 'Enter');
  await waitFor(/‖ paused {2}1\.0 s of 2\.0 s/);
  await press('<', '<', 'Space');
  await waitFor(/▶ playing ×0\.25/);
  await press('>', '>', '>');
  await waitFor(/▶ playing ×2|■ at its end/);
  await waitFor(/■ at its end/);
  await press('Space');
  await waitFor(/▶ playing/);
  await press('C-c');
  await assertGivenBack(show, 130);
});

inTerminal('keys that move the eye', { args: 'replay' }, async (show) => {
  const { press, waitFor } = show.terminal;
  await press('G');
  await waitFor(/■ at its end/);
  await press('?');
  await waitFor(/MOVE/, /the row below/);
  await press('/');
  await waitFor(/close the help first \(Esc\)/);
  await press('End');
  await waitFor(/Ctrl-C +quit with exit code 130|a circle of waits/);
  await press('Escape');
  await waitFor(/FINDINGS/);
  await press('Escape');
  await waitFor(/nothing to go back to/);
  await press('Tab');
  await waitFor(/\[2 processes\]/, /PROCESSES 1/);
  await press('Enter');
  await waitFor(/process rdma\[406\]/, /holds +rdma-mr 256 pg of \/dev\/shm\/data/);
  await press('Enter');
  await waitFor(/file \/dev\/shm\/data/, /hands +rdma\[405\] ─scm_rights→ rdma\[406\] fd 3/);
  await press('h', 'Left', 'Left');
  await waitFor(/8\/11 \+1\.230 s/, /row {2}file\.finalClosed/);
  await press('+', '+');
  await waitFor(/1\/4 of it/);
  await press('-', 'l');
  await waitFor(/1\/2 of it/);
  await press('0');
  await waitFor(/TIME LINE(?!.*of it)/);
  await press('j', 'Down', 'k', 'Up', 'PageDown', 'PageUp', 'Home', 'End');
  await waitFor(/HISTORY \d+/);
  await press('Escape');
  await waitFor(/process rdma\[406\]/);
  await press('Escape');
  await waitFor(/\[2 processes\]/);
  await press('BTab');
  await waitFor(/\[1 files \(1\)\]/);
  await press('Right', 'Right');
  await waitFor(/\[3 waits\]/, /nothing waits for a lease/);
  await press('4');
  await waitFor(/EVENTS 16 +follows the latest/);
  await press('k', 'k');
  await waitFor(/holds \(End follows\)/);
  await press('/', 's', 'e', 'n', 't', 'Enter');
  await waitFor(/▸.*fd 7 sent over SCM_RIGHTS|▸.*sent/, /\/sent \(n N\)/);
  await press('n', 'N');
  await press('f', 'l', 'e', 'a', 's', 'e', 'Enter');
  await waitFor(/EVENTS 2 of the last 16 events/, /only 'lease' \(Esc\)/);
  await press('Escape');
  await waitFor(/EVENTS 16/);
  await press('End');
  await waitFor(/EVENTS 16 +follows the latest/);
  await press('5');
  await waitFor(/TRACE/, /OVER TIME/, /NOT COVERED 0/);
  await press('s');
  await waitFor(/only the list of files can be sorted/);
  await press('1', 's');
  await waitFor(/FILES 1 by pinned/, /most pinned first/);
  await press('y');
  await waitFor(/RELEASE PLAN/, /1\. close fd 3 in rdma\[406\], or end it/);
  await press('y', 'w');
  await waitFor(/nothing can be written here/);
  await press('x', 'F5');
  await press('q');
  await assertGivenBack(show, 0);
});

inTerminal(
  'a recording plays by itself and stays on screen at its end',
  { args: 'replay', width: 80, height: 24 },
  async (show) => {
    await show.terminal.waitFor(/▶ playing/);
    await show.terminal.waitFor(/■ at its end/, /LOOK +nothing waits; 1 file held/, /truncate→0/);
    await show.terminal.press('q');
    await assertGivenBack(show, 0);
  },
);

inTerminal(
  'the selection stays with its file when another one becomes the worst',
  { args: 'live break' },
  async (show) => {
    await show.terminal.waitFor(/▸!! \/dev\/shm\/data/);
    await show.terminal.press('Enter');
    await show.terminal.waitFor(/Esc back/);
    await show.terminal.press('Escape');
    await show.terminal.waitFor(/FILES 1/);
    process.kill(show.pid, 'SIGUSR2');
    const screen = await show.terminal.waitFor(/WAITING +open by rdma\[500\] waits/, /FILES 2/);
    assert.match(screen, /for rdma\[501\]/);
    assert.match(screen, /FILES 2.*\n.*\/dev\/shm\/leased.*open\[500\].*\n ▸!! \/dev\/shm\/data/);
    await show.terminal.press('Up');
    await show.terminal.waitFor(/▸.*\/dev\/shm\/leased.*open\[500\]/);
    await show.terminal.press('q');
    await assertGivenBack(show, 0);
  },
);

inTerminal(
  'live keys that need a recording say so; pausing holds the picture',
  { args: 'live' },
  async (show) => {
    await show.terminal.press(']');
    await show.terminal.waitFor(/this is live: only a recording can be stepped/);
    await show.terminal.press('Space');
    await show.terminal.waitFor(/‖ paused/);
    await show.terminal.press('Space');
    await show.terminal.waitFor(/● tracing/);
    await show.terminal.press('q');
    await assertGivenBack(show, 0);
  },
);

inTerminal(
  'a trace that ends by itself keeps the picture and says so',
  { args: 'live cut' },
  async (show) => {
    process.kill(show.pid, 'SIGUSR2');
    const screen = await show.terminal.waitFor(
      /STOPPED +bpftrace was killed by SIGKILL; below is how it was/,
    );
    assert.match(screen, /held by +rdma\[406\] through uverbs fd 3/);
    await show.terminal.press('q');
    await assertGivenBack(show, 0);
  },
);

inTerminal('every view is repainted when the terminal is resized', { args: 'live' }, async (show) => {
  const { press, resize, waitFor } = show.terminal;
  for (const [key, pattern] of [
    ['1', /FILES 1/],
    ['2', /PROCESSES 1/],
    ['3', /nothing waits for a lease/],
    ['4', /EVENTS/],
    ['5', /TRACE/],
    ['?', /MOVE/],
  ] as const) {
    await resize(200, 60);
    await press(key);
    await waitFor(pattern, /q quit/);
    await resize(60, 15);
    await waitFor(pattern, /q quit/, /^ LOOK +nothing waits/m);
  }
  // An opened file, and the process that it leads to.
  await press('1', 'Enter');
  for (const [key, pattern] of [
    [null, /^ \/dev\/shm\/data +tmpfs/m],
    ['Enter', /^ rdma\[\d+\] .*\n[\s\S]*EVENTS/m],
  ] as const) {
    await resize(200, 60);
    if (key !== null) await press(key);
    await waitFor(pattern, /q quit/);
    await resize(60, 15);
    await waitFor(pattern, /q quit/, /^ LOOK +nothing waits/m);
  }
  await resize(50, 10);
  await waitFor(/terminal too small: 50×10/, /whopins needs 60×15/);
  await resize(80, 24);
  await press('q');
  await assertGivenBack(show, 0);
});

inTerminal(
  'Ctrl-Z and SIGTSTP give the terminal to the shell, fg gives it back',
  { args: 'live' },
  async (show) => {
    const { press, type, waitFor } = show.terminal;
    for (const stop of [() => press('C-z'), async () => void process.kill(show.pid, 'SIGTSTP')]) {
      await waitFor(/q quit/);
      await stop();
      await waitFor(/[Ss]topped/);
      assert.equal(await show.terminal.isTaken(), false);
      await type('clear; fg');
      await waitFor(/● tracing/, /q quit/, /held by/);
    }
    await press('q');
    // The prompt; the command line above it may be broken anywhere.
    await waitFor(/\n[#$]\s*$/);
    assert.equal(isAlive(show.pid), false);
    assert.equal(isAlive(show.child), false);
  },
);

inTerminal(
  'a terminal that is closed ends it and what it started',
  { args: 'live' },
  async ({ terminal, pid, child }) => {
    await terminal.close();
    for (let tries = 0; tries < 200 && (isAlive(pid) || isAlive(child)); tries += 1) await sleep(25);
    assert.deepEqual([isAlive(pid), isAlive(child)], [false, false]);
  },
);

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const) {
  inTerminal(`${signal} gives the terminal back and exits with ${code}`, { args: 'live' }, async (show) => {
    process.kill(show.pid, signal);
    await assertGivenBack(show, code);
  });
}

for (const fault of ['throw', 'reject']) {
  inTerminal(
    `an error that nobody caught (${fault}) gives the terminal back first, then is told`,
    { args: `live ${fault}` },
    async (show) => {
      process.kill(show.pid, 'SIGUSR2');
      const screen = await assertGivenBack(show, 1);
      assert.match(screen, /the dashboard failed and has given the terminal back/);
      assert.match(screen, /Error: made-up fault/);
    },
  );
}

inTerminal('without colours nothing is lost', { args: 'replay', env: 'NO_COLOR=1' }, async (show) => {
  await show.terminal.press('G');
  await show.terminal.waitFor(/!! freed-under-pin/, /▸!!/);
  await show.terminal.press('q');
  await assertGivenBack(show, 0);
});

inTerminal('a terminal without UTF-8 gets plain signs', { args: 'replay', env: 'LC_ALL=C' }, async (show) => {
  await show.terminal.press('G');
  await show.terminal.waitFor(/# at its end/);
  await show.terminal.press('Enter');
  await show.terminal.waitFor(/rdma\[405\] -scm_rights> rdma\[406\] fd 3/, /pin rdma\[405\] +\|-+>/);
  await show.terminal.press('q');
  await assertGivenBack(show, 0);
});

test('a dumb terminal is refused with a word what to do', { skip, timeout: 300_000 }, async () => {
  const terminal = await openTerminal(160, 30);
  try {
    await terminal.type(`TERM=dumb ${process.execPath} --import tsx ${PLAY} live; echo code=$? .`);
    await terminal.waitFor(/cannot show the dashboard: TERM is dumb; .*--plain/s, /code=2 \./);
    await terminal.type(`clear; ${process.execPath} --import tsx ${PLAY} live | cat`);
    await terminal.waitFor(/standard output is not a terminal; use --plain/);
  } finally {
    await terminal.close();
  }
});
