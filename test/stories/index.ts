/**
 * The stories that are played by default, and those that are not yet, each with the reason: the runner prints them, so
 * that nothing is left out silently. A pending story can be played by its name.
 */
import type { Story } from '../lab/story.ts';
import { directIoSlow } from './direct-io-slow.ts';
import { finalCloseContexts } from './final-close-contexts.ts';
import { handedOverMapped } from './handed-over-mapped.ts';
import { handedOverUnmapped } from './handed-over-unmapped.ts';
import { leaseBreak } from './lease-break.ts';
import { leaseBreakNonblock } from './lease-break-nonblock.ts';
import { leaseBreakTimeout } from './lease-break-timeout.ts';
import { leaseSharedByFork } from './lease-shared-by-fork.ts';
import { pidfdTheft } from './pidfd-theft.ts';
import { punchOwnPins } from './punch-own-pins.ts';
import { rdmaExt4 } from './rdma-ext4.ts';
import { rdmaHandedOver } from './rdma-handed-over.ts';
import { rdmaRefusedDax } from './rdma-refused-dax.ts';
import { sigioStray } from './sigio-stray.ts';
import { threeHands } from './three-hands.ts';
import { unlinkLastPinned } from './unlink-last-pinned.ts';
import { uringFixedBuffers } from './uring-fixed-buffers.ts';
import { xdpUmem } from './xdp-umem.ts';

export const stories: readonly Story[] = [leaseBreak, handedOverUnmapped, handedOverMapped, rdmaHandedOver];

export interface PendingStory {
  readonly name: string;
  /** Absent where there is no workload yet. */
  readonly story?: Story;
  readonly reason: string;
}

const notCompared = (story: Story): PendingStory => ({
  name: story.name,
  story,
  reason: 'its workload runs on all three kernels, but whopins was not yet compared with it',
});

export const pending: readonly PendingStory[] = [
  ...[
    leaseBreakTimeout,
    leaseBreakNonblock,
    leaseSharedByFork,
    sigioStray,
    rdmaRefusedDax,
    rdmaExt4,
    pidfdTheft,
    punchOwnPins,
    threeHands,
    directIoSlow,
    uringFixedBuffers,
    xdpUmem,
  ].map(notCompared),
  {
    name: finalCloseContexts.name,
    story: finalCloseContexts,
    reason: 'the report says that a lease ended by the last close, but not yet in which context',
  },
  {
    name: unlinkLastPinned.name,
    story: unlinkLastPinned,
    reason: 'no row tells of an eviction that waits, or that frees pinned blocks',
  },
  { name: 'nfs-delegation', reason: 'no workload yet: it needs an NFS server inside the guest' },
  {
    name: 'pnfs-layout',
    reason: 'no workload yet: it needs a pNFS block server and client inside the guest',
  },
  { name: 'vfio-map', reason: 'the guest has no emulated IOMMU, and VFIO without one pins nothing' },
];
