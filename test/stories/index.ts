/**
 * The stories that are played and judged, and those whose workload exists but which are not judged yet, each with the
 * reason: the runner prints them, so that nothing is left out silently.
 */
import type { Story } from '../lab/story.ts';
import { handedOverMapped } from './handed-over-mapped.ts';
import { handedOverUnmapped } from './handed-over-unmapped.ts';
import { leaseBreak } from './lease-break.ts';
import { rdmaHandedOver } from './rdma-handed-over.ts';

export const stories: readonly Story[] = [leaseBreak, handedOverUnmapped, handedOverMapped, rdmaHandedOver];

export interface PendingStory {
  readonly name: string;
  readonly reason: string;
}

export const pending: readonly PendingStory[] = [];
