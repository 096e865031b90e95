package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.debug.view.CpuView;
import dev.trapline.vm.debug.view.Place;
import dev.trapline.vm.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What each processor of a machine sees: its registers, its address space, its names. */
final class Lenses {
  private final Machine machine;
  private final List<Inspector> inspectors = new ArrayList<>();
  private final List<SessionNames> names = new ArrayList<>();

  Lenses(Machine machine, Image image, Breakpoints breakpoints, SessionNames.Settings settings, Machines machines) {
    this.machine = machine;
    for (int i = 0; i < machine.cpus().size(); i++) {
      Inspector inspector = new Inspector(machine, i, image, breakpoints, settings, machines);
      inspectors.add(inspector);
      names.add(new SessionNames(inspector, image.symbols(), settings));
    }
  }

  /** What to tell who names a processor that is not there. */
  static BadInput noProcessor(int number, int count) {
    return new BadInput("no processor " + number + ": there " + (count == 1 ? "is only 0" : "are 0 to " + (count - 1)));
  }

  int count() {
    return inspectors.size();
  }

  Inspector inspector(int cpu) {
    return inspectors.get(cpu);
  }

  SessionNames names(int cpu) {
    return names.get(cpu);
  }

  /** The number of the processor that has shut down, or {@code otherwise}. */
  int shutdown(int otherwise) {
    return IntStream.range(0, count()).filter(i -> machine.cpus().get(i).shutdown).findFirst().orElse(otherwise);
  }

  List<CpuView> views(int selected) {
    return IntStream.range(0, count()).mapToObj(i -> view(i, selected)).toList();
  }

  private CpuView view(int i, int selected) {
    Place p = inspectors.get(i).place();
    return new CpuView(i, i == selected, state(i), p.mode(), p.cpl(), p.count(), p.offset(), p.linear(), p.symbol());
  }

  private String state(int i) {
    Cpu c = machine.cpus().get(i);
    return c.shutdown ? "shut down" : machine.waitsForStartup(i) ? "not started" : c.halted ? "halted"
        : machine.currentCpu() == i ? "running" : "ready";
  }
}
