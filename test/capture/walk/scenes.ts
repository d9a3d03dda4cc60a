/** What programs of the walk printed in a guest with 6.12, of four ways to hold pages of inode 131 on 259:0 and others. */
import type { Canned } from './canned.ts';

/** MKDEV(259, 0), a pmem device. */
export const DEV = 271_581_184;

const SOCKET_FILE = '-59075390699328000';
const SOCKET = '-59075390715954560';
export const PIPE = '-59075390718909312';
export const ENDS = ['-59075390699328704', '-59075390699328896'] as const;
const PIPE_INODE = '-59075390714728096';
export const PAGE = '-19518864333208640';
const MAPPING = '-59075388000000000';

/** `fd` of process `pid` has this end of the pipe. */
export const openEnd = (pid: number, fd: number, file: string, what = 1) =>
  `["open",${pid},${fd},${file},${PIPE},${PIPE_INODE},15,1424,4096,${what},1072493708110]`;
const keptEnd = (visit: string, keeper: string, file: string) =>
  `["kept",${visit},${keeper},${file},${PIPE},${PIPE_INODE},15,1424,4096,0]`;
/** Four pages in the pipe, as one of its ends shows them. */
export const pipeLines = (visit: string): readonly string[] => [
  `["owner",${visit},${PIPE},4,0,0]`,
  `["pages",${visit},${PIPE},${PAGE},262159,${DEV},131,0,4,16384,${MAPPING}]`,
];

/** Both ends of a pipe wait in the queue of 256's socket; its sender is gone. */
export const IN_FLIGHT: Canned = {
  'open-files': [
    [`["open",256,4,${SOCKET_FILE},${SOCKET},-59075390715954432,8,16011,49152,16,1072493708110]`],
  ],
  sockets: [
    [`["queue",256,4,${SOCKET},2,0]`, keptEnd('256,4', SOCKET, ENDS[0]), keptEnd('256,4', SOCKET, ENDS[1])],
  ],
  pipes: [[...pipeLines(`@${ENDS[0]}`), ...pipeLines(`@${ENDS[1]}`)]],
};

export const RING_FILE = '-59075390699330000';
export const RING = '-59075390718001152';

/** One end of the pipe is a registered file of 255's ring, and nowhere else. */
export const IN_RING: Canned = {
  'open-files': [[`["open",255,3,${RING_FILE},${RING},-59075390711111168,14,936083,0,4,1072493708110]`]],
  'ring-files': [[keptEnd('255,3', RING, ENDS[0])]],
  pipes: [pipeLines(`@${ENDS[0]}`)],
};

export const UVERBS_FILE = '-59075390688000000';
export const UVERBS = '-59075390688001024';
export const UMEM = '-59075390666501376';

/** 423 has the uverbs file of a region that 424 ("rdma") registered before it exited. */
export const REGION: Canned = {
  'open-files': [[`["open",423,3,${UVERBS_FILE},${UVERBS},-59075390700000000,5,410,8192,2,1072493708110]`]],
  regions: [
    [
      `["region",423,3,-59075390688522160,${UMEM},14,424,16,1634559090,0,140143026098176,1048576,1]`,
      '["device",423,3,-59075390688522160,811956338,0,0]',
    ],
  ],
  'region-pages': [
    [
      `["owner",@${UVERBS_FILE}/${UMEM},${UMEM},256,140143026098176,1048576]`,
      `["pages",@${UVERBS_FILE}/${UMEM},${UMEM},${PAGE},262159,${DEV},131,0,256,1048576,${MAPPING}]`,
    ],
  ],
};

export const LEASE =
  `["lease",261,3,-59075390665383136,-59075390699331200,-59075390699331200,${DEV},137,32,1,261,0]` as const;

/** 261 has a file with a write lease of its own. */
export const LEASED: Canned = {
  'open-files': [
    [`["open",261,3,-59075390699331200,0,-59075390701000000,${DEV},137,32768,64,1072493708110]`],
  ],
  leases: [[LEASE]],
};
