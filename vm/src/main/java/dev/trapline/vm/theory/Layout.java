package dev.trapline.vm.theory;

import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.mem.PhysicalMemory;

/**
 * What stands where in the 64 KiB that the program under experiment sees, and the tables of a small operating system around it. Two real
 * places hold the same 64 KiB, so that the program can be run in either; only what must say where it is (bases in the GDT) differs.
 *
 * <p>In 32-bit mode the segments of the second place have base {@link #SHIFT}; in 64-bit mode, where segments have no base, page tables
 * map the same linear addresses to the second place, and the descriptor tables are reached at {@link #SHIFT} above. A program of the 8086
 * sees its segments itself and always runs in the first place; only the tables move.
 */
final class Layout {
  static final int SIZE = 0x10000;
  /** {@code jmp $}, as a 16-bit number. */
  static final int SPIN = 0xfeeb;
  static final int GDT = 0x1000;
  static final int IDT = 0x3000;
  /** The interrupt vector table of real mode. */
  private static final int VECTORS = 0x4000;
  static final int TSS = 0x5000;
  /** State of the task that {@link #FREE_TASK} is. */
  private static final int TASK_STATE = 0x5200;
  static final int LDT = 0x5800;
  static final int HANDLERS = 0x6000;
  static final int HANDLER_SIZE = 16;
  /** End of the stack of ring 0 that interrupts from ring 3 get. */
  static final int RING0_STACK = 0x8000;
  static final int CODE = 0x8000;
  static final int LANDING = 0x8040;
  static final int DATA = 0xa000;
  static final int STRING_FROM = 0xb000;
  static final int STRING_TO = 0xb400;
  static final int OPERAND = 0xa100;
  static final int STACK = 0xc800;
  static final int FRAME = 0xca00;

  /** Linear distance of the second place. */
  static final long SHIFT = 0x400000;
  private static final int FIRST = 0x10000;
  private static final int SECOND = 0x20000;
  private static final int TABLES = 0x30000;
  private static final int OTHER_TABLES = 0x38000;

  // Selectors. System descriptors take two slots in 64-bit mode.
  static final int CODE0 = 0x08;
  static final int DATA0 = 0x10;
  static final int CONFORMING = 0x28;
  static final int GATE3 = 0x30;
  static final int TASK = 0x40;
  static final int OTHER_TASK = 0x50;
  static final int LOCAL = 0x60;
  static final int OTHER_LOCAL = 0x70;
  static final int FREE_TASK = 0x80;
  static final int GATE0 = 0x90;
  static final int DATA1 = 0xa0;
  static final int CODE1 = 0xa8;
  static final int FRESH = 0xb0;
  static final int ABSENT = 0xb8;
  static final int READ_ONLY = 0xc0;
  static final int GDT_LIMIT = 0xcf;

  static final int FLAT_LIMIT = 0xfffff;
  private static final int TASK_LIMIT = 0x67;
  static final int LOCAL_LIMIT = 0x1f;
  /** Access rights as in {@link dev.trapline.vm.cpu.Segment#access}. */
  static final int CODE_RIGHTS = 0xc09b;
  static final int CODE64_RIGHTS = 0xa09b;
  static final int DATA_RIGHTS = 0xc093;
  static final int TASK_RIGHTS = 0x8b;
  static final int LOCAL_RIGHTS = 0x82;
  private static final int DPL3 = 0x60;
  private static final int DPL1 = 0x20;
  private static final int ACCESSED = 1;
  /** Vectors: a gate only the kernel may name in INT n, and one anybody may. */
  static final int KERNEL_VECTOR = 0x20;
  static final int USER_VECTOR = 0x30;
  private static final int PAGE = PhysicalMemory.PAGE;
  private static final int CONVENTIONAL = 0xa0000;

  /** 64-bit mode. */
  final boolean wide;
  /** Real mode and virtual-8086 mode. */
  final boolean old;

  /** @param bits 16, 32 or 64 */
  Layout(int bits) {
    this.wide = bits == 64;
    this.old = bits == 16;
  }

  /** Whether the program runs in the second place. */
  boolean moves(boolean second) {
    return second && !old;
  }

  CodeSize codeSize() {
    return wide ? CodeSize.BITS64 : old ? CodeSize.BITS16 : CodeSize.BITS32;
  }

  /** The segments of an 8086 program, of either place. */
  static int segment(boolean second) {
    return place(second) >> 4;
  }

  /** Selector of the code segment of a level, with its RPL. */
  int code(int level) {
    return level == 0 ? CODE0 : (wide ? 0x20 : 0x18) | 3;
  }

  /** Selector of the stack segment of a level, with its RPL. */
  int data(int level) {
    return level == 0 ? DATA0 : (wide ? 0x18 : 0x20) | 3;
  }

  int codeRights(int level) {
    return (wide ? CODE64_RIGHTS : CODE_RIGHTS) | (level == 3 ? DPL3 : 0);
  }

  static int dataRights(int level) {
    return DATA_RIGHTS | (level == 3 ? DPL3 : 0);
  }

  /** Base of the program's segments at a place. */
  long segmentBase(boolean second) {
    return old ? FIRST : second && !wide ? SHIFT : 0;
  }

  /** Linear address at which a place's descriptor tables are reached. */
  long tableBase(boolean second) {
    return old ? place(second) : second ? SHIFT : 0;
  }

  /** Where the table of vectors is that the processor uses, and its last byte. */
  int vectors(int level) {
    return old && level == 0 ? VECTORS : IDT;
  }

  int vectorsLimit(int level) {
    return old && level == 0 ? 4 * 256 - 1 : (wide ? 16 : 8) * 256 - 1;
  }

  static int place(boolean second) {
    return second ? SECOND : FIRST;
  }

  /** CR3. */
  long root(boolean second) {
    return second && wide ? OTHER_TABLES : TABLES;
  }

  // ---- page tables

  /** Page tables with all accessed and dirty bits set, every page open to every level. */
  void writeTables(PhysicalMemory memory) {
    if (old) {
      memory.write(TABLES, 4, TABLES + PAGE | 0x27);
      pages(memory, TABLES + PAGE, 4, 0, CONVENTIONAL / PAGE);
    } else if (!wide) {
      memory.write(TABLES, 4, TABLES + PAGE | 0x27);
      memory.write(TABLES + 4, 4, TABLES + 2 * PAGE | 0x27);
      pages(memory, TABLES + PAGE, 4, FIRST, SIZE / PAGE);
      pages(memory, TABLES + 2 * PAGE, 4, SECOND, SIZE / PAGE);
    } else {
      wideTables(memory, TABLES, FIRST);
      wideTables(memory, OTHER_TABLES, SECOND);
    }
  }

  private static void wideTables(PhysicalMemory memory, int root, int place) {
    memory.write(root, 8, root + PAGE | 0x27);
    memory.write(root + PAGE, 8, root + 2 * PAGE | 0x27);
    memory.write(root + 2 * PAGE, 8, root + 3 * PAGE | 0x27);
    memory.write(root + 2 * PAGE + 16, 8, root + 3 * PAGE | 0x27);
    pages(memory, root + 3 * PAGE, 8, place, SIZE / PAGE);
  }

  private static void pages(PhysicalMemory memory, int table, int entry, int place, int count) {
    for (int i = 0; i < count; i++) {
      memory.write(table + (long) entry * i, entry, place + i * PAGE | 0x67);
    }
  }

  // ---- the 64 KiB

  /** What the program finds in its memory. */
  byte[] image(boolean second) {
    byte[] m = new byte[SIZE];
    descriptors(m, second);
    for (int v = 0; v < 256; v++) {
      boolean anybody = v == 1 || v == 3 || v == 4 || v > KERNEL_VECTOR;
      gate(m, IDT + (wide ? 16 : 8) * v, HANDLERS + HANDLER_SIZE * v, anybody ? 0xee : 0x8e);
      spin(m, HANDLERS + HANDLER_SIZE * v, 2);
      if (old) {
        PhysicalMemory.put(m, VECTORS + 4 * v, 4, HANDLERS + HANDLER_SIZE * v | (long) segment(false) << 16);
      }
    }
    PhysicalMemory.put(m, TSS + 4, wide ? 8 : 4, RING0_STACK - 16);
    PhysicalMemory.put(m, TSS + 8, 4, wide ? 0 : DATA0);
    PhysicalMemory.put(m, TSS + TASK_LIMIT - 1, 2, TASK_LIMIT + 1);
    spin(m, CODE, 0x1000);
    if (!wide) {
      task(m);
    }
    return m;
  }

  /** A task of level 0 that spins (SDM 3A 7.2.1). */
  private void task(byte[] m) {
    long[] words = {root(false), LANDING, 2, 0, 0, 0, 0, STACK, 0, 0, 0, data(3), CODE0, DATA0, data(3), data(3), data(3)};
    for (int i = 0; i < words.length; i++) {
      PhysicalMemory.put(m, TASK_STATE + 0x1c + 4 * i, 4, words[i]);
    }
    PhysicalMemory.put(m, TASK_STATE + TASK_LIMIT - 1, 2, TASK_LIMIT + 1);
  }

  /** Jumps to themselves: whoever comes there stays there. */
  static void spin(byte[] m, int at, int length) {
    for (int i = 0; i < length; i += 2) {
      PhysicalMemory.put(m, at + i, 2, SPIN);
    }
  }

  /** One of them. */
  static byte[] spinning() {
    byte[] m = new byte[2];
    spin(m, 0, 2);
    return m;
  }

  private void descriptors(byte[] m, boolean second) {
    long base = segmentBase(second);
    segment(m, CODE0, base, codeRights(0));
    segment(m, DATA0, base, DATA_RIGHTS);
    segment(m, code(3) & ~3, base, codeRights(3));
    segment(m, data(3) & ~3, base, dataRights(3));
    segment(m, CONFORMING, base, codeRights(0) | 4);
    segment(m, DATA1, base, DATA_RIGHTS | DPL1);
    segment(m, CODE1, base, codeRights(0) | DPL1);
    segment(m, FRESH, base, dataRights(3) & ~ACCESSED);
    segment(m, ABSENT, base, dataRights(3) & ~0x80);
    segment(m, READ_ONLY, base, dataRights(3) & ~2);
    long tables = tableBase(second);
    system(m, TASK, tables + TSS, TASK_LIMIT, TASK_RIGHTS);
    system(m, OTHER_TASK, tables + TSS, TASK_LIMIT, TASK_RIGHTS);
    system(m, FREE_TASK, tables + TASK_STATE, TASK_LIMIT, 0x89);
    system(m, LOCAL, tables + LDT, LOCAL_LIMIT, LOCAL_RIGHTS);
    system(m, OTHER_LOCAL, tables + LDT, LOCAL_LIMIT, LOCAL_RIGHTS);
    gate(m, GDT + GATE3, LANDING, 0xec);
    gate(m, GDT + GATE0, LANDING, 0x8c);
  }

  private void segment(byte[] m, int selector, long base, int rights) {
    put(m, selector, base, FLAT_LIMIT, rights);
  }

  private void system(byte[] m, int selector, long base, int limit, int rights) {
    put(m, selector, base, limit, rights);
  }

  private static void put(byte[] m, int selector, long base, int limit, int rights) {
    long high = (limit & 0xf0000L | base & 0xff000000L) << 32;
    long d = limit & 0xffff | (base & 0xffffff) << 16 | (long) (rights & 0xf0ff) << 40 | high;
    PhysicalMemory.put(m, GDT + selector, 8, d);
  }

  /** An interrupt or call gate to the kernel's code segment. */
  private static void gate(byte[] m, int at, int target, int type) {
    PhysicalMemory.put(m, at, 8, target & 0xffff | CODE0 << 16 | (long) type << 40);
  }
}
