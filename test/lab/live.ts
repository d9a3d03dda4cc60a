/** `live`: the dashboard on the host, over the rows that a guest writes while a story plays there. */
import { statSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { compileStory } from './compile.ts';
import { type BootOptions, bootGuest } from './guest.ts';
import { quote } from './job.ts';
import { LabError, lastLines } from './messages.ts';
import { WHOPINS_CLI } from './paths.ts';
import { installBinary } from './trace.ts';

/**
 * Plays the story (without a name, the guest is only watched) under `whopins record -o -`, whose rows grow in a file that
 * both sides see, and shows that file with `whopins replay --follow` until the user leaves it. Returns replay's exit code.
 */
export async function live(options: BootOptions, name: string | undefined): Promise<number> {
  const binary = name === undefined ? undefined : await compileStory(name);
  const guest = await bootGuest(options);
  try {
    const rows = guest.hostPath('out', 'live.ndjson');
    writeFileSync(rows, '');
    // what the workload tells must not get between the rows
    const workload =
      binary === undefined
        ? ''
        : `-- sh -c ${quote(`exec ${quote(await installBinary(guest, binary))} >/mnt/out/truth.ndjson`)}`;
    const job = guest.start(['sh', '-c', `exec whopins record -o - ${workload} >/mnt/out/live.ndjson`]);
    const dashboard = execa(process.execPath, [WHOPINS_CLI, 'replay', '--follow', rows], {
      stdio: 'inherit',
      reject: false,
    });
    let refusal: Error | undefined;
    // a recorder that ended without a row would leave the dashboard waiting for ever
    const giveUp = (error: Error): void => {
      refusal = error;
      dashboard.kill();
    };
    job.result.then(({ stderr }) => {
      const words = lastLines(stderr, 6);
      if (statSync(rows).size === 0)
        giveUp(new LabError('whopins record ended before it traced anything', words));
    }, giveUp);
    const { exitCode } = await dashboard;
    if (refusal !== undefined) throw refusal;
    return exitCode ?? 1;
  } finally {
    await guest.powerOff();
  }
}
