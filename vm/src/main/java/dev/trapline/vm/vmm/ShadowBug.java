package dev.trapline.vm.vmm;

/**
 * Mistakes that shadow paging has been made with elsewhere, put in on purpose by tests that prove their checks see them. Consulted where
 * tables are made and changed, never while a guest runs. The numbers are those of the regression scenarios of {@code ShadowScenarioTest}.
 */
enum ShadowBug {
  /** R1: what upper levels forbid is not part of a table's key. */
  PARENT_RIGHTS,
  /** R2: a table changed while no way led to it is linked in as it is. */
  LINK_UNSYNCED,
  /** R3: a table brought back into synchrony can still be stored to. */
  SYNC_UNPROTECTED,
  /** R4: all large pages of a frame share a table with the least rights. */
  LARGE_RIGHTS,
  /** R5: a large page has the rights of the table above it. */
  LARGE_RIGHTS_OF_PARENT,
  /** R6: the guest's entries are not looked at again after the walk. */
  NO_REVALIDATION,
  /** R7: a table reached through itself is no table. */
  OWN_TABLES_WRITABLE,
  /** R8, R17: another memory map changes nothing. */
  MAP_KEPT,
  /** R9: the address of a large page is cut to 32 bits. */
  FRAME_TRUNCATED,
  /** R10: a store changes the one entry it begins in. */
  ONE_ENTRY_STORED,
  /** R11: PDPTEs that are not present are filled too. */
  ABSENT_DIRECTORY,
  /** R12: a slot of the monitor's is in every top-level table. */
  HOST_SLOT,
  /** R13: a table knows so many parents and no more. */
  FEW_PARENTS,
  /** R14: the top-level table in use may be given up. */
  ROOT_UNPINNED,
  /** R15: a table just made for a walk may be given up for the next one. */
  PATH_UNPINNED,
  /** R16: a fault of the guest's own is tried again. */
  FAULT_RETRIED,
  /** R18: another CR3 is not noticed. */
  OLD_TABLES,
  /** R19: the reverse map keeps so many entries of a page and no more. */
  REVERSE_FORGETS
}
