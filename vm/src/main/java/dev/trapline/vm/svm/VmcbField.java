package dev.trapline.vm.svm;

import dev.trapline.vm.mem.PhysicalMemory;

/**
 * One field of the VMCB (APM2 appendix B).
 *
 * @param name the manual's name, words joined by underscores
 * @param offset from the start of the VMCB
 * @param bytes 1, 2, 4 or 8
 * @param meaning for people, one line
 */
public record VmcbField(String name, int offset, int bytes, Area area, String meaning) {
  /** The two halves of a VMCB. */
  public enum Area { CONTROL, SAVE }

  /** The field's value in the 4 KiB of a VMCB, zero-extended. */
  public long get(byte[] vmcb) {
    return PhysicalMemory.get(vmcb, offset, bytes);
  }

  /** Stores the field into the 4 KiB of a VMCB. */
  public void set(byte[] vmcb, long value) {
    PhysicalMemory.put(vmcb, offset, bytes, value);
  }

  /** The field of the VMCB at a physical address, without side effects. */
  public long get(PhysicalMemory memory, long vmcb) {
    byte[] b = new byte[8];
    memory.peek(vmcb + offset, b, 0, bytes);
    return PhysicalMemory.get(b, 0, bytes);
  }

  /** Stores the field into the VMCB at a physical address. */
  public void set(PhysicalMemory memory, long vmcb, long value) {
    memory.write(vmcb + offset, bytes, value);
  }
}
