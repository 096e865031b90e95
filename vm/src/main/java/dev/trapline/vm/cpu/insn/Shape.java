package dev.trapline.vm.cpu.insn;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Sem;

/**
 * The shapes semantics may have. An engine marshals by the method's descriptor alone:
 *
 * <ul>
 *   <li>{@code Cpu}: the processor; its absence says the function is pure.
 *   <li>{@code long}: operand values in order, zero-extended to the operand size, a register or memory operand being read
 *       first; after the operands the carry flag (0 or 1) if the row has {@code Attr.CARRY}. If there is one {@code long} fewer than
 *       there are operands, the first operand is only written.
 *   <li>{@code int} at the end: width of the first operand in bits.
 *   <li>{@code Insn}: the decoded instruction; such a function fetches and stores its operands itself.
 *   <li>{@code long} result: stored into the first operand (cut to its width), unless the row {@code DISCARDS} it.
 * </ul>
 *
 * A name lists result, then parameters: V void, L long, C Cpu, I int width, N Insn.
 */
public final class Shape {
  private Shape() {}

  /** Shapes that see nothing but their operands: such a function can neither fault nor change anything by itself. */
  public interface Pure extends Sem {}

  public interface LL extends Pure { long f(long a); }
  public interface LLL extends Pure { long f(long a, long b); }
  public interface LLLL extends Pure { long f(long a, long b, long c); }
  public interface LLI extends Pure { long f(long a, int w); }
  public interface LLLI extends Pure { long f(long a, long b, int w); }
  public interface LLLLI extends Pure { long f(long a, long b, long c, int w); }

  public interface VC extends Sem { void f(Cpu c); }
  public interface VCL extends Sem { void f(Cpu c, long a); }
  public interface VCLL extends Sem { void f(Cpu c, long a, long b); }
  public interface VCLLL extends Sem { void f(Cpu c, long a, long b, long d); }
  public interface VCI extends Sem { void f(Cpu c, int w); }
  public interface VCLI extends Sem { void f(Cpu c, long a, int w); }
  public interface VCLLI extends Sem { void f(Cpu c, long a, long b, int w); }
  public interface LC extends Sem { long f(Cpu c); }
  public interface LCL extends Sem { long f(Cpu c, long a); }
  public interface LCLL extends Sem { long f(Cpu c, long a, long b); }
  public interface LCLLL extends Sem { long f(Cpu c, long a, long b, long d); }
  public interface LCI extends Sem { long f(Cpu c, int w); }
  public interface LCLI extends Sem { long f(Cpu c, long a, int w); }
  public interface LCLLI extends Sem { long f(Cpu c, long a, long b, int w); }
  public interface LCLLLI extends Sem { long f(Cpu c, long a, long b, long d, int w); }

  /** Wide: the function does everything itself. */
  public interface Wide extends Sem { void f(Cpu c, Insn in); }
}
