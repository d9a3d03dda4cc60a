/**
 * bpftrace on another machine, started through ssh. It must never be left behind there, whatever happens to ssh or to us.
 *
 * ssh passes on no signals; what it does pass on is the end of its input, which also comes when the connection goes. So a
 * shell there reads the program from the input, becomes bpftrace, and leaves a child behind that waits for the input's end
 * and then interrupts its parent. A connection that goes without a word ends when sshd notices: by its ClientAlive
 * settings, or when TCP gives up on the rows that nobody acknowledges (tcp_retries2: about 15 minutes).
 */
import { type BpftraceProcess, bpftraceSettings, FORCE_KILL_MS, supervise } from '../bpftrace.ts';
import { asRoot, MORE_PATH, quoteWords, sshBinary, sshWords } from './connection.ts';

/** Seconds from the interrupt to the kill, over there. */
const LAST_ROWS_S = FORCE_KILL_MS / 1000;

/** Starts bpftrace there on a program's text. Its `stop` ends ssh's input; its `kill` ends ssh, and so the input. */
export function startRemoteBpftrace(
  host: string,
  cpus: number,
  program: string,
  forceKillMs: number,
): BpftraceProcess {
  const script = becomeBpftrace(Buffer.byteLength(program), bpftraceSettings(cpus));
  const args = sshWords(host, asRoot(['sh', '-c', script]));
  return supervise({ file: sshBinary(), args, env: {}, input: program }, forceKillMs);
}

/**
 * The script, in one line: not every login shell takes more in quotes. The watching child compares its parent with the
 * number it is about to signal, so that a number that was given to somebody else meanwhile is left alone.
 */
function becomeBpftrace(programBytes: number, settings: Readonly<Record<string, string>>): string {
  const environment = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return [
    `program=$(head -c ${programBytes})`,
    `PATH=$PATH:${MORE_PATH}`,
    'isUp() { read -r _ _ _ parent _ </proc/self/stat && [ "$parent" = $$ ]; }',
    `watch() { cat >/dev/null; isUp && kill -INT $$; left=${LAST_ROWS_S}; while isUp && [ $left -gt 0 ]; do sleep 1; left=$((left - 1)); done; isUp && kill -KILL $$; }`,
    'exec 3<&0',
    'watch <&3 3<&- >/dev/null 2>&1 & exec 3<&-',
    `exec env ${quoteWords(environment)} bpftrace -f json -e "$program" </dev/null`,
  ].join('; ');
}
