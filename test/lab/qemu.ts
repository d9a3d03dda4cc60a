/** The virtual machine: QEMU's command line, and the certainty that QEMU never outlives its owner. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { packCheckout } from './checkout.ts';
import { findProgram, runHost } from './host.ts';
import { NODE_DIR } from './paths.ts';
import type { BootFiles } from './setup.ts';

/** `icount` is software emulation whose clock counts instructions: one a nanosecond, whatever else the host does. */
export type Accelerator = 'kvm' | 'tcg' | 'icount';

export interface MachineOptions {
  readonly files: BootFiles;
  /** The guest's run directory: console log, agent pipe, shared directory. */
  readonly runDir: string;
  readonly accelerator: Accelerator;
  /** A host directory to be /mnt/share, read-write. */
  readonly share?: string | undefined;
  /** Appended to the kernel's command line. */
  readonly append?: string | undefined;
  /** Connects the guest's terminal to ours. */
  readonly terminal?: boolean | undefined;
  /** Lets the guest live on when this process ends, for at most so many seconds. */
  readonly detachedSeconds?: number | undefined;
}

/** Paths inside a run directory. */
export const consoleLog = (runDir: string): string => join(runDir, 'console.log');
export const qemuLog = (runDir: string): string => join(runDir, 'qemu.log');
/** A host FIFO: lines written to it reach guest/agent. */
export const agentPipe = (runDir: string): string => join(runDir, 'agent.in');
/** /mnt/lab in the guest. */
export const shareDir = (runDir: string): string => join(runDir, 'lab');

/** The arguments that choose processor and accelerator. */
export function acceleratorArguments(accelerator: Accelerator): string[] {
  // `thread=multi` is not the default when guest and host differ in memory ordering; on x86 it halves the boot
  if (accelerator === 'tcg') return ['-accel', 'tcg,thread=multi', '-cpu', 'max'];
  // counting needs one thread for all processors
  if (accelerator === 'icount') return ['-accel', 'tcg,thread=single', '-icount', 'shift=0', '-cpu', 'max'];
  return ['-accel', 'kvm', '-cpu', 'host'];
}

function kernelCommandLine(options: MachineOptions): string {
  return [
    'console=ttyS0',
    // warnings and worse; a serial line is slow under emulation
    'loglevel=5',
    // with -no-reboot a panic ends QEMU
    'panic=1',
    // VFIO pins only what it maps for an IOMMU (Intel's is off unless asked for)
    'intel_iommu=on',
    // 512 MiB of "persistent" memory from 1 GiB up, /dev/pmem0 (Documentation/admin-guide/kernel-parameters: memmap)
    'memmap=512M!1G',
    `lab.kernel=${options.files.kernel}`,
    ...(options.share === undefined ? [] : ['lab.share']),
    ...(options.terminal ? ['lab.terminal'] : []),
    ...(options.append === undefined ? [] : [options.append]),
  ].join(' ');
}

function machineArguments(options: MachineOptions): string[] {
  const { files, runDir } = options;
  // snapshot=on: the guest's writes go to a deleted temporary file
  const disk = (image: string): string[] => ['-drive', `file=${image},format=raw,if=virtio,snapshot=on`];
  const folder = (path: string, tag: string, rest: string): string[] => [
    '-virtfs',
    `local,path=${path.replaceAll(',', ',,')},mount_tag=${tag},security_model=none,multidevs=remap${rest}`,
  ];
  return [
    ...acceleratorArguments(options.accelerator),
    // intel-iommu is for the newer machine alone; with interrupt remapping kernels wait for a timer tick under emulation and
    // panic where it comes late. No driver of the guest wants edu.
    ...['-machine', 'q35', '-device', 'intel-iommu,intremap=off', '-device', 'edu'],
    ...['-smp', '2', '-m', '2560', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-kernel', files.vmlinuz, '-initrd', files.initrd, '-append', kernelCommandLine(options)],
    ...['-chardev', `file,id=console,path=${consoleLog(runDir)}`, '-serial', 'chardev:console'],
    // guest/init expects root, ext4, modules in this order
    ...disk(files.rootImage),
    ...disk(files.ext4Image),
    ...(files.modulesImage === undefined ? [] : disk(files.modulesImage)),
    ...['-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci'],
    ...['-chardev', `pipe,id=agent,path=${join(runDir, 'agent')}`],
    ...['-device', 'virtserialport,chardev=agent,name=lab.agent'],
    ...(options.terminal
      ? ['-chardev', 'stdio,id=terminal,mux=on,signal=off', '-device', 'virtconsole,chardev=terminal']
      : []),
    ...folder(shareDir(runDir), 'lab', ''),
    ...folder(NODE_DIR, 'node', ',readonly=on'),
    ...(options.share === undefined ? [] : folder(options.share, 'share', '')),
  ];
}

export interface Machine {
  /** Of QEMU, or of the `timeout` which leads a detached one's process group. */
  readonly pid: number;
  /** Resolves when QEMU has ended, however it did. */
  readonly ended: Promise<void>;
}

/** Starts QEMU in a prepared run directory. */
export async function startQemu(options: MachineOptions): Promise<Machine> {
  const { runDir } = options;
  mkdirSync(join(shareDir(runDir), 'jobs'), { recursive: true });
  mkdirSync(join(shareDir(runDir), 'out'), { recursive: true });
  await packCheckout(shareDir(runDir));
  await runHost('make the agent pipe', ['mkfifo', agentPipe(runDir), join(runDir, 'agent.out')]);
  const terminal = options.terminal ? ('inherit' as const) : ('ignore' as const);
  const detached = options.detachedSeconds !== undefined;
  const argv = [
    // QEMU writes to the log itself: through a pipe of ours it would end with us
    ...['sh', '-c', 'exec "$@" 2>"$0"', qemuLog(runDir)],
    // pdeathsig holds even when this process is killed by SIGKILL
    ...(detached
      ? ['timeout', '--signal=TERM', String(options.detachedSeconds)]
      : ['setpriv', '--pdeathsig', 'KILL']),
    findProgram('qemu-system-x86_64') ?? 'qemu-system-x86_64',
    ...machineArguments(options),
  ];
  const qemu = execa(argv[0] ?? '', argv.slice(1), {
    stdin: terminal,
    stdout: terminal,
    stderr: 'ignore',
    reject: false,
    detached,
    cleanup: !detached,
    buffer: false,
    // where QEMU puts the temporary files of snapshot=on
    env: { TMPDIR: runDir },
  });
  if (detached) qemu.unref();
  return { pid: qemu.pid ?? 0, ended: qemu.then(() => undefined) };
}
