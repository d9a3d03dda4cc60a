/** Set-up: everything a guest boots from, found in the cache or built now. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Built, withLock } from './cache.ts';
import { installHostPackages } from './host.ts';
import { INITRD, obtainInitramfs } from './initramfs.ts';
import { kernelName, MODULES_IMAGE, obtainKernel, obtainOwnKernel, VMLINUZ } from './kernels.ts';
import type { Pair } from './pairs.ts';
import { CACHE } from './paths.ts';
import { EXT4_IMAGE, obtainExt4, obtainRoot, ROOT_IMAGE, rootName } from './rootfs.ts';

/** A kernel of the user's own, which replaces the pair's. */
export interface OwnKernel {
  readonly image: string;
  readonly modules?: string;
}

/** The files one guest boots from, and what they are. */
export interface BootFiles {
  readonly kernel: string;
  readonly vmlinuz: string;
  readonly initrd: string;
  readonly rootImage: string;
  /** Absent for a kernel of one's own without modules. */
  readonly modulesImage: string | undefined;
  readonly ext4Image: string;
  /** `uname -r`, as the packages say; 'own' where nothing tells. */
  readonly release: string;
  /** The kernel package's version; the image's name for a kernel of one's own. */
  readonly kernelVersion: string;
  /** The bpftrace package's version. */
  readonly bpftraceVersion: string;
}

/**
 * Installs what the host lacks and obtains the pair's files: minutes the first time, milliseconds later.
 * Throws a LabError when a download or a build fails.
 */
export async function prepare(pair: Pair, own?: OwnKernel): Promise<BootFiles> {
  return withLock(async () => {
    await installHostPackages();
    const kernel =
      own === undefined ? await obtainKernel(pair) : await obtainOwnKernel(own.image, own.modules);
    const root = await obtainRoot(pair);
    const ext4 = await obtainExt4();
    const initrd = await obtainInitramfs(own === undefined ? pair.kernel : 'own', kernel);
    const hasModules = own === undefined || own.modules !== undefined;
    return {
      kernel: pair.kernel,
      vmlinuz: join(kernel.dir, VMLINUZ),
      initrd: join(initrd.dir, INITRD),
      rootImage: join(root.dir, ROOT_IMAGE),
      modulesImage: hasModules ? join(kernel.dir, MODULES_IMAGE) : undefined,
      ext4Image: join(ext4.dir, EXT4_IMAGE),
      release: fact(kernel, 'release'),
      kernelVersion: fact(kernel, 'version'),
      bpftraceVersion: fact(root, 'bpftrace'),
    };
  });
}

/** Forgets a pair's kernel and root file system, so that the mirror's newest are built next. */
export async function forget(pair: Pair): Promise<void> {
  await withLock(async () => {
    for (const name of [kernelName(pair), rootName(pair)])
      rmSync(join(CACHE, name), { recursive: true, force: true });
  });
}

/** One line about what will boot. */
export function describe(files: BootFiles): string {
  return `Linux ${files.release} (${files.kernelVersion}) with bpftrace ${files.bpftraceVersion}`;
}

function fact(built: Built, name: string): string {
  return built.facts[name] ?? 'unknown';
}
