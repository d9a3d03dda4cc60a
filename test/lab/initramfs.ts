/** The initramfs: busybox, the modules that reach the root disk, and the scripts that run in the guest. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Built, obtain, recipeHash } from './cache.ts';
import { runHost } from './host.ts';
import { EARLY_DIR } from './kernels.ts';
import { GUEST_SCRIPTS } from './paths.ts';

export const INITRD = 'initrd.img';

const BUSYBOX = '/bin/busybox';
const RECIPE = 1;

/** The initramfs for one built kernel; it is made again when the kernel or a guest script changes. */
export function obtainInitramfs(name: string, kernel: Built): Promise<Built> {
  const scripts = readdirSync(GUEST_SCRIPTS).map((file) => readFileSync(join(GUEST_SCRIPTS, file), 'utf8'));
  const recipe = recipeHash(
    RECIPE,
    kernel.facts,
    readFileSync(join(kernel.dir, 'facts.json'), 'utf8'),
    scripts,
  );
  return obtain(`initrd-${name}`, recipe, async (dir) => {
    const tree = join(dir, 'tree');
    for (const path of ['bin', 'dev', 'proc', 'sys', 'root', 'early', 'lab']) {
      mkdirSync(join(tree, path), { recursive: true });
    }
    cpSync(BUSYBOX, join(tree, 'bin', 'busybox'));
    symlinkSync('busybox', join(tree, 'bin', 'sh'));
    const early = join(kernel.dir, EARLY_DIR);
    if (existsSync(early)) cpSync(early, join(tree, 'early'), { recursive: true });
    for (const file of readdirSync(GUEST_SCRIPTS)) {
      cpSync(join(GUEST_SCRIPTS, file), join(tree, 'lab', file));
      chmodSync(join(tree, 'lab', file), 0o755);
    }
    cpSync(join(tree, 'lab', 'init'), join(tree, 'init'));
    // the kernel takes an uncompressed "newc" archive as it is (Documentation/driver-api/early-userspace)
    const pack = `cd "$1" && find . | ${BUSYBOX} cpio -o -H newc > "$2"`;
    await runHost('pack the initramfs', ['sh', '-c', pack, 'sh', tree, join(dir, INITRD)]);
    rmSync(tree, { recursive: true });
    return {};
  });
}
