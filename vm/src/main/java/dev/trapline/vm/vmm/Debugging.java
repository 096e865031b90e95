package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.interp.Breakpoints;
import dev.trapline.vm.interp.Interpreter;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.state.StateBinary;
import dev.trapline.vm.state.StateForm;
import dev.trapline.vm.util.Hash;
import java.util.Set;
import java.util.stream.Collectors;

/** Lets what a debugger asked of a guest's processor happen on one of the host's: breakpoints, watchpoints, listening. */
final class Debugging {
  private final Cpu cpu;
  private final Breakpoints here;
  private Breakpoints installed;
  private int version;
  private Vcpu shown;
  private long shownAs;

  Debugging(Machine host, int processor) {
    this.cpu = host.cpus().get(processor);
    this.here = host.interpreters().get(processor).breakpoints();
  }

  /** A virtual processor is about to be entered. */
  void follow(Vcpu v) {
    Interpreter engine = v.engine();
    Breakpoints wanted = engine.breakpoints();
    if (wanted != installed || wanted.version() != version) {
      installed = wanted;
      version = wanted.version();
      if (!wanted.isEmpty() || !here.isEmpty()) {
        here.ask(wanted.mnemonics(), wanted.gate());
        here.set(wanted.linear(), hostAddresses(v, wanted.physical()));
      }
    }
    Cpu guest = v.shell();
    // A deprivileged guest's faults are the monitor's business until it hands them on.
    cpu.events = v.deprivileged() ? null : guest.events;
    cpu.eventsOfGuest = true;
    cpu.modes = v.deprivileged() ? null : guest.modes;
    if (cpu.mem.watch() != guest.mem.watch()) {
      cpu.mem.watch(guest.mem.watch());
    }
  }

  private static Set<Long> hostAddresses(Vcpu v, Set<Long> real) {
    return real.stream().map(a -> v.guest().memory().host(a)).filter(a -> a >= 0).collect(Collectors.toSet());
  }

  /** The registers of this one, which is in guest mode, can be seen and changed from now on; null for nobody. */
  void shown(Vcpu v) {
    shown = v;
    shownAs = v == null ? 0 : hash(v);
  }

  /** Whether they were changed since. */
  boolean changed() {
    boolean was = shown != null && hash(shown) != shownAs;
    shown = null;
    return was;
  }

  private static long hash(Vcpu v) {
    return Hash.of(StateBinary.write(StateForm.apart(v.shell().state())));
  }
}
