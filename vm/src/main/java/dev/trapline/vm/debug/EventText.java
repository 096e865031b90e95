package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.Msr;
import dev.trapline.vm.cpu.Msrs;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.EventKind;
import dev.trapline.vm.svm.EventWord;
import dev.trapline.vm.svm.ExitCode;

/** What happened, in words: as the stop line and traces call it. */
final class EventText {
  private static final String[] SIZES = {"", "byte", "word", "", "dword", "", "", "", "qword"};
  private static final int PAGE_FAULT_EXIT = ExitCode.EXCEPTION + Fault.PF;

  private EventText() {}

  static String of(Event e) {
    return switch (e) {
      case Event.Reached r -> "insn:" + r.mnemonic();
      case Event.Memory m -> "mem:%s 0x%x %d bytes".formatted(way(m.write()), m.linear(), m.bytes());
      case Event.Count c -> "count:" + c.count();
      case Event.Port p -> "io:%s 0x%x %s 0x%x".formatted(p.write() ? "out" : "in", p.port(), SIZES[p.bytes()], p.value());
      case Event.Mmio m -> "mmio:%s 0x%x %s 0x%x".formatted(way(m.write()), m.address(), SIZES[m.bytes()], m.value());
      case Event.Msr m -> "msr:%s %s 0x%x".formatted(way(m.write()), msr(m.number()), m.value());
      case Event.Control c -> "cr:write %d 0x%x".formatted(c.number(), c.value());
      case Event.Debug d -> "dr:%s %d 0x%x".formatted(way(d.write()), d.number(), d.value());
      case Event.Raised r -> "exc:" + Fault.name(r.vector()) + (r.errorCode() < 0 ? "" : "(0x%x)".formatted(r.errorCode()))
          + (r.vector() == Fault.PF ? " at 0x%x".formatted(r.address()) : "");
      case Event.Interrupt i -> "%s:%s".formatted(i.software() ? "int" : "irq", i.vector() == Fault.NMI && !i.software() ? "NMI"
          : "0x%x".formatted(i.vector()));
      case Event.Mode m -> "mode:%s->%s".formatted(m.from(), m.to());
      case Event.Task t -> "task:%s 0x%x->0x%x".formatted(t.how(), t.from(), t.to());
      case Event.Dma d -> "dma:%s 0x%x %d bytes".formatted(way(d.write()), d.address(), d.bytes());
      case Event.Line l -> "console:%s '%s'".formatted(l.console(), l.text());
      case Event.Exit x -> "exit:" + ExitCode.name(x.code()) + info(x);
      case Event.Entry n -> "entry:" + injected(n.injected());
      case Event.Switch s -> "switch:%s %s->%s".formatted(s.step().name().toLowerCase(java.util.Locale.ROOT),
          s.from().isEmpty() ? "nobody" : s.from(), s.to());
      case Event.Shadow s -> "shadow:%s 0x%x (%s)".formatted(s.cause().name().toLowerCase(java.util.Locale.ROOT), s.linear(), fault(s.error()));
    };
  }

  private static String way(boolean write) {
    return write ? "write" : "read";
  }

  private static String msr(int number) {
    Msr row = Msrs.row(number);
    return "0x%x".formatted(number) + (row == null ? "" : " " + row.name());
  }

  /** EXITINFO1 and 2, decoded (APM2 15.10.2, 15.12.15, 15.25.6). */
  private static String info(Event.Exit x) {
    int code = (int) x.code();
    return switch (code) {
      case ExitCode.IOIO -> " %s 0x%x %s".formatted((x.info1() & 1) != 0 ? "in" : "out", x.info1() >>> 16 & 0xffff,
          (x.info1() & 0x10) != 0 ? "byte" : (x.info1() & 0x20) != 0 ? "word" : "dword");
      case ExitCode.NPF -> " gpa=0x%x %s".formatted(x.info2(), fault((int) x.info1()));
      case PAGE_FAULT_EXIT -> " at 0x%x %s".formatted(x.info2(), fault((int) x.info1()));
      case ExitCode.MSR -> x.info1() == 0 ? " read" : " write";
      case ExitCode.INVLPG -> " 0x%x".formatted(x.info1());
      default -> x.info1() == 0 && x.info2() == 0 ? "" : " info1=0x%x info2=0x%x".formatted(x.info1(), x.info2());
    };
  }

  /** A page fault's error code: present, write, user, reserved, fetch (SDM 3A 4.7). */
  private static String fault(int error) {
    String access = (error & 16) != 0 ? "x" : (error & 2) != 0 ? "w" : "r";
    return access + ((error & 4) != 0 ? " user" : "") + ((error & 1) != 0 ? " present" : "") + ((error & 8) != 0 ? " reserved" : "");
  }

  private static String injected(long word) {
    if (!EventWord.valid(word)) {
      return "nothing injected";
    }
    int vector = EventWord.vector(word);
    return switch (EventWord.type(word)) {
      case EventWord.INTR -> "irq 0x%x".formatted(vector);
      case EventWord.NMI -> "NMI";
      case EventWord.SOFTWARE -> "int 0x%x".formatted(vector);
      default -> Fault.name(vector) + (EventWord.errorCode(word) < 0 ? "" : "(0x%x)".formatted(EventWord.errorCode(word)));
    };
  }

  /** The name of what it is about: of an exit its reason, of an exception its mnemonic; else the number. */
  static String reason(Event e) {
    return switch (e) {
      case Event.Exit x -> EventNumbers.text(EventKind.EXIT, x.code());
      case Event.Raised r -> Fault.name(r.vector());
      case Event.Switch s -> EventNumbers.text(EventKind.SWITCH, s.step().ordinal());
      case Event.Shadow s -> EventNumbers.text(EventKind.SHADOW, s.cause().ordinal());
      case Event.Msr m when Msrs.row(m.number()) != null -> Msrs.row(m.number()).name();
      case Event.Mode m -> m.to();
      case Event.Reached r -> r.mnemonic();
      case Event.Line l -> l.text();
      default -> "0x" + Long.toHexString(EventValues.number(e));
    };
  }
}
