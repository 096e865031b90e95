package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.debug.view.CodeLine;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.vmm.Cost;
import dev.trapline.vm.vmm.ExitLog;
import dev.trapline.vm.vmm.Vcpu;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What led to an exit, what the monitor did, and what it came to: from its log. The instruction is shown as it stands in memory now. */
final class ExitStory {
  private static final int PAGE_FAULT = ExitCode.EXCEPTION + Fault.PF;
  /** Intercept bits of the control area (APM2 15.9). */
  private static final int INTERCEPTS = 0xc0;

  private final Vcpu vcpu;
  private final ExitLog.Entry exit;
  private final boolean deprivileged;

  ExitStory(Vcpu vcpu, ExitLog.Entry exit) {
    this.vcpu = vcpu;
    this.exit = exit;
    this.deprivileged = vcpu.guest().spec().technique().equals("trap");
  }

  FieldsView view(Inspector inspector, Symbols symbols) {
    var fields = new ArrayList<Field>();
    Symbols.Near near = symbols.near(exit.linear());
    fields.add(new Field("cause", "0x%x %s".formatted(exit.rip(), instruction(inspector)), near == null ? "" : "<" + near + ">"));
    fields.add(new Field("intercept", EventText.of(new Event.Exit(exit.serial(), exit.code(), exit.info1(), exit.info2(), exit.rip())), intercept()));
    fields.add(new Field("handler", handler()));
    fields.add(new Field("emulation", exit.carriedOut() == 0 ? "none" : exit.carriedOut() == 1 ? "one instruction" : exit.carriedOut()
        + " instructions or steps of one"));
    fields.add(new Field("injection", injection()));
    fields.add(new Field("resume", "0x" + Long.toHexString(resume(inspector)), moved(inspector)));
    fields.add(new Field("cost", "%,d cycles".formatted(exit.cycles()), costs()));
    return new FieldsView("exit #%d of %s at guest time %,d".formatted(exit.serial(), vcpu, exit.time()), fields);
  }

  private String instruction(Inspector inspector) {
    List<CodeLine> code = inspector.code(new Address.Linear(exit.linear()), 1);
    return code.isEmpty() ? "" : code.getFirst().text();
  }

  private String intercept() {
    if (deprivileged) {
      return exit.code() == ExitCode.INTR ? "the monitor's IDT takes all interrupts" : "the guest's code runs at a lower privilege level than it thinks";
    }
    int code = (int) exit.code();
    return switch (code) {
      case ExitCode.NPF -> "the nested tables do not allow the access";
      case PAGE_FAULT -> "the shadow tables do not allow the access, and #PF is intercepted";
      case ExitCode.IOIO -> "the bit of the port in the I/O permission map";
      case ExitCode.MSR -> "the bit of the register in the MSR permission map";
      default -> exit.code() >= 0 && exit.code() < INTERCEPTS ? "bit %d of intercept word %d".formatted(code & 31, code >> 5) : "always";
    };
  }

  private String handler() {
    if (exit.meaning().isPresent()) {
      Event.Cause cause = exit.meaning().get();
      return EventNumbers.text(dev.trapline.vm.event.EventKind.SHADOW, cause.ordinal()) + " fault: " + cause.about();
    }
    int code = (int) exit.code();
    return switch (code) {
      case ExitCode.INTR -> "the physical interrupt is acknowledged, and who runs next is chosen";
      case ExitCode.VINTR -> "the guest can take the interrupt that waits";
      case ExitCode.SHUTDOWN -> "the guest's processor shuts down";
      case ExitCode.NPF -> exit.carriedOut() > 0 ? "a device answers" : "the nested tables are filled";
      default -> exit.carriedOut() > 0 ? "the instruction is carried out on the virtual registers" : "an event for the guest";
    };
  }

  private String injection() {
    if (exit.injected() != 0) {
      return EventText.of(new Event.Entry(exit.injected())).replaceFirst("entry:", "");
    }
    return exit.costs().containsKey(Cost.INJECT) ? "delivered through the guest's IDT" : "nothing";
  }

  /** Where the guest went on or, if it has not been entered again, where it stands. */
  private long resume(Inspector inspector) {
    return exit.resume() == 0 ? inspector.cpu().rip : exit.resume();
  }

  private String moved(Inspector inspector) {
    long by = resume(inspector) - exit.rip();
    return (by == 0 ? "the same instruction again" : "%+d bytes".formatted(by)) + (exit.resume() == 0 ? ", not entered yet" : "");
  }

  private String costs() {
    return exit.costs().entrySet().stream().map(e -> e.getKey().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ') + " " + e.getValue())
        .collect(Collectors.joining(", "));
  }
}
