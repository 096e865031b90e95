package dev.trapline.vm.debug;

/** Where the fields of a kernel's structures are. */
interface Layout {
  /** The offset in bytes of a member by a path such as {@code thread_info.cpu}; -1 if a part of it is not there. */
  int offset(String struct, String path);
}
