/** Whether KVM works: nested KVM can be there and yet never get through the kernel's decompressor, so it is tried. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { recipeHash } from './cache.ts';
import { findProgram } from './host.ts';
import { EXIT, LabError, say } from './messages.ts';
import { CACHE } from './paths.ts';
import { type Accelerator, acceleratorArguments } from './qemu.ts';
import type { BootFiles } from './setup.ts';

const TRIAL_MS = 8_000;

/**
 * The accelerator to use: WHOPINS_LAB_ACCEL if set (kvm, tcg or icount), else KVM when a trial boot gets to user space
 * within 8 s, else software emulation. The trial's outcome is kept, per host kernel and processor.
 */
export async function chooseAccelerator(files: BootFiles): Promise<Accelerator> {
  const wanted = process.env.WHOPINS_LAB_ACCEL;
  if (wanted === 'kvm' || wanted === 'tcg' || wanted === 'icount') return wanted;
  if (wanted)
    throw new LabError(`WHOPINS_LAB_ACCEL is '${wanted}': it can be kvm, tcg or icount`, [], EXIT.wrongUse);
  if (!existsSync('/dev/kvm')) return 'tcg';
  const processor = /^model name.*$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[0];
  const outcome = join(CACHE, `kvm-${recipeHash(release(), processor)}`);
  try {
    return readFileSync(outcome, 'utf8') as Accelerator;
  } catch {
    say('trying KVM');
    const accelerator = (await bootsWithKvm(files)) ? 'kvm' : 'tcg';
    say(accelerator === 'kvm' ? 'KVM works' : 'KVM does not boot a kernel here: using software emulation');
    writeFileSync(outcome, accelerator);
    return accelerator;
  }
}

async function bootsWithKvm(files: BootFiles): Promise<boolean> {
  const dir = join(CACHE, `kvm-trial-${process.pid}`);
  mkdirSync(dir, { recursive: true });
  const console = join(dir, 'console.log');
  await execa(
    findProgram('qemu-system-x86_64') ?? 'qemu-system-x86_64',
    [
      ...acceleratorArguments('kvm'),
      ...['-smp', '2', '-m', '1024', '-nodefaults', '-display', 'none', '-no-reboot'],
      ...['-kernel', files.vmlinuz, '-initrd', files.initrd],
      ...['-append', 'console=ttyS0 panic=1 lab.only_boot', '-serial', `file:${console}`],
    ],
    { reject: false, stdio: 'ignore', timeout: TRIAL_MS, forceKillAfterDelay: 1_000 },
  );
  const booted = existsSync(console) && readFileSync(console, 'utf8').includes('lab: the kernel boots');
  rmSync(dir, { recursive: true });
  return booted;
}
