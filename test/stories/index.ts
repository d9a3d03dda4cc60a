/**
 * The stories that are played by default, and those that are not yet, each with the reason: the runner prints them, so
 * that nothing is left out silently.
 */
import type { Story } from '../lab/story.ts';
import { alreadyHung } from './already-hung.ts';
import { directIoSlow } from './direct-io-slow.ts';
import { filtered } from './filtered.ts';
import { finalCloseContexts } from './final-close-contexts.ts';
import { handedOverMapped } from './handed-over-mapped.ts';
import { handedOverUnmapped } from './handed-over-unmapped.ts';
import { inFlight } from './in-flight.ts';
import { inFlightNested } from './in-flight-nested.ts';
import { leaseBreak } from './lease-break.ts';
import { leaseBreakNonblock } from './lease-break-nonblock.ts';
import { leaseBreakTimeout } from './lease-break-timeout.ts';
import { leaseSharedByFork } from './lease-shared-by-fork.ts';
import { nfsDelegation } from './nfs-delegation.ts';
import { nobodyHolds } from './nobody-holds.ts';
import { overflow } from './overflow.ts';
import { pidfdTheft } from './pidfd-theft.ts';
import { pinLeak } from './pin-leak.ts';
import { pnfsLayout } from './pnfs-layout.ts';
import { punchOwnPins } from './punch-own-pins.ts';
import { rdmaExt4 } from './rdma-ext4.ts';
import { rdmaHandedOver } from './rdma-handed-over.ts';
import { rdmaRefusedDax } from './rdma-refused-dax.ts';
import { sigioStray } from './sigio-stray.ts';
import { threeHands } from './three-hands.ts';
import { truncatedUnderPin } from './truncated-under-pin.ts';
import { unlinkLastPinned } from './unlink-last-pinned.ts';
import { uringFixedBuffers } from './uring-fixed-buffers.ts';
import { uringMappingOnly } from './uring-mapping-only.ts';
import { uringRegisteredFile } from './uring-registered-file.ts';
import { vfioMap } from './vfio-map.ts';
import { xdpUmem } from './xdp-umem.ts';

export const stories: readonly Story[] = [
  leaseBreak,
  leaseBreakTimeout,
  leaseBreakNonblock,
  leaseSharedByFork,
  sigioStray,
  finalCloseContexts,
  handedOverUnmapped,
  handedOverMapped,
  alreadyHung,
  truncatedUnderPin,
  nobodyHolds,
  pidfdTheft,
  threeHands,
  inFlight,
  inFlightNested,
  punchOwnPins,
  directIoSlow,
  unlinkLastPinned,
  rdmaHandedOver,
  rdmaRefusedDax,
  rdmaExt4,
  pinLeak,
  uringFixedBuffers,
  uringRegisteredFile,
  uringMappingOnly,
  xdpUmem,
  filtered,
  overflow,
  vfioMap,
  nfsDelegation,
  pnfsLayout,
];

export interface PendingStory {
  readonly name: string;
  /** Absent where there is no workload yet. */
  readonly story?: Story;
  readonly reason: string;
}

export const pending: readonly PendingStory[] = [];
