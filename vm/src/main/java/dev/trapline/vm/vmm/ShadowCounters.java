package dev.trapline.vm.vmm;

/** What shadow paging had to do for a guest. */
public final class ShadowCounters {
  int pages;
  long trueFaults;
  long hiddenFaults;
  long traceFaults;
  long deviceFaults;
  long unsyncs;
  long syncs;
  long evictions;
  long floods;
  long flushes;
  long invalidations;

  ShadowCounters() {}

  /** Shadow pages now. */
  public int pages() {
    return pages;
  }

  /** Page faults the guest's own tables cause: they were given to the guest. */
  public long trueFaults() {
    return trueFaults;
  }

  /** Page faults only for want of a shadow entry: the guest saw nothing. */
  public long hiddenFaults() {
    return hiddenFaults;
  }

  /** Stores into the guest's page tables. */
  public long traceFaults() {
    return traceFaults;
  }

  /** Accesses to addresses where no memory is. */
  public long deviceFaults() {
    return deviceFaults;
  }

  /** Guest tables let out of synchrony. */
  public long unsyncs() {
    return unsyncs;
  }

  /** Guest tables brought back into it. */
  public long syncs() {
    return syncs;
  }

  /** Shadow pages taken for others because the pool was full. */
  public long evictions() {
    return evictions;
  }

  /** Guest tables given up because they were written without being used. */
  public long floods() {
    return floods;
  }

  /** Loads of CR3 and whatever else drops all translations. */
  public long flushes() {
    return flushes;
  }

  /** INVLPG. */
  public long invalidations() {
    return invalidations;
  }
}
