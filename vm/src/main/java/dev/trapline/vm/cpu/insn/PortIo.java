package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.ENDS;
import static dev.trapline.vm.isa.Attr.IOPL;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.DebugRegisters;
import dev.trapline.vm.cpu.Segment;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Intercept;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.Row;
import java.util.List;
import java.util.stream.Stream;

/** IN and OUT, and the rights to ports: IOPL and the permission bitmap of the task state segment (SDM 1 18.5). */
final class PortIo {
  static final List<Row> ROWS = Stream.of(
      port("E4", "in", "AL,Ib").sized(PortIo::in).spec("SDM 2A IN"),
      port("E5", "in", "eAX,Ib").sized(PortIo::in).spec("SDM 2A IN"),
      port("EC", "in", "AL,DX").sized(PortIo::in).spec("SDM 2A IN"),
      port("ED", "in", "eAX,DX").sized(PortIo::in).spec("SDM 2A IN"),
      port("E6", "out", "Ib,AL").does(PortIo::out).spec("SDM 2B OUT"),
      port("E7", "out", "Ib,eAX").does(PortIo::out).spec("SDM 2B OUT"),
      port("EE", "out", "DX,AL").does(PortIo::out).spec("SDM 2B OUT"),
      port("EF", "out", "DX,eAX").does(PortIo::out).spec("SDM 2B OUT")).toList();

  /** Offset of the I/O map base in a 32- and 64-bit TSS (SDM 3A figures 8-2 and 8-11). */
  private static final int MAP_BASE = 102;
  private static final int TSS32_AVAILABLE = 9;
  private static final int TSS32_BUSY = 11;

  private PortIo() {}

  private static Def port(String encoding, String name, String operands) {
    return row(encoding, name, operands).with(ENDS, IOPL).intercept(Intercept.IOIO).after(PortIo::check);
  }

  /** The right to the port, by itself. */
  static void check(Cpu c, Insn in) {
    boolean read = (in.row.enc().opcode() & 2) == 0;
    Operand where = in.op(read ? 1 : 0);
    int port = where instanceof Operand.Imm i ? (int) i.value() & 0xff : (int) c.r[Cpu.RDX] & 0xffff;
    requireRight(c, port, in.op(read ? 0 : 1).bits() >> 3);
  }

  static long in(Cpu c, long port, int w) {
    requirePermission(c, (int) port, w >> 3);
    return c.ports.in((int) port, w >> 3) & 0xffffffffL;
  }

  static void out(Cpu c, Insn in) {
    int port = (int) Operands.get(c, in.op(0));
    int bytes = in.op(1).bits() >> 3;
    requirePermission(c, port, bytes);
    c.ports.out(port, bytes, (int) Operands.get(c, in.op(1)));
  }

  /** #GP(0) unless CPL is within IOPL or the TSS allows every one of the ports; virtual-8086 mode looks at the TSS alone. I/O breakpoints are noted. */
  static void requirePermission(Cpu c, int port, int bytes) {
    requireRight(c, port, bytes);
    DebugRegisters.port(c, port, bytes);
  }

  private static void requireRight(Cpu c, int port, int bytes) {
    boolean byLevel = !c.protectedMode() || !c.v86() && c.cpl <= (c.sysFlags & Cpu.IOPL) >> 12;
    if (!byLevel && !allowedByTss(c, port, bytes)) {
      throw c.gp(0);
    }
  }

  private static boolean allowedByTss(Cpu c, int port, int bytes) {
    Segment tss = c.tr;
    int type = tss.access & Segment.TYPE;
    if (tss.unusable || !tss.present() || type != TSS32_AVAILABLE && type != TSS32_BUSY || tss.limit < MAP_BASE + 1) {
      return false;
    }
    long at = (c.mem.readSystem(tss.base + MAP_BASE, 2) & 0xffff) + (port >> 3);
    // The processor always reads two bytes (SDM 1 18.5.2), so both must lie within the limit.
    if (at + 1 > tss.limit) {
      return false;
    }
    long bits = c.mem.readSystem(tss.base + at, 2) >>> (port & 7);
    return (bits & (1 << bytes) - 1) == 0;
  }
}
