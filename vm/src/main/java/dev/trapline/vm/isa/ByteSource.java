package dev.trapline.vm.isa;

/** Where a decoder takes its bytes from. Reading may raise the reader's own fault (a page fault on the second page). */
@FunctionalInterface
public interface ByteSource {
  /** The byte at an offset from the start of the instruction, 0 to 255. */
  int at(int offset);

  /** A source over an array, from a position; running off the end throws {@link EndOfBytes}. */
  static ByteSource of(byte[] bytes, int start) {
    return offset -> {
      if (start + offset >= bytes.length) {
        throw EndOfBytes.INSTANCE;
      }
      return bytes[start + offset] & 0xff;
    };
  }

  /** The bytes ended inside an instruction. */
  final class EndOfBytes extends RuntimeException {
    private static final long serialVersionUID = 1L;
    static final EndOfBytes INSTANCE = new EndOfBytes();

    private EndOfBytes() {
      super("bytes end inside an instruction", null, false, false);
    }
  }
}
