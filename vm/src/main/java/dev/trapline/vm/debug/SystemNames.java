package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.DebugRegisters;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.X87;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/** Control, debug, vector and x87 registers by name; setting one does what the instruction that writes it would. */
final class SystemNames {
  /** DR7.GD. */
  private static final long GENERAL_DETECT = 0x2000;
  private final Cpu cpu;

  SystemNames(Cpu cpu) {
    this.cpu = cpu;
  }

  void addTo(RegisterNames names) {
    control(names, "cr0", () -> cpu.cr0, this::cr0, this::whyNotCr0);
    control(names, "cr2", () -> cpu.cr2, v -> cpu.cr2 = v, v -> null);
    control(names, "cr3", () -> cpu.cr3, v -> Control.write(cpu, 3, v), this::whyNotCr3);
    control(names, "cr4", () -> cpu.cr4, v -> Control.write(cpu, 4, v), this::whyNotCr4);
    control(names, "cr8", () -> cpu.cr8, v -> Control.write(cpu, 8, v), v -> "a priority is 0 to 15");
    control(names, "efer", () -> cpu.efer, this::efer, this::whyNotEfer);
    for (int i : new int[] {0, 1, 2, 3, 6, 7}) {
      control(names, "dr" + i, () -> cpu.dr[i], v -> debug(i, v), v -> "dr6 and dr7 have 32 bits");
    }
    names.add("cpl", 8, () -> cpu.cpl, v -> {
      throw new BadInput("cpl cannot be set: it follows the code and stack segments; set cs, or eip to an instruction that changes it");
    });
    names.add("mxcsr", 32, () -> cpu.mxcsr, this::mxcsr);
    for (int i = 0; i < 16; i++) {
      vector(names, i);
    }
    for (int i = 0; i < 8; i++) {
      stack(names, i);
    }
  }

  private void control(RegisterNames names, String name, LongSupplier get, LongConsumer set, LongFunction<String> why) {
    names.add(name, 64, get, v -> {
      try {
        set.accept(v);
      } catch (Fault f) {
        String reason = why.apply(v);
        throw new BadInput("%s=0x%x: the processor refuses it with %s%s".formatted(name, v, Faults.text(f),
            reason == null ? "" : ": " + reason));
      }
    });
  }

  private void cr0(long v) {
    if ((v & Control.PE) == 0 && cpu.protectedMode() && (cpu.cpl != 0 || cpu.v86())) {
      throw new BadInput("cr0=0x" + Long.toHexString(v) + ": PE can be cleared at privilege level 0 only, this is level " + cpu.cpl);
    }
    Control.write(cpu, 0, v);
  }

  private String whyNotCr0(long v) {
    if (v >>> 32 != 0) {
      return "bits 63 to 32 are not defined";
    }
    if ((v & Control.PG) != 0 && (v & Control.PE) == 0) {
      return "PG needs PE";
    }
    if ((v & Control.NW) != 0 && (v & Control.CD) == 0) {
      return "NW needs CD";
    }
    if ((v & Control.PG) == 0 && cpu.mode64()) {
      return "paging cannot be switched off in 64-bit mode";
    }
    return (cpu.efer & Control.LME) != 0 && (cpu.cr4 & Control.PAE) == 0 ? "PG with EFER.LME needs CR4.PAE"
        : "PG with EFER.LME needs a code segment without L, PG with CR4.PAE valid entries at CR3";
  }

  private String whyNotCr3(long v) {
    return v >>> Control.PHYSICAL_BITS != 0 ? "addresses have " + Control.PHYSICAL_BITS + " bits"
        : "one of the four page-directory pointers there has reserved bits set";
  }

  private String whyNotCr4(long v) {
    return cpu.longMode() && (v & Control.PAE) == 0 ? "PAE must stay set in long mode"
        : "it sets bits that are not defined, or PAE without valid entries at CR3";
  }

  private void efer(long v) {
    if (((v ^ cpu.efer) & Control.LMA) != 0) {
      throw new BadInput("efer=0x" + Long.toHexString(v) + ": LMA cannot be set: it is CR0.PG and EFER.LME");
    }
    Control.efer(cpu, v);
  }

  private String whyNotEfer(long v) {
    boolean paging = (cpu.cr0 & Control.PG) != 0 && ((v ^ cpu.efer) & Control.LME) != 0;
    return paging ? "LME cannot change while paging is on" : "it sets bits that are not defined";
  }

  /** As MOV DR, but general detect does not guard against people. */
  private void debug(int i, long v) {
    long guard = cpu.dr[7] & GENERAL_DETECT;
    cpu.dr[7] &= ~GENERAL_DETECT;
    try {
      DebugRegisters.write(cpu, i, v);
    } finally {
      cpu.dr[7] |= i == 7 ? 0 : guard;
    }
  }

  private void mxcsr(long v) {
    if (v >>> 16 != 0) {
      throw new BadInput("mxcsr=0x" + Long.toHexString(v) + ": bits 31 to 16 are not defined");
    }
    cpu.mxcsr = (int) v;
  }

  private void vector(RegisterNames names, int i) {
    names.add("xmm" + i + ".lo", 64, () -> cpu.xmm[2 * i], v -> cpu.xmm[2 * i] = v);
    names.add("xmm" + i + ".hi", 64, () -> cpu.xmm[2 * i + 1], v -> cpu.xmm[2 * i + 1] = v);
  }

  private void stack(RegisterNames names, int i) {
    X87 x = cpu.x87;
    names.add("st" + i + ".exp", 16, () -> x.signExp[x.physical(i)], v -> {
      if (v >>> 16 != 0) {
        throw new BadInput("st" + i + ".exp: sign and exponent have 16 bits");
      }
      x.signExp[x.physical(i)] = (int) v;
      x.valid |= 1 << x.physical(i);
    });
    names.add("st" + i + ".sig", 64, () -> x.sig[x.physical(i)], v -> {
      x.sig[x.physical(i)] = v;
      x.valid |= 1 << x.physical(i);
    });
  }
}
