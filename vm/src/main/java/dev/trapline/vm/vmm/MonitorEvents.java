package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.EventKind;
import dev.trapline.vm.event.EventListener;
import dev.trapline.vm.event.Instead;
import dev.trapline.vm.svm.EventWord;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.Vmcb;

/** Everything the monitor does for a virtual processor, told to who listens to that processor. Where nobody does it costs a comparison. */
final class MonitorEvents {
  private static final int FIRST_EXTERNAL = 32;
  private static final int NMI = 2;

  private MonitorEvents() {}

  private static EventListener listener(Vcpu v, EventKind kind) {
    EventListener l = v == null ? null : v.shell().events;
    return l != null && l.wants(kind) ? l : null;
  }

  /**
   * A guest was left.
   *
   * @return what is to be done in place of handling the exit; null to handle it
   */
  static Instead exit(Vcpu v, long code) {
    EventListener l = listener(v, EventKind.EXIT);
    if (l == null) {
      return null;
    }
    v.machine();
    byte[] vmcb = v.vmcb();
    var e = new Event.Exit(v.exits(), code, Vmcb.EXITINFO1.get(vmcb), Vmcb.EXITINFO2.get(vmcb), Vmcb.RIP.get(vmcb));
    Instead instead = l.before(e);
    l.happened(e);
    return instead;
  }

  /** Does what a listener wants in place of handling an exit. */
  static void instead(Vcpu v, long code, Instead wanted, Technique technique) {
    switch (wanted) {
      case Instead.Raise r -> {
        boolean exception = r.vector() < FIRST_EXTERNAL && r.vector() != NMI;
        technique.inject(v, EventWord.of(exception ? EventWord.EXCEPTION : EventWord.INTR, r.vector(), r.errorCode()));
      }
      case Instead.Nothing n -> PassedOver.instruction(v);
      case Instead.Value x -> {
        result(v, code, x.value());
        PassedOver.instruction(v);
      }
    }
  }

  /** The register an instruction that left its guest would have loaded. */
  private static void result(Vcpu v, long code, long value) {
    Cpu c = v.cpu();
    int low = (int) code;
    long info = Vmcb.EXITINFO1.get(v.vmcb());
    if (low == ExitCode.MSR) {
      c.r[Cpu.RAX] = value & 0xffffffffL;
      c.r[Cpu.RDX] = value >>> 32;
    } else if (low == ExitCode.IOIO && (info & 0x70) != 0x40) {
      long mask = (info & 0x10) != 0 ? 0xff : 0xffff;
      c.r[Cpu.RAX] = c.r[Cpu.RAX] & ~mask | value & mask;
    } else if (low >= ExitCode.CR_READ && low < ExitCode.CR_WRITE && info < 0) {
      c.r[(int) info & 15] = value;
    } else {
      c.r[Cpu.RAX] = value;
    }
  }

  /** A guest is about to be entered. */
  static void entry(Vcpu v) {
    v.log().close(v.deprivileged() ? 0 : Vmcb.EVENTINJ.get(v.vmcb()), v.entered() ? Vmcb.RIP.get(v.vmcb()) : v.shell().rip);
    EventListener l = listener(v, EventKind.ENTRY);
    if (l != null) {
      v.machine();
      l.happened(new Event.Entry(v.deprivileged() ? 0 : Vmcb.EVENTINJ.get(v.vmcb())));
    }
  }

  /** Shadow paging has seen what a fault means. */
  static void shadow(Vcpu v, Event.Cause cause, long linear, int error) {
    v.log().meaning(cause);
    EventListener l = listener(v, EventKind.SHADOW);
    if (l != null) {
      v.machine();
      l.happened(new Event.Shadow(cause, linear, error));
    }
  }

  /**
   * Another virtual processor has been chosen: what has been done to the last one.
   *
   * @param from who ran, or null
   */
  static void chosen(Vcpu from, Vcpu to) {
    if (from != null) {
      for (Event.Step s : new Event.Step[] {Event.Step.TIMER, Event.Step.LEAVE, Event.Step.SAVE}) {
        step(from, s, from, to);
      }
    }
    step(to, Event.Step.CHOOSE, from, to);
  }

  /** A step of a world switch, told to the virtual processor it is about. */
  static void step(Vcpu about, Event.Step step, Vcpu from, Vcpu to) {
    EventListener l = listener(about, EventKind.SWITCH);
    if (l != null) {
      about.machine();
      l.happened(new Event.Switch(step, from == null ? "" : from.toString(), to.toString()));
    }
  }
}
