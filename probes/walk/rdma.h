// Words of the programs that look into RDMA's memory regions.
//
// Where a driver keeps the ib_umem of a region is its own business: it is looked up in the type information of the drivers
// named here, relative to their struct ib_mr. The numbers are enum rdma_driver_id of include/uapi/rdma/
// ib_user_ioctl_verbs.h, the same from 6.1 to 7.3. Only rxe was tried on a device; the others rest on their type
// information alone, and a driver that is not named here is told without its pages.

#if has(member:rdma_rxe/rxe_mr.umem) && has(member:rdma_rxe/rxe_mr.ibmr)
#define UMEM_RDMA_RXE if ($driver == 14) { $place = (uint64)OFFSET(rdma_rxe/rxe_mr.umem) - OFFSET(rdma_rxe/rxe_mr.ibmr); }
#else
#define UMEM_RDMA_RXE
#endif
#if has(member:mlx5_ib/mlx5_ib_mr.umem) && has(member:mlx5_ib/mlx5_ib_mr.ibmr)
#define UMEM_MLX5_IB if ($driver == 1) { $place = (uint64)OFFSET(mlx5_ib/mlx5_ib_mr.umem) - OFFSET(mlx5_ib/mlx5_ib_mr.ibmr); }
#else
#define UMEM_MLX5_IB
#endif
#if has(member:mlx4_ib/mlx4_ib_mr.umem) && has(member:mlx4_ib/mlx4_ib_mr.ibmr)
#define UMEM_MLX4_IB if ($driver == 2) { $place = (uint64)OFFSET(mlx4_ib/mlx4_ib_mr.umem) - OFFSET(mlx4_ib/mlx4_ib_mr.ibmr); }
#else
#define UMEM_MLX4_IB
#endif
#if has(member:iw_cxgb4/c4iw_mr.umem) && has(member:iw_cxgb4/c4iw_mr.ibmr)
#define UMEM_IW_CXGB4 if ($driver == 4) { $place = (uint64)OFFSET(iw_cxgb4/c4iw_mr.umem) - OFFSET(iw_cxgb4/c4iw_mr.ibmr); }
#else
#define UMEM_IW_CXGB4
#endif
#if has(member:ib_mthca/mthca_mr.umem) && has(member:ib_mthca/mthca_mr.ibmr)
#define UMEM_IB_MTHCA if ($driver == 5) { $place = (uint64)OFFSET(ib_mthca/mthca_mr.umem) - OFFSET(ib_mthca/mthca_mr.ibmr); }
#else
#define UMEM_IB_MTHCA
#endif
#if has(member:bnxt_re/bnxt_re_mr.ib_umem) && has(member:bnxt_re/bnxt_re_mr.ib_mr)
#define UMEM_BNXT_RE if ($driver == 6) { $place = (uint64)OFFSET(bnxt_re/bnxt_re_mr.ib_umem) - OFFSET(bnxt_re/bnxt_re_mr.ib_mr); }
#else
#define UMEM_BNXT_RE
#endif
#if has(member:ocrdma/ocrdma_mr.umem) && has(member:ocrdma/ocrdma_mr.ibmr)
#define UMEM_OCRDMA if ($driver == 7) { $place = (uint64)OFFSET(ocrdma/ocrdma_mr.umem) - OFFSET(ocrdma/ocrdma_mr.ibmr); }
#else
#define UMEM_OCRDMA
#endif
#if has(member:irdma/irdma_mr.region) && has(member:irdma/irdma_mr.ibmr)
#define UMEM_IRDMA if ($driver == 9) { $place = (uint64)OFFSET(irdma/irdma_mr.region) - OFFSET(irdma/irdma_mr.ibmr); }
#else
#define UMEM_IRDMA
#endif
#if has(member:qedr/qedr_mr.umem) && has(member:qedr/qedr_mr.ibmr)
#define UMEM_QEDR if ($driver == 11) { $place = (uint64)OFFSET(qedr/qedr_mr.umem) - OFFSET(qedr/qedr_mr.ibmr); }
#else
#define UMEM_QEDR
#endif
#if has(member:hns_roce_hw_v2/hns_roce_mr.pbl_mtr.umem) && has(member:hns_roce_hw_v2/hns_roce_mr.ibmr)
#define UMEM_HNS_ROCE_HW_V2 if ($driver == 12) { $place = (uint64)OFFSET(hns_roce_hw_v2/hns_roce_mr.pbl_mtr.umem) - OFFSET(hns_roce_hw_v2/hns_roce_mr.ibmr); }
#else
#define UMEM_HNS_ROCE_HW_V2
#endif
#if has(member:rdmavt/rvt_mr.umem) && has(member:rdmavt/rvt_mr.ibmr)
#define UMEM_RDMAVT if ($driver == 15) { $place = (uint64)OFFSET(rdmavt/rvt_mr.umem) - OFFSET(rdmavt/rvt_mr.ibmr); }
#else
#define UMEM_RDMAVT
#endif
#if has(member:efa/efa_mr.umem) && has(member:efa/efa_mr.ibmr)
#define UMEM_EFA if ($driver == 17) { $place = (uint64)OFFSET(efa/efa_mr.umem) - OFFSET(efa/efa_mr.ibmr); }
#else
#define UMEM_EFA
#endif
#if has(member:erdma/erdma_mr.mem.umem) && has(member:erdma/erdma_mr.ibmr)
#define UMEM_ERDMA if ($driver == 19) { $place = (uint64)OFFSET(erdma/erdma_mr.mem.umem) - OFFSET(erdma/erdma_mr.ibmr); }
#else
#define UMEM_ERDMA
#endif
#if has(member:mana_ib/mana_ib_mr.umem) && has(member:mana_ib/mana_ib_mr.ibmr)
#define UMEM_MANA_IB if ($driver == 20) { $place = (uint64)OFFSET(mana_ib/mana_ib_mr.umem) - OFFSET(mana_ib/mana_ib_mr.ibmr); }
#else
#define UMEM_MANA_IB
#endif

// $mr, $driver → $umem, 0 where it is not known.
#define FIND_UMEM \
  $place = NOTHING; \
  UMEM_RDMA_RXE \
  UMEM_MLX5_IB \
  UMEM_MLX4_IB \
  UMEM_IW_CXGB4 \
  UMEM_IB_MTHCA \
  UMEM_BNXT_RE \
  UMEM_OCRDMA \
  UMEM_IRDMA \
  UMEM_QEDR \
  UMEM_HNS_ROCE_HW_V2 \
  UMEM_RDMAVT \
  UMEM_EFA \
  UMEM_ERDMA \
  UMEM_MANA_IB \
  $umem = NOTHING; \
  if ($place != 0) { $umem = READ64($mr + $place); }

// UVERBS_OBJECT_MR of enum uverbs_default_objects, include/uapi/rdma/ib_user_ioctl_cmds.h.
#define IS_REGION(OBJECT) (READ32(READ64(OBJECT + OFFSET(ib_uverbs/ib_uobject.uapi_object)) + OFFSET(ib_uverbs/uverbs_api_object.id)) == ENUM(UVERBS_OBJECT_MR, 7))
#define UMEM(MEMBER) OFFSET(ib_uverbs/ib_umem.MEMBER|ib_core/ib_umem.MEMBER)

#define IS_UVERBS_FILE \
  $is_uverbs = (uint64)0; \
  if ($mode == 0x2000) { \
    if ((READ32($inode + OFFSET(inode.i_rdev)) >> 20) == IB_UVERBS_MAJOR) { $is_uverbs = (uint64)1; } \
  }

// $node of the list of objects → $uobject, and $node goes on.
#define NEXT_OBJECT \
  $uobject = $node - OFFSET(ib_uverbs/ib_uobject.list); \
  $node = READ64($node);

// $uobject → $mr, $device, $driver.
#define LOOK_AT_REGION \
  $mr = READ64($uobject + OFFSET(ib_uverbs/ib_uobject.object)); \
  $device = READ64($mr + OFFSET(ib_core/ib_mr.device)); \
  $driver = (uint64)READ32($device + OFFSET(ib_core/ib_device.ops.driver_id));
