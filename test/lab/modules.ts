/** Kernel modules on the host's disk: finding them, what they depend on, and decompressing the ones that boot. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runHost } from './host.ts';

/** Needed before the root file system is there: the initramfs loads these, in this order. */
export const EARLY_MODULES = [
  'virtio_pci',
  'virtio_blk',
  // ext4 asks for the crc32c algorithm by alias (a softdep); 7.x has it built in
  'crc32c_generic',
  'ext4',
  // loaded by guest/init at once, because looking for partitions on a device that takes 3 s a read lasts 9 s
  'null_blk',
] as const;

/** Loaded by guest/rc on every boot; kept decompressed, because xz takes half a second per module under emulation. */
export const BOOT_MODULES = [
  'virtio_rng',
  'virtio_console',
  '9p',
  '9pnet_virtio',
  'nd_e820',
  'nd_pmem',
  'xfs',
  'dummy',
  'ib_uverbs',
  'rdma_rxe',
] as const;

/** A directory of modules, as depmod(8) describes it. */
export class ModuleTree {
  /** Holds `lib/modules/RELEASE`. */
  readonly root: string;
  readonly release: string;
  #dependencies = new Map<string, readonly string[]>();

  private constructor(root: string, release: string) {
    this.root = root;
    this.release = release;
  }

  /** Opens the one release under `root/lib/modules` and (re)writes its dependency lists. */
  static async open(root: string): Promise<ModuleTree> {
    const [release] = readdirSync(join(root, 'lib', 'modules'));
    const tree = new ModuleTree(root, release ?? '');
    await tree.#index();
    return tree;
  }

  get dir(): string {
    return join(this.root, 'lib', 'modules', this.release);
  }

  async #index(): Promise<void> {
    await runHost('index the kernel modules', ['depmod', '-b', this.root, this.release]);
    const lines = readFileSync(join(this.dir, 'modules.dep'), 'utf8').split('\n');
    this.#dependencies = new Map(
      lines.flatMap((line): [string, readonly string[]][] => {
        const [path = '', needs = ''] = line.split(':');
        return path === '' ? [] : [[path, needs.split(' ').filter(Boolean)]];
      }),
    );
  }

  /** Paths (relative to `dir`) of the named modules and all they need, in loading order; built-in ones are left out. */
  inLoadingOrder(names: readonly string[]): string[] {
    const order = new Set<string>();
    const add = (path: string): void => {
      // modules.dep lists what a module needs with the deepest last
      for (const need of [...(this.#dependencies.get(path) ?? [])].reverse()) order.add(need);
      order.add(path);
    };
    for (const name of names) {
      const path = [...this.#dependencies.keys()].find((candidate) => moduleName(candidate) === name);
      if (path !== undefined) add(path);
    }
    return [...order];
  }

  /** Decompresses modules in place and indexes again. */
  async decompress(paths: readonly string[]): Promise<void> {
    const program = { xz: ['xz', '-d'], zst: ['zstd', '-d', '-q', '--rm'], gz: ['gzip', '-d'] } as const;
    for (const [suffix, argv] of Object.entries(program)) {
      const files = paths.filter((path) => path.endsWith(`.${suffix}`)).map((path) => join(this.dir, path));
      if (files.length > 0)
        await runHost('decompress kernel modules', [...argv, ...files.filter(existsSync)]);
    }
    await this.#index();
  }
}

/** `kernel/fs/ext4/ext4.ko.xz` → `ext4`. */
function moduleName(path: string): string {
  return basename(path)
    .replace(/\.ko(\.\w+)?$/, '')
    .replaceAll('-', '_');
}
