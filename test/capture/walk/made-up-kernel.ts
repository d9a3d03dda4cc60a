/**
 * A made-up kernel for the walk's programs: the members that Linux 6.12 has of the structures which they read, at places
 * of their own. `without` takes some away, as older, newer or smaller kernels do.
 */
import assert from 'node:assert/strict';
import { type Btf, parseBtf } from '../../../src/capture/btf.ts';
import type { KernelOffers } from '../../../src/capture/kernel.ts';

const KERNEL = `
  file.f_inode file.f_op file.private_data
  inode.i_mode inode.i_ino inode.i_sb inode.i_rdev inode.i_flctx inode.i_dentry super_block.s_dev
  dentry.d_name.len dentry.d_name.name dentry.d_parent dentry.d_u.d_alias
  page.compound_head page.mapping page.index page._refcount address_space.host
  pipe_inode_info.head pipe_inode_info.tail pipe_inode_info.ring_size pipe_inode_info.bufs
  pipe_buffer.page pipe_buffer.len pipe_buffer.ops
  socket.sk sock.__sk_common.skc_family sock.__sk_common.skc_state sock.sk_receive_queue unix_sock.scm_stat.nr_fds
  sk_buff.sk sk_buff.cb unix_skb_parms.fp scm_fp_list.count scm_fp_list.fp
  xdp_sock.umem xdp_umem.size xdp_umem.npgs xdp_umem.pgs
  io_ring_ctx.nr_user_bufs io_ring_ctx.user_bufs io_ring_ctx.nr_user_files io_ring_ctx.file_table.files
  io_mapped_ubuf.ubuf io_mapped_ubuf.len io_mapped_ubuf.nr_bvecs io_mapped_ubuf.bvec
  bio_vec.bv_page bio_vec.bv_len bio_vec.bv_offset
  file_lock_context.flc_lease file_lease.c.flc_list file_lease.fl_break_time file_lease.fl_downgrade_time
  scatterlist.page_link scatterlist.offset scatterlist.length
  task_struct.thread.sp task_struct.exit_state task_struct.tgid task_struct.comm
  wait_bit_queue_entry.wq_entry.private wait_bit_queue_entry.wq_entry.func
  rb_node.__rb_parent_color rb_node.rb_left rb_node.rb_right dmar_domain.domain dmar_domain.pgd dmar_domain.agaw
  vm_area_struct.vm_file bpf_iter__task_file.file
`;

const MODULES: Readonly<Record<string, string>> = {
  ib_uverbs: `
    ib_uverbs_file.uobjects ib_uobject.list ib_uobject.object ib_uobject.uapi_object uverbs_api_object.id
    ib_umem.address ib_umem.length ib_umem.writable ib_umem.sgt_append.sgt.sgl ib_umem.sgt_append.sgt.orig_nents
  `,
  ib_core: 'ib_mr.device ib_mr.res.task ib_device.name ib_device.ops.driver_id',
  vfio: 'vfio_container.iommu_data vfio_group.container vfio_device.group vfio_device_file.device',
  vfio_iommu_type1: `
    vfio_iommu.dma_list.rb_node vfio_iommu.domain_list vfio_domain.domain vfio_domain.next
    vfio_dma.node vfio_dma.iova vfio_dma.vaddr vfio_dma.size vfio_dma.prot vfio_dma.task
  `,
  rdma_rxe: 'rxe_mr.ibmr rxe_mr.umem',
};

const SYMBOLS = [
  'io_uring_fops',
  'user_page_pipe_buf_ops',
  'var_wake_function',
  'vmemmap_base',
  'page_offset_base',
  'vfio_fops',
  'vfio_group_fops',
  'vfio_device_fops',
  'jiffies',
  'tick_nsec',
];

/** Linux 6.12 with bpftrace 0.23, without these members (`struct.member`, `module/struct.member`) and symbols. */
export function madeUpKernel(without: readonly string[] = [], bpftrace = 'v0.23.2'): KernelOffers {
  const left = (names: string, prefix = '') =>
    names.split(/\s+/).filter((name) => name !== '' && !without.includes(prefix + name));
  const modules = new Map(
    Object.entries(MODULES).map(([module, names]) => [module, btfOf(left(names, `${module}/`))]),
  );
  return {
    release: '6.12.0-made-up',
    bpftrace,
    functions: new Set(),
    btf: btfOf(left(KERNEL)),
    moduleBtf: (name) => modules.get(name) ?? null,
    symbol: (name) =>
      SYMBOLS.includes(name) && !without.includes(name)
        ? 0xffff_ffff_8100_0000n + 64n * BigInt(SYMBOLS.indexOf(name))
        : null,
    tracepointFields: () => null,
    uverbsMajor: 231,
    iommus: new Set(['dmar']),
    preemption: 'voluntary',
  };
}

/** Members by name; null for a plain number of 8 bytes. */
type Members = Map<string, Members | null>;

/** Type information of structures that have exactly these members, in the layout of include/uapi/linux/btf.h. */
function btfOf(paths: readonly string[]): Btf {
  const structs: Members = new Map();
  for (const path of paths) addPath(structs, path.split('.'));
  const types: (number | string)[][] = [['int', 1 << 24, 8, 64]];
  for (const [name, members] of structs) if (members !== null) addStruct(types, name, members);
  const btf = parseBtf(bytesOf(types));
  assert.ok(btf);
  return btf;
}

function addPath(members: Members, [name = '', ...rest]: readonly string[]): void {
  if (rest.length === 0) {
    members.set(name, null);
    return;
  }
  const inner = members.get(name) ?? new Map();
  members.set(name, inner);
  addPath(inner, rest);
}

/** Adds a structure after those that it contains; returns its id and size. */
function addStruct(
  types: (number | string)[][],
  name: string,
  members: Members,
): { id: number; size: number } {
  let size = 0;
  const words = [...members].flatMap(([member, inner]) => {
    const type = inner === null ? { id: 1, size: 8 } : addStruct(types, '', inner);
    const at = size;
    size += type.size;
    return [member, type.id, at * 8];
  });
  types.push([name, (4 << 24) | members.size, size, ...words]);
  return { id: types.length, size };
}

function bytesOf(types: readonly (readonly (number | string)[])[]): Uint8Array {
  let strings = '\0';
  const words = types.flat().map((word) => {
    if (typeof word === 'number') return word;
    if (word === '') return 0;
    const at = strings.length;
    strings += `${word}\0`;
    return at;
  });
  const bytes = new Uint8Array(24 + words.length * 4 + strings.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, true);
  view.setUint32(4, 24, true);
  view.setUint32(12, words.length * 4, true);
  view.setUint32(16, words.length * 4, true);
  view.setUint32(20, strings.length, true);
  for (const [index, word] of words.entries()) view.setUint32(24 + index * 4, word, true);
  bytes.set(Buffer.from(strings, 'latin1'), 24 + words.length * 4);
  return bytes;
}
