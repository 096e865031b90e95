package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Segment;
import dev.trapline.vm.debug.view.DecodedRegister;
import dev.trapline.vm.debug.view.Place;
import dev.trapline.vm.debug.view.Register;
import dev.trapline.vm.debug.view.RegistersView;
import dev.trapline.vm.debug.view.SegmentView;
import dev.trapline.vm.debug.view.TableRegister;
import dev.trapline.vm.debug.view.Vector128;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Builds the register views from the processor. */
final class RegisterViews {
  private final Cpu cpu;

  RegisterViews(Cpu cpu) {
    this.cpu = cpu;
  }

  RegistersView registers() {
    boolean wide = cpu.mode64();
    int bits = wide ? 64 : 32;
    return new RegistersView(mode(), cpu.cpl, bits, cpu.count, general(wide), new Register(wide ? "rip" : "eip", bits, cpu.rip),
        SystemBits.rflags(wide ? "rflags" : "eflags", cpu.rflags()), segments(),
        List.of(new TableRegister("gdtr", cpu.gdtBase, cpu.gdtLimit), new TableRegister("idtr", cpu.idtBase, cpu.idtLimit)),
        control(), debug(), vectors(wide));
  }

  /** Name of the current mode, as in {@link RegistersView}. */
  String mode() {
    return cpu.modeName();
  }

  Place place(String guest, Symbols symbols, long nanoseconds) {
    Segment cs = cpu.seg[Cpu.CS];
    boolean flat = cpu.mode64() || cs.base == 0 && cpu.protectedMode() && !cpu.v86();
    long linear = cpu.mode64() ? cpu.rip : cs.base + cpu.rip & 0xffffffffL;
    Symbols.Near near = symbols.near(linear);
    return new Place(guest, cpu.model.index(), cpu.count, nanoseconds, mode(), cpu.cpl, flat ? -1 : cs.selector, cpu.rip, linear,
        near == null ? null : near.toString(), symbols.lines().text(linear));
  }

  private List<Register> general(boolean wide) {
    return IntStream.range(0, wide ? 16 : 8)
        .mapToObj(i -> new Register(generalName(i, wide), wide ? 64 : 32, wide ? cpu.r[i] : cpu.r[i] & 0xffffffffL))
        .toList();
  }

  private static String generalName(int i, boolean wide) {
    return i < 8 ? (wide ? "r" : "e") + RegisterNames.GENERAL[i] : "r" + i;
  }

  private List<SegmentView> segments() {
    var out = new ArrayList<SegmentView>();
    for (int i : new int[] {Cpu.CS, Cpu.SS, Cpu.DS, Cpu.ES, Cpu.FS, Cpu.GS}) {
      out.add(segment(RegisterNames.SEGMENTS[i], cpu.seg[i]));
    }
    out.add(segment("tr", cpu.tr));
    out.add(segment("ldtr", cpu.ldtr));
    return out;
  }

  private SegmentView segment(String name, Segment s) {
    boolean real = !cpu.protectedMode() || cpu.v86();
    boolean absent = s.unusable || !s.present() && !real;
    String kind = absent ? "unusable" : Descriptors.kind(s.access, cpu.longMode());
    return new SegmentView(name, s.selector, s.base, s.limit, s.access, s.dpl(), s.present(), kind);
  }

  private List<DecodedRegister> control() {
    return List.of(SystemBits.cr0(cpu.cr0), new DecodedRegister("cr2", cpu.cr2, List.of()), SystemBits.cr3(cpu.cr3),
        SystemBits.cr4(cpu.cr4), SystemBits.efer(cpu.efer), SystemBits.dr6(cpu.dr[6]), SystemBits.dr7(cpu.dr[7]));
  }

  private List<Register> debug() {
    return IntStream.range(0, 4).mapToObj(i -> new Register("dr" + i, cpu.mode64() ? 64 : 32, cpu.dr[i])).toList();
  }

  private List<Vector128> vectors(boolean wide) {
    return IntStream.range(0, wide ? 16 : 8)
        .mapToObj(i -> new Vector128("xmm" + i, cpu.xmm[2 * i + 1], cpu.xmm[2 * i]))
        .toList();
  }
}
