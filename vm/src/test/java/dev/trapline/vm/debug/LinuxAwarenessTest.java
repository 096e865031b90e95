package dev.trapline.vm.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.debug.view.CpuView;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.debug.view.FrameView;
import dev.trapline.vm.debug.view.TaskView;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.FetchedGuests;
import dev.trapline.vm.machine.MachineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Debian's kernels as the debugger sees them while they run. What the kernel says of itself is compared with what it shows its own
 * programs, with registers it gave the processor (LSTAR, IDT, CR3) and with the order of calls in its source.
 */
class LinuxAwarenessTest {
  /** What was written is on the serial line only later: the pause lets the line catch up. */
  private static final String RUN = " quiet cryptomgr.notests tl.run=\"ps -o pid,ppid,comm; echo PS-$((40+2)); usleep 500000;"
      + " for i in 1 2 3 4; do n=$(cat /proc/version); echo $n; usleep 3000; done; echo ALL-$((40+2))\"";
  private static final Pattern PS = Pattern.compile("\\s*(\\d+)\\s+(\\d+)\\s+(\\S.*)");
  private static final long HALF = 0xffffffff80000000L;

  @TempDir
  Path folder;
  private Session session;
  private final StringBuilder console = new StringBuilder();

  private void boot(String kernel, String architecture, int processors, String options) {
    var image = BootImage.auto(kernel, FetchedGuests.file(kernel + "/linux"), "console=ttyS0,115200" + options + RUN)
        .withInitrd(FetchedGuests.file("busybox-" + architecture + ".cpio.gz"));
    session = Sessions.open(MachineConfig.standard().withProcessors(processors), new Image(image, Symbols.NONE));
    session.onConsole(b -> console.append((char) b));
    assertInstanceOf(Stop.Reached.class, session.untilText("PS-42"));
  }

  private static String field(FieldsView view, String name) {
    return view.fields().stream().filter(f -> f.name().equals(name)).findFirst().orElseThrow().value();
  }

  private long value(String expression) {
    return Expr.evaluate(expression, session.names());
  }

  private long msr(String name) {
    return Long.parseUnsignedLong(field(session.inspect().msrs(), name).substring(2), 16);
  }

  /** Names in the chain of callers at a function's first instruction, {@code *} where saved registers lie between. */
  private String chain(String function) {
    session.breakpoints().add(Address.parse(function, session.names()), Breakpoints.Options.ONCE);
    Stop.Hit hit = assertInstanceOf(Stop.Hit.class, session.resume(), function);
    assertEquals(function, hit.at().symbol());
    return chain();
  }

  private String chain() {
    return session.inspect().backtrace(64).stream().map(LinuxAwarenessTest::name).collect(Collectors.joining(" "));
  }

  private static String name(FrameView f) {
    String mark = f.method().startsWith("saved") ? "*" : "";
    return mark + (f.symbol() == null ? f.ip() >= 0 ? "program" : "?" : f.symbol().replaceFirst("\\+0x.*", ""));
  }

  private static void matches(String chain, String pattern) {
    assertTrue(chain.matches(pattern), chain);
  }

  @Test
  void aRunningKernelOnTwoProcessors() throws IOException {
    boot("debian-cloud-amd64", "amd64", 2, "");
    long hash = session.stateHash();
    names64(false);
    tasks();
    processors();
    structures();
    aFilesNamesAreMoved();
    assertEquals(hash, session.stateHash(), "looking has changed something");
  }

  @Test
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void theChainsOfCallersOnTwoProcessors() {
    boot("debian-cloud-amd64", "amd64", 2, "");
    names64(false);
    chains64();
    assertInstanceOf(Stop.Reached.class, session.untilText("ALL-42"));
  }

  private void names64(boolean fixed) {
    FieldsView from = session.symbolsOfGuest();
    assertTrue(field(from, "from").startsWith("kallsyms at p:0x"), from.toString());
    assertTrue(field(from, "kernel").startsWith("Linux version 6.1."), from.toString());
    long slide = session.symbols().origin().slide();
    assertEquals(fixed, slide == 0, "slide 0x" + Long.toHexString(slide));
    assertEquals(0, slide & 0x1fffff, "the kernel moves by 2 MiB");
    assertEquals(HALF + 0x1000000 + slide, value("_text"));
    // What the kernel told the processor.
    assertEquals("entry_SYSCALL_64", session.symbols().at(msr("c0000082 LSTAR")));
    assertEquals("asm_exc_page_fault", session.inspect().idt().get(14).symbol());
    assertEquals("asm_exc_divide_error", session.inspect().idt().get(0).symbol());
    assertTrue(session.symbols().size() > 50_000);
    assertNull(session.symbols().near(0x401000), "programs have no names of the kernel");
    assertNull(session.symbols().near(0x7ffd5b5139c8L));
    FieldsView vfs = session.inspect().symbol(Address.parse("vfs_read+5", session.names()));
    assertEquals("vfs_read+0x5", field(vfs, "symbol"));
  }

  /** The kernel's list is what the guest's own ps has just shown. */
  private void tasks() {
    List<TaskView> tasks = session.inspect().tasks(false);
    Map<Integer, TaskView> ours = tasks.stream().filter(t -> t.pid() != 0).collect(Collectors.toMap(TaskView::pid, t -> t));
    var theirs = new TreeMap<Integer, String>();
    for (String line : console.toString().lines().toList()) {
      Matcher m = PS.matcher(line.strip());
      if (m.matches() && !m.group(3).equals("ps")) {
        theirs.put(Integer.parseInt(m.group(1)), m.group(2) + " " + m.group(3));
      }
    }
    assertTrue(theirs.size() > 20, console.toString());
    for (var e : theirs.entrySet()) {
      TaskView t = ours.remove(e.getKey());
      assertTrue(t != null || e.getValue().contains("kworker"), e.toString());
      boolean renamed = e.getValue().contains("kworker");
      assertEquals(e.getValue(), renamed ? e.getValue() : t.ppid() + " " + t.command());
    }
    assertTrue(ours.values().stream().allMatch(t -> t.kernel() || t.ppid() == 1), ours.toString());
    TaskView init = tasks.stream().filter(t -> t.pid() == 1).findFirst().orElseThrow();
    assertEquals("init", init.command());
    assertTrue(!init.kernel() && init.cr3() != 0);
    TaskView daemon = tasks.stream().filter(t -> t.pid() == 2).findFirst().orElseThrow();
    assertEquals("kthreadd S true 0", daemon.command() + " " + daemon.state() + " " + daemon.kernel() + " " + daemon.cr3());
    assertTrue(session.inspect().tasks(true).size() >= tasks.size());
  }

  private void processors() {
    assertEquals(2, session.cpus().size());
    List<TaskView> current = session.inspect().tasks(false).stream().filter(TaskView::current).toList();
    assertEquals(List.of(0, 1), current.stream().map(TaskView::cpu).sorted().toList());
    for (CpuView c : session.cpus()) {
      session.select(c.number());
      TaskView mine = current.stream().filter(t -> t.cpu() == c.number()).findFirst().orElseThrow();
      long task = session.inspect().spaces().read(new Address.Linear(value("current_task")), 8);
      assertEquals(mine.address(), task, "a per-CPU variable is the selected processor's");
      assertTrue(mine.cr3() == 0 || mine.cr3() == (value("cr3") & ~0xfffL), "CR3 of " + mine);
      assertTrue(session.inspect().backtrace(64).size() > 1 || c.cpl() == 3);
    }
    session.select(0);
  }

  private void structures() {
    assertTrue(session.inspect().struct("list_head", null).title().endsWith("16 bytes"));
    FieldsView init = session.inspect().struct("task_struct", value("init_task"));
    assertTrue(init.fields().stream().anyMatch(f -> f.name().endsWith(" comm") && f.value().equals("'swapper/0'")));
    assertTrue(init.fields().stream().anyMatch(f -> f.name().endsWith(" real_parent") && f.value().endsWith("<init_task>")));
    BadInput wrong = assertThrows(BadInput.class, () -> session.inspect().struct("task_strict", null));
    assertTrue(wrong.getMessage().startsWith("no structure 'task_strict'"), wrong.getMessage());
  }

  /** A System.map has the addresses of before the move. */
  private void aFilesNamesAreMoved() throws IOException {
    long slide = session.symbols().origin().slide();
    var names = new HashMap<String, Long>();
    session.symbols().names().stream().limit(20_000).forEach(n -> names.put(n, session.symbols().address(n).orElseThrow() - slide));
    List.of("_text", "asm_exc_page_fault", "vfs_read").forEach(n -> names.put(n, session.symbols().address(n).orElseThrow() - slide));
    long expected = value("vfs_read");
    var text = new StringBuilder("0000000000000000 D fixed_percpu_data\n000000000001fb80 D current_task\n");
    names.forEach((n, a) -> text.append("%016x T %s%n".formatted(a, n)));
    FieldsView from = session.symbols(Files.writeString(folder.resolve("System.map"), text));
    assertEquals(slide, session.symbols().origin().slide(), from.toString());
    assertEquals(expected, value("vfs_read"));
    assertNull(session.symbols().near(0x1fb80));
    session.symbolsOfGuest();
  }

  private void chains64() {
    matches(chain("vfs_read"), "vfs_read ksys_read do_syscall_64 entry_SYSCALL_64_after_hwframe \\*program.*");
    List<TaskView> tasks = session.inspect().tasks(true);
    TaskView reader = tasks.stream().filter(t -> t.current() && t.cpu() == session.selected()).findFirst().orElseThrow();
    assertEquals(value("cr3") & ~0xfffL, reader.cr3());
    matches(chain("schedule"), "schedule .*");
    matches(chain("do_nanosleep"), "do_nanosleep hrtimer_nanosleep common_nsleep __x64_sys_clock_nanosleep do_syscall_64"
        + " entry_SYSCALL_64_after_hwframe \\*program.*");
    matches(chain("do_user_addr_fault"), "do_user_addr_fault exc_page_fault asm_exc_page_fault \\*.*");
    matches(chain("asm_sysvec_apic_timer_interrupt"), "asm_sysvec_apic_timer_interrupt \\*.*");
    matches(chain("hrtimer_interrupt"), "hrtimer_interrupt __sysvec_apic_timer_interrupt sysvec_apic_timer_interrupt"
        + " asm_sysvec_apic_timer_interrupt \\*.*(secondary_startup_64_no_verify|program|ret_from_fork).*");
    matches(chain("serial8250_interrupt"), "serial8250_interrupt __handle_irq_event_percpu handle_irq_event handle_edge_irq"
        + " __common_interrupt common_interrupt asm_common_interrupt \\*.*");
    assertNotEquals(0, session.inspect().place().symbol().length());
  }

  @Test
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void aKernelThatStaysWhereItWasLinked() {
    boot("debian-cloud-amd64", "amd64", 1, " nokaslr");
    names64(true);
    tasks();
    chains64();
  }

  @ParameterizedTest
  @CsvSource({"debian-686, nokaslr", "debian-686, ''", "debian-686-pae, ''"})
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void a32BitKernel(String kernel, String option) {
    boot(kernel, "i386", 1, " " + option);
    long hash = session.stateHash();
    FieldsView from = session.symbolsOfGuest();
    long slide = session.symbols().origin().slide();
    assertEquals(option.equals("nokaslr"), slide == 0, from.toString());
    assertEquals(0xc1000000L + slide, value("_text"));
    assertEquals("asm_exc_page_fault", session.inspect().idt().get(14).symbol());
    assertEquals("entry_SYSENTER_32", session.symbols().at(msr("00000176 SYSENTER_EIP")));
    tasks();
    TaskView running = session.inspect().tasks(false).stream().filter(TaskView::current).findFirst().orElseThrow();
    assertTrue(running.cr3() == 0 || running.cr3() == (value("cr3") & ~0x1fL), running.toString());
    BadInput refused = assertThrows(BadInput.class, () -> session.inspect().struct("task_struct", null));
    assertTrue(refused.getMessage().contains("BTF"), refused.getMessage());
    assertEquals(hash, session.stateHash());
    String call = "__ia32_sys_\\w+ ia32_sys_call __do_fast_syscall_32 do_fast_syscall_32 do_SYSENTER_32 entry_SYSENTER_32 \\*program.*";
    matches(chain("vfs_read"), "vfs_read ksys_read " + call);
    matches(chain("do_nanosleep"), "do_nanosleep hrtimer_nanosleep common_nsleep " + call);
    matches(chain("do_user_addr_fault"), "do_user_addr_fault exc_page_fault handle_exception \\*.*");
    matches(chain("asm_exc_page_fault"), "asm_exc_page_fault \\*.*");
    matches(chain("hrtimer_interrupt"), "hrtimer_interrupt __sysvec_apic_timer_interrupt sysvec_apic_timer_interrupt handle_exception \\*.*");
    assertInstanceOf(Stop.Reached.class, session.untilText("ALL-42"));
  }
}
