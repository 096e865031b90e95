package dev.trapline.vm.debug.paging;

/**
 * A page, or neighbouring pages of the same rights.
 *
 * @param linear first linear address
 * @param bytes of the whole range
 * @param physical guest-physical address the first byte is mapped to; -1 if the pages are not one after another there
 * @param host host-physical address; the same as {@code physical} without nested tables, -1 as above
 * @param pageBytes size of each page; 0 if they differ
 * @param accessed whether a page of them was accessed
 * @param dirty whether a page of them was stored to
 */
public record Mapping(long linear, long bytes, long physical, long host, long pageBytes, Rights rights, boolean accessed, boolean dirty) {
  static final long A = 0x20;
  static final long D = 0x40;

  /** The last linear address. */
  public long last() {
    return linear + bytes - 1;
  }

  // Short names for filters: pt ls --where {it.w && it.x}

  public boolean getW() {
    return rights.writable();
  }

  public boolean getX() {
    return rights.executable();
  }

  public boolean getU() {
    return rights.user();
  }

  public boolean getG() {
    return rights.global();
  }

  boolean continues(Mapping m, boolean used) {
    boolean same = !used || m.accessed == accessed && m.dirty == dirty && m.pageBytes == pageBytes;
    return linear + bytes == m.linear && rights.equals(m.rights) && same && AddressSpace.upper(linear) == AddressSpace.upper(m.linear);
  }

  Mapping with(Mapping m) {
    return new Mapping(linear, bytes + m.bytes, after(physical, m.physical), after(host, m.host), pageBytes == m.pageBytes ? pageBytes : 0,
        rights, accessed || m.accessed, dirty || m.dirty);
  }

  private long after(long mine, long next) {
    return mine >= 0 && mine + bytes == next ? mine : -1;
  }

  /** Whether a physical address is in it; for single pages. */
  public boolean holds(long pa) {
    return Long.compareUnsigned(pa, physical) >= 0 && Long.compareUnsigned(pa, physical + bytes) < 0;
  }
}
