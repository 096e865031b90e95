package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.isa.Attr;
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
  private final PhysicalMemory memory;
  /** Physical addresses at which a block must begin and be one instruction long: instructions that touched a device. */
  private final Set<Long> alone = new HashSet<>();

  BlockBuilder(Cpu cpu, Decoder decoder, OpFactory factory) {
    this.cpu = cpu;
    this.decoder = decoder;
    this.factory = factory;
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
    List<Op> ops = new ArrayList<>();
    List<Integer> offsets = new ArrayList<>();
    CodeSize size = (cpu.mode & Cpu.M_64) != 0 ? CodeSize.BITS64 : (cpu.mode & Cpu.M_32) != 0 ? CodeSize.BITS32 : CodeSize.BITS16;
    int room = PAGE - (int) (pa & PAGE - 1);
    int at = 0;
    long secondPage = -1;
    while (ops.size() < MAX_OPS && at < room) {
      if (at > 0 && alone.contains(pa + at)) {
        break;
      }
      Op op = decode(linear, pa, at, size, at > 0);
      if (op == null) {
        break;
      }
      int length = op.insn == null ? 1 : op.insn.length;
      if (at + length > room) {
        if (at > 0) {
          break;
        }
        secondPage = cpu.mem.fetchAddress(linear + length - 1) >>> PhysicalMemory.PAGE_SHIFT;
      }
      ops.add(op);
      offsets.add(at);
      at += length;
      op.next = at;
      if (op.insn == null || op.insn.row.is(Attr.ENDS) || alone.contains(pa)) {
        break;
      }
    }
    offsets.add(at);
    return new Block(pa, cpu.mode, ops.toArray(Op[]::new), offsets.stream().mapToInt(Integer::intValue).toArray(), secondPage);
  }

  /** One operation, or null if a later instruction of the block cannot be fetched: the block then ends before it. */
  private Op decode(long linear, long pa, int at, CodeSize size, boolean later) {
    try {
      Insn in = decoder.decode(offset -> fetch(linear, pa, at + offset), size);
      return in == null ? factory.undefined() : factory.bind(in, cpu.mode);
    } catch (Fault f) {
      if (later) {
        return null;
      }
      throw f;
    } catch (Decoder.TooLong e) {
      if (later) {
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
