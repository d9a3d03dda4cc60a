/**
 * Packages of other Debian suites, from the mirror that this machine's own apt uses, without touching its package lists:
 * a separate set of apt directories (apt.conf(5), group Dir) is given on each command line.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runHost } from './host.ts';
import { LabError, say } from './messages.ts';
import { CACHE } from './paths.ts';

/** One source of packages: a line of sources.list(5) without its suite. */
interface Source {
  readonly uri: string;
  readonly suites: readonly string[];
  /** A keyring's path, or '' for apt's trusted ones. */
  readonly signedBy: string;
}

/**
 * Reads sources.list(5) text of both forms; deb822 stanzas and one-line `deb` entries give the same result.
 * Disabled stanzas, source packages and entries with several URIs' later URIs are left out.
 */
export function parseSources(text: string): Source[] {
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'));
  const oneLine = lines.flatMap((line): Source[] => {
    const match = /^deb\s+(?:\[(.*?)\]\s+)?(\S+)\s+(\S+)/.exec(line.trim());
    if (match === null) return [];
    const signedBy = /signed-by=(\S+)/.exec(match[1] ?? '')?.[1] ?? '';
    return [{ uri: match[2] ?? '', suites: [match[3] ?? ''], signedBy }];
  });
  const stanzas = lines
    .join('\n')
    .split(/\n\s*\n/)
    .flatMap((stanza): Source[] => {
      const field = (name: string): string[] =>
        (new RegExp(`^${name}:[ \\t]*(.*(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1] ?? '')
          .split(/\s+/)
          .filter(Boolean);
      const uri = field('URIs')[0];
      if (uri === undefined || !field('Types').includes('deb') || field('Enabled')[0] === 'no') return [];
      return [{ uri, suites: field('Suites'), signedBy: field('Signed-By')[0] ?? '' }];
    });
  return [...oneLine, ...stanzas];
}

function readHostSources(): Source[] {
  const dir = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list'];
  try {
    for (const name of readdirSync(dir).sort()) {
      if (/\.(list|sources)$/.test(name)) files.push(join(dir, name));
    }
  } catch {
    // a host may have only sources.list
  }
  return files.flatMap((file) => {
    try {
      return parseSources(readFileSync(file, 'utf8'));
    } catch {
      return [];
    }
  });
}

/**
 * The `deb` line for one Debian suite: the mirror is the one where this host gets its own release (or, for a security
 * suite, its own security updates). Undefined when the host has no such mirror. deb822's inline keys are not supported.
 */
export function sourceLine(suite: string): string | undefined {
  const codename = /^VERSION_CODENAME=(\S+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  const own = suite.endsWith('-security') ? `${codename}-security` : codename;
  const source = readHostSources().find((candidate) => candidate.suites.includes(own));
  if (source === undefined) return undefined;
  const options = source.signedBy.startsWith('/') ? ` [signed-by=${source.signedBy}]` : '';
  return `deb${options} ${source.uri} ${suite} main`;
}

/** Source lines of the suites that the host's mirrors can give; a LabError when the first of them has none. */
export function sourceLines(suites: readonly string[]): string[] {
  const lines = suites.map(sourceLine);
  if (lines[0] === undefined) {
    throw new LabError(
      `no Debian mirror in this machine's apt configuration for ${suites[0]}: the lab needs a Debian host`,
    );
  }
  return lines.filter((line) => line !== undefined);
}

/**
 * Options that a suite's Release file needs: sid's may be past its Valid-Until date on a mirror that is not
 * updated daily. Signatures are checked as always.
 */
export const APT_OPTIONS: readonly string[] = ['Acquire::Check-Valid-Until=false', 'Acquire::Languages=none'];

/** A private set of apt directories over some suites. */
export class Apt {
  readonly #options: readonly string[];

  private constructor(options: readonly string[]) {
    this.#options = options;
  }

  /** Fetches the package lists of these suites. */
  static async open(suites: readonly string[]): Promise<Apt> {
    const dir = join(CACHE, `apt-${suites.join('-')}`);
    for (const name of ['sources', 'lists/partial', 'cache/archives/partial']) {
      mkdirSync(join(dir, name), { recursive: true });
    }
    writeFileSync(join(dir, 'sources', 'lab.list'), `${sourceLines(suites).join('\n')}\n`);
    writeFileSync(join(dir, 'status'), '');
    const settings = [
      'Dir::Etc::sourcelist=/dev/null',
      `Dir::Etc::sourceparts=${join(dir, 'sources')}`,
      'Dir::Etc::preferencesparts=/dev/null',
      `Dir::State::lists=${join(dir, 'lists')}`,
      `Dir::State::status=${join(dir, 'status')}`,
      `Dir::Cache=${join(dir, 'cache')}`,
      // apt's own download user cannot write into root's cache directory
      'APT::Sandbox::User=root',
      ...APT_OPTIONS,
    ];
    const apt = new Apt(settings.flatMap((setting) => ['-o', setting]));
    say(`reading the package lists of ${suites.join(' and ')}`);
    await runHost(`read the package lists of ${suites.join(', ')}`, [
      'apt-get',
      ...apt.#options,
      'update',
      '-q',
    ]);
    return apt;
  }

  /** Names of all packages that match an extended regular expression. */
  async names(pattern: string): Promise<string[]> {
    const search = ['apt-cache', ...this.#options, 'search', '--names-only', pattern];
    const found = await runHost('search the package lists', search);
    return found.split('\n').flatMap((line) => line.split(' ')[0] || []);
  }

  /** The version that would be downloaded of a package. */
  async version(name: string): Promise<string> {
    const shown = await runHost('read a package', [
      'apt-cache',
      ...this.#options,
      'show',
      '--no-all-versions',
      name,
    ]);
    return /^Version: (\S+)/m.exec(shown)?.[1] ?? 'unknown';
  }

  /** Downloads packages (apt checks them against the signed lists) and unpacks them into `dir` without installing. */
  async unpack(names: readonly string[], dir: string): Promise<void> {
    const archives = join(dir, 'archives');
    mkdirSync(archives, { recursive: true });
    say(`downloading ${names.join(' ')}`);
    const download = ['apt-get', ...this.#options, 'download', '-q', ...names];
    await runHost('download packages', ['env', '-C', archives, ...download]);
    for (const archive of readdirSync(archives)) {
      await runHost(`unpack ${archive}`, ['dpkg', '-x', join(archives, archive), dir]);
    }
    rmSync(archives, { recursive: true });
  }
}
