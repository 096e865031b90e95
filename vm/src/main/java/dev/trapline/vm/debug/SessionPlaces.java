package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;

/** What the breakpoints of a session ask its processors, whichever machine it has just now. */
record SessionPlaces(MachineSession session) implements Breakpoints.Host {
  @Override
  public long linear(Address address) {
    return session.inspect().spaces().linear(address);
  }

  @Override
  public long physical(int cpu, long linear) {
    return session.lenses().inspector(cpu).spaces().physical(new Address.Linear(linear));
  }

  @Override
  public Names names(int cpu) {
    return session.lenses().names(cpu);
  }

  @Override
  public int selected() {
    return session.selected();
  }

  @Override
  public int processors() {
    return session.lenses().count();
  }

  @Override
  public Symbols symbols() {
    return session.symbols();
  }

  @Override
  public boolean inSegment(int cpu, int selector) {
    Cpu c = session.machine().cpus().get(cpu);
    boolean real = !c.protectedMode() || c.v86();
    return real || (c.seg[Cpu.CS].selector & ~3) == (selector & ~3);
  }

  @Override
  public void changed() {
    session.changed();
  }
}
