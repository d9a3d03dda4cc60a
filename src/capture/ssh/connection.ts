/**
 * Commands on another machine, by this user's own ssh: its configuration, keys, agent and running connections.
 *
 * Nobody is asked for a password: a trace outlives the moment in which somebody sits at the terminal, and its ssh runs
 * in a process group of its own, which the terminal's Ctrl-C does not reach.
 */
import { execa } from 'execa';
import { err, ok, type Result } from '../../base/result.ts';

/** The ssh to run; tests put a stand-in there. */
export function sshBinary(): string {
  return process.env.WHOPINS_SSH ?? 'ssh';
}

/**
 * The words for one command there (ssh_config(5)). What a user's configuration adds for logging in by hand would stand in
 * the way: forwarded ports that are taken, a command instead of ours, a banner between bpftrace's words.
 */
export function sshWords(host: string, command: string): readonly string[] {
  const options = [
    'BatchMode=yes',
    'ConnectTimeout=20',
    'ServerAliveInterval=15',
    'ClearAllForwardings=yes',
    'RemoteCommand=none',
    'LogLevel=ERROR',
  ];
  return ['-T', '-C', ...options.flatMap((option) => ['-o', option]), '--', host, command];
}

/** Where bpftrace may be besides the PATH that sshd gives to commands. */
export const MORE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Words as the shell there reads them back. */
export function quoteWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

/** The command line that runs these words as root, by sudo where the login is somebody else's. */
export function asRoot(words: readonly string[]): string {
  return quoteWords(['sh', '-c', 'test "$(id -u)" = 0 && exec "$@"; exec sudo -n "$@"', 'sh', ...words]);
}

export interface Refusal {
  readonly what: 'no-connection' | 'not-root';
  /** One line: what was tried, what happened, what to do. */
  readonly message: string;
}

const LONGEST_LOOK_MS = 180_000;

/** Runs a shell script there as root and returns what it printed. */
export async function runThere(
  host: string,
  script: string,
  signal?: AbortSignal,
): Promise<Result<Buffer, Refusal>> {
  const run = await execa(sshBinary(), sshWords(host, asRoot(['sh'])), {
    input: script,
    encoding: 'buffer',
    stripFinalNewline: false,
    reject: false,
    timeout: LONGEST_LOOK_MS,
    ...(signal && { cancelSignal: signal }),
  });
  if (run.exitCode === 0) return ok(Buffer.from(run.stdout));
  const said = Buffer.from(run.stderr).toString('utf8');
  if (run.code === 'ENOENT') return err({ what: 'no-connection', message: NO_SSH });
  if (run.timedOut) return err({ what: 'no-connection', message: tooSlow(host) });
  if (run.exitCode === SSH_FAILED)
    return err({ what: 'no-connection', message: whyNoConnection(host, said) });
  return err({ what: 'not-root', message: whyNotRoot(host, said) });
}

/** ssh(1): "255 if an error occurred"; otherwise the exit code is the command's. */
const SSH_FAILED = 255;

const NO_SSH = 'cannot trace another machine: there is no ssh here; install it (apt install openssh-client)';

function tooSlow(host: string): string {
  return `cannot trace ${host}: it did not tell in ${LONGEST_LOOK_MS / 1000} s what its kernel offers; try again when it is less busy`;
}

/** ssh's words and what helps against them; the first that matches. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/Could not resolve/, 'check the name'],
  [/HOST IDENTIFICATION HAS CHANGED/, 'its host key is another one than before: find out why'],
  [/Host key verification failed/, 'log in once by hand (ssh HOST), to see its host key and take it'],
  [
    /Permission denied/,
    'no password is asked for: let a key or an agent log in (ssh-copy-id HOST), as root or as a user who may sudo',
  ],
  [
    /refused|timed out|No route|unreachable/,
    'check that it runs, and that its sshd can be reached from here',
  ],
];

function whyNoConnection(host: string, said: string): string {
  const last = lastLine(said).replace(/^ssh: /, '');
  const remedy = REMEDIES.find(([pattern]) => pattern.test(said))?.[1] ?? 'try ssh HOST by hand';
  return `cannot trace ${host}: ssh could not log in (${last}); ${remedy.replace('HOST', host)}`;
}

function lastLine(said: string): string {
  const line = said.trim().split('\n').at(-1)?.trim().replace(/\.$/, '');
  return line || 'it did not say why';
}

function whyNotRoot(host: string, said: string): string {
  const asRootThere = `root@${host.split('@').at(-1)}`;
  return `cannot trace ${host}: tracing needs root there, and sudo refused (${lastLine(said)}); use ${asRootThere}, or a user whose sudo asks for no password`;
}
