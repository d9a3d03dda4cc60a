/** ext4 images made from directories, without mounting anything. */
import { runHost } from './host.ts';

/** Writes an ext4 image that holds `dir`'s content, with `spareMiB` of room. */
export async function makeImage(image: string, dir: string, spareMiB = 64): Promise<void> {
  const used = Number((await runHost('measure a directory', ['du', '-sm', dir])).split('\t')[0]);
  // a tenth more for the file system's own tables
  const sizeMiB = Math.ceil(used * 1.1) + spareMiB;
  await runHost(`make the image ${image}`, [
    'mke2fs',
    '-q',
    '-t',
    'ext4',
    '-m',
    '0',
    '-d',
    dir,
    image,
    `${sizeMiB}M`,
  ]);
}
