/**
 * Kernels: the newest of a series that the mirror has, or one of the user's own. Packages are unpacked, never installed.
 * Debian kernels up to 6.x are one package with /boot/vmlinuz-RELEASE; 7.x is split, and vmlinuz lies beside the modules.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Apt } from './apt.ts';
import { type Built, type Facts, obtain, recipeHash } from './cache.ts';
import { runHost } from './host.ts';
import { makeImage } from './image.ts';
import { EXIT, LabError, say } from './messages.ts';
import { BOOT_MODULES, EARLY_MODULES, ModuleTree } from './modules.ts';
import type { Pair } from './pairs.ts';

/** File names inside a built kernel's directory. */
export const VMLINUZ = 'vmlinuz';
export const MODULES_IMAGE = 'modules.img';
/** Modules for the initramfs, numbered in loading order. */
export const EARLY_DIR = 'early';

const RECIPE = 3;

/** Where the pair's kernel is in the cache. */
export const kernelName = (pair: Pair): string => `kernel-${pair.kernel}`;

/** The pair's Debian kernel. Facts: `release` (uname -r), `version` (of the package). */
export function obtainKernel(pair: Pair): Promise<Built> {
  const recipe = recipeHash(RECIPE, pair.kernel, pair.kernelSuites, EARLY_MODULES, BOOT_MODULES);
  return obtain(kernelName(pair), recipe, async (dir) => {
    const apt = await Apt.open(pair.kernelSuites);
    const series = pair.kernel.replaceAll('.', '\\.');
    const packages = await apt.names(`^linux-(image|binary|modules|base)-${series}[.][^-]*(-[0-9]+)?-amd64$`);
    const release = packages
      .map((name) => name.replace(/^linux-[a-z]+-/, ''))
      .sort(compareVersions)
      .at(-1);
    if (release === undefined) {
      throw new LabError(`the mirror has no Linux ${pair.kernel} in ${pair.kernelSuites.join(' or ')}`);
    }
    const wanted = packages.filter((name) => name.endsWith(`-${release}`));
    // where the split packages exist, linux-image is only a meta-package
    const split = wanted.filter((name) => !name.startsWith('linux-image-'));
    const chosen = split.length > 1 ? split : wanted;
    const version = await apt.version(chosen[0] ?? '');
    const unpacked = join(dir, 'unpacked');
    await apt.unpack(chosen, unpacked);
    const image = [
      join(unpacked, 'boot', `vmlinuz-${release}`),
      join(unpacked, 'usr/lib/modules', release, 'vmlinuz'),
      join(unpacked, 'lib/modules', release, 'vmlinuz'),
    ].find((path) => existsSync(path));
    if (image === undefined) throw new LabError(`no vmlinuz in the packages ${chosen.join(' ')}`);
    renameSync(image, join(dir, VMLINUZ));
    const modules = ['usr/lib/modules', 'lib/modules']
      .map((path) => join(unpacked, path))
      .find((path) => existsSync(path));
    if (modules === undefined) throw new LabError(`no modules in the packages ${chosen.join(' ')}`);
    const facts = await packModules(modules, dir);
    rmSync(unpacked, { recursive: true });
    return { ...facts, version };
  });
}

/**
 * A kernel of one's own: `image` is a bzImage, `modules` either DIR/lib/modules/RELEASE's DIR (INSTALL_MOD_PATH) or the
 * RELEASE directory itself; without it, all that the lab needs must be built in.
 */
export function obtainOwnKernel(image: string, modules: string | undefined): Promise<Built> {
  if (!existsSync(image)) throw new LabError(`there is no kernel image ${image}`, [], EXIT.wrongUse);
  const stamp = (path: string): unknown => [resolve(path), statSync(path).mtimeMs, statSync(path).size];
  const releaseDir = modules === undefined ? undefined : findReleaseDir(modules);
  const recipe = recipeHash(
    RECIPE,
    stamp(image),
    releaseDir && stamp(releaseDir),
    EARLY_MODULES,
    BOOT_MODULES,
  );
  return obtain('kernel-own', recipe, async (dir) => {
    cpSync(image, join(dir, VMLINUZ));
    if (releaseDir === undefined) return { release: 'own', version: basename(image) };
    const copied = join(dir, 'unpacked', basename(releaseDir));
    cpSync(releaseDir, copied, {
      recursive: true,
      // `build` and `source` point to the whole kernel tree
      filter: (path) => !/\/(build|source)$/.test(path),
    });
    const facts = await packModules(join(dir, 'unpacked'), dir);
    rmSync(join(dir, 'unpacked'), { recursive: true, force: true });
    return { ...facts, version: basename(image) };
  });
}

function findReleaseDir(modules: string): string {
  if (existsSync(join(modules, 'modules.order'))) return resolve(modules);
  const parent = join(modules, 'lib', 'modules');
  const [release] = existsSync(parent) ? readdirSync(parent) : [];
  if (release !== undefined) return join(resolve(parent), release);
  throw new LabError(
    `no modules.order and no lib/modules in ${modules}: give --modules a tree made by modules_install`,
    [],
    EXIT.wrongUse,
  );
}

/** Turns a directory that holds RELEASE/ into an image for /lib/modules and the files for the initramfs. */
async function packModules(modules: string, dir: string): Promise<Facts> {
  const root = join(dir, 'tree');
  mkdirSync(join(root, 'lib'), { recursive: true });
  renameSync(modules, join(root, 'lib', 'modules'));
  const tree = await ModuleTree.open(root);
  say(`packing the modules of ${tree.release}`);
  await tree.decompress(tree.inLoadingOrder([...EARLY_MODULES, ...BOOT_MODULES]));
  mkdirSync(join(dir, EARLY_DIR));
  tree.inLoadingOrder(EARLY_MODULES).forEach((path, index) => {
    const name = `${String(index).padStart(2, '0')}-${basename(path)}`;
    cpSync(join(tree.dir, path), join(dir, EARLY_DIR, name));
  });
  await makeImage(join(dir, MODULES_IMAGE), join(root, 'lib', 'modules'));
  await runHost('remove the unpacked modules', ['rm', '-rf', root]);
  return { release: tree.release };
}

/** Orders kernel releases by their numbers: 6.12.9 before 6.12.107, and 6.1.0-9 before 6.1.0-56. */
export function compareVersions(a: string, b: string): number {
  const numbers = (text: string): number[] => (text.replace(/-amd64$/, '').match(/\d+/g) ?? []).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? -1) - (right[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return a.localeCompare(b);
}
