/**
 * Physical address ranges of persistent-memory block devices. A DAX page that truncate has cut off no longer points to
 * its file, but its physical address still lies in the device that held it: the answer can name at least that.
 */
import { parseDecimalDevice } from './inode-id.ts';
import { listNames, readLink, readText } from './proc-file.ts';

export interface PmemDevice {
  /** "pmem0". */
  readonly name: string;
  /** The block device, as the kernel's dev_t: the `dev` of files on a file system that lies directly on it. */
  readonly dev: number;
  /** Its physical addresses, `end` excluded. Beyond 2^53 bytes no machine has memory. */
  readonly start: number;
  readonly end: number;
}

/**
 * The pmem block devices of this machine: /sys/block/pmem0 with its `dev`, and `resource` and `size` of the namespace
 * or region that its `device` link leads to (drivers/nvdimm/namespace_devs.c; root only). One whose range is not told
 * (an unset resource reads as -1 or 0xffffffffffffffff) is left out.
 */
export function readPmemDevices(sysRoot = '/sys'): readonly PmemDevice[] {
  return listNames(`${sysRoot}/block`)
    .filter((name) => /^pmem\d/.test(name))
    .flatMap((name) => {
      const dev = parseDecimalDevice((readText(`${sysRoot}/block/${name}/dev`) ?? '').trim());
      const range = readRange(sysRoot, name);
      return dev === null || range === null ? [] : [{ name, dev, ...range }];
    });
}

/** The device in whose range a physical address lies, or null. */
export function pmemDeviceAt(devices: readonly PmemDevice[], physicalAddress: number): PmemDevice | null {
  return devices.find(({ start, end }) => physicalAddress >= start && physicalAddress < end) ?? null;
}

function readRange(sysRoot: string, name: string): { start: number; end: number } | null {
  const namespace = readLink(`${sysRoot}/block/${name}/device`)?.split('/').at(-1);
  const places = [`${sysRoot}/block/${name}/device`, `${sysRoot}/bus/nd/devices/${namespace}`];
  for (const place of places) {
    const start = readInteger(`${place}/resource`);
    const bytes = readInteger(`${place}/size`);
    if (start !== null && bytes !== null && bytes > 0) return { start, end: start + bytes };
  }
  return null;
}

/** `resource` is printed in hex with 0x, `size` in decimal. */
function readInteger(path: string): number | null {
  const text = (readText(path) ?? '').trim();
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}
