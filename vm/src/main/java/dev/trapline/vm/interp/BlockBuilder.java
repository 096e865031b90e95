package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Decodes blocks. A block ends at an instruction that must be last, at the page, at a split point, or when it is full. */
final class BlockBuilder {
  private static final int MAX_OPS = 64;
  private static final int PAGE = PhysicalMemory.PAGE;

  private final Cpu cpu;
  private final Decoder decoder;
  private final OpFactory factory;
  private final Breakpoints breakpoints;
  private final PhysicalMemory memory;
  /** Physical addresses at which a block must begin and be one instruction long: instructions that touched a device. */
  private final Set<Long> alone = new HashSet<>();

  BlockBuilder(Cpu cpu, Decoder decoder, OpFactory factory, Breakpoints breakpoints) {
    this.cpu = cpu;
    this.decoder = decoder;
    this.factory = factory;
    this.breakpoints = breakpoints;
    this.memory = cpu.mem.physical();
  }

  /** The instruction at a physical address touches a device: from now on it stands alone. */
  void isolate(long pa) {
    alone.add(pa);
  }

  /**
   * Decodes a block.
   *
   * @param linear linear address of its first instruction, for fetching across the page
   * @param pa its physical address
   * @throws Fault if not even the first instruction can be fetched
   */
  Block build(long linear, long pa) {
    var instructions = new ArrayList<Insn>();
    var offsets = new ArrayList<Integer>();
    CodeSize size = codeSize();
    int room = PAGE - (int) (pa & PAGE - 1);
    int at = 0;
    boolean more = true;
    while (more && instructions.size() < MAX_OPS && at < room && !(at > 0 && beginsBlock(pa + at))) {
      Decoded next = decode(linear, pa, at, size);
      if (next == null || at > 0 && (at + next.length() > room || breakpoints.named(next.insn()))) {
        break;
      }
      instructions.add(next.insn());
      offsets.add(at);
      at += next.length();
      more = next.insn() != null && !next.insn().endsBlock() && !alone.contains(pa) && !Intercepted.applies(next.insn(), cpu.mode)
          && !Watched.applies(next.insn(), cpu.mode);
    }
    offsets.add(at);
    long secondPage = at > room ? cpu.mem.fetchAddress(linear + at - 1) >>> PhysicalMemory.PAGE_SHIFT : -1;
    int[] ends = offsets.stream().mapToInt(Integer::intValue).toArray();
    return bind(pa, instructions, ends, secondPage);
  }

  private boolean beginsBlock(long pa) {
    return alone.contains(pa) || breakpoints.candidate(pa);
  }

  private Block bind(long pa, List<Insn> instructions, int[] offsets, long secondPage) {
    Op[] fast = new Op[instructions.size()];
    boolean[] dead = FlagLiveness.dead(instructions);
    boolean differ = false;
    for (int i = 0; i < fast.length; i++) {
      fast[i] = bind(instructions.get(i), dead[i], offsets[i + 1], cpu.mode);
      differ |= dead[i];
    }
    boolean candidate = breakpoints.candidate(pa) || breakpoints.named(instructions.getFirst());
    return new Block(pa, cpu.mode, fast, differ ? null : fast, offsets, secondPage, candidate);
  }

  /** The operations of a block with all their flags. */
  Op[] exact(Block b) {
    Op[] ops = new Op[b.fast.length];
    for (int i = 0; i < ops.length; i++) {
      ops[i] = bind(b.fast[i].insn, false, b.offsets[i + 1], b.mode);
    }
    return ops;
  }

  private Op bind(Insn in, boolean flagsDead, int next, int mode) {
    Op op = factory.bind(in, mode, flagsDead);
    op.next = (short) next;
    op = Intercepted.wrap(op, mode);
    op.next = (short) next;
    op = Watched.wrap(op, mode);
    op.next = (short) next;
    return op;
  }

  private CodeSize codeSize() {
    return (cpu.mode & Cpu.M_64) != 0 ? CodeSize.BITS64 : (cpu.mode & Cpu.M_32) != 0 ? CodeSize.BITS32 : CodeSize.BITS16;
  }

  /** An instruction, or null for bytes that no row matches (taken as one byte long). */
  private record Decoded(Insn insn) {
    int length() {
      return insn == null ? 1 : insn.length;
    }
  }

  /** Decodes one, or gives null if a later instruction of the block cannot be fetched: the block then ends before it. */
  private Decoded decode(long linear, long pa, int at, CodeSize size) {
    try {
      return new Decoded(decoder.decode(offset -> fetch(linear, pa, at + offset), size));
    } catch (Fault f) {
      if (at > 0) {
        return null;
      }
      throw f;
    } catch (Decoder.TooLong e) {
      if (at > 0) {
        return null;
      }
      throw cpu.gp(0);
    }
  }

  private int fetch(long linear, long pa, int offset) {
    boolean samePage = (pa & PAGE - 1) + offset < PAGE;
    long p = samePage ? pa + offset : cpu.mem.fetchAddress(linear + offset);
    return (int) memory.read(p, 1) & 0xff;
  }
}
