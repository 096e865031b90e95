package dev.trapline.vm.vmm;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Delivery;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.svm.EventWord;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.Vmcb;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Hardware assist: the guest runs in guest mode at its own privilege levels, and leaves it for what is intercepted. */
final class Hvm implements Technique {
  private static final int MACHINE_CHECK = 18;
  /** What always leaves guest mode and is carried out as it stands. */
  private static final List<Integer> EMULATED = List.of(ExitCode.CPUID, ExitCode.HLT, ExitCode.IOIO, ExitCode.MSR, ExitCode.INVD,
      ExitCode.RDPMC, ExitCode.RSM, ExitCode.MONITOR, ExitCode.MWAIT, ExitCode.XSETBV);
  /** Instructions of SVM, which the guest's processor does not have. */
  private static final List<Integer> UNDEFINED = List.of(ExitCode.VMRUN, ExitCode.VMMCALL, ExitCode.VMLOAD, ExitCode.VMSAVE, ExitCode.STGI,
      ExitCode.CLGI, ExitCode.SKINIT, ExitCode.INVLPGA);

  /** What is intercepted whatever the memory is mapped by. */
  private static final Set<Integer> ALWAYS = always();

  private final PermissionMap permissions;
  private final FrameTable frames;
  private final Map<Guest, Long> opened = new HashMap<>();
  private final Map<Long, Consumer<Vcpu>> handlers = new HashMap<>();

  Hvm(FrameTable frames) {
    this.permissions = new PermissionMap(frames);
    this.frames = frames;
    handler(ExitCode.INTR, Hvm::hostInterrupt);
    handler(ExitCode.VINTR, Hvm::window);
    handler(ExitCode.SHUTDOWN, v -> v.cpu().shutdown = true);
    handler(ExitCode.NPF, Hvm::fault);
    handler(ExitCode.EXCEPTION + Fault.PF, Hvm::fault);
    handler(ExitCode.EXCEPTION + Fault.GP, Hvm::emulate);
    handler(ExitCode.IRET, Hvm::endOfNmi);
    for (int n : new int[] {0, 3, 4}) {
      handler(ExitCode.CR_READ + n, Emulator::one);
      handler(ExitCode.CR_WRITE + n, Hvm::control);
    }
    handler(ExitCode.CR_WRITE + 8, Emulator::one);
    handler(ExitCode.TASK_SWITCH, Hvm::control);
    handler(ExitCode.INVLPG, Hvm::invalidate);
    EMULATED.forEach(code -> handler(code, Emulator::one));
    UNDEFINED.forEach(code -> handler(code, v -> put(v, EventWord.of(EventWord.EXCEPTION, Fault.UD))));
  }

  private static Set<Integer> always() {
    var all = new TreeSet<>(EMULATED);
    all.addAll(UNDEFINED);
    // The instructions of SVM raise #GP before their intercept is looked at, since EFER.SVME is set (APM2 15.5.1): the guest has none.
    all.add(ExitCode.EXCEPTION + Fault.GP);
    all.addAll(List.of(ExitCode.INTR, ExitCode.NMI, ExitCode.SMI, ExitCode.INIT, ExitCode.SHUTDOWN, ExitCode.EXCEPTION + MACHINE_CHECK));
    return Set.copyOf(all);
  }

  private void handler(int code, Consumer<Vcpu> h) {
    handlers.put((long) code, h);
  }

  @Override
  public String name() {
    return "hvm";
  }

  @Override
  public Registers registers(Vcpu v) {
    return new VmcbRegisters(v);
  }

  @Override
  public void prepare(Vcpu v) {
    owned(v).write(v.vmcb());
  }

  /** The guest's own map if some ports do not leave, else the one of all guests. */
  private long ports(Guest g) {
    List<Dedicated.Device> open = Dedicated.devices(g.spec());
    return open.isEmpty() ? permissions.ports() : opened.computeIfAbsent(g, x -> PermissionMap.ports(frames, g.name(), open));
  }

  @Override
  public Owned owned(Vcpu v) {
    return new Owned(List.of(Owned.Field.of(Vmcb.ASID, v.asid()), Owned.Field.of(Vmcb.IOPM_BASE, ports(v.guest())),
        Owned.Field.of(Vmcb.MSRPM_BASE, permissions.msrs()), Owned.Field.of(Vmcb.LBR_CTL, 0),
        new Owned.Field(Vmcb.V_INTR, Vmcb.V_INTR_MASKING, Vmcb.V_INTR_MASKING)), ALWAYS).and(v.guest().mmu().owned(v));
  }

  // ---- into the guest

  @Override
  public void deliver(Vcpu v) {
    Cpu c = v.shell();
    InterruptSource source = c.interrupts;
    v.machine();
    Vmcb.intercept(v.vmcb(), ExitCode.CR_WRITE + 8, source.heldByPriority());
    if (source.event(c.nmiBlocked || v.shadowed()) != InterruptSource.Event.NONE) {
      v.cpu();
      v.engine().takeEvent();
      Vmcb.intercept(v.vmcb(), ExitCode.IRET, c.nmiBlocked);
    }
    if (!source.pending()) {
      window(v);
      return;
    }
    boolean free = v.interruptsEnabled() && !v.shadowed() && !EventWord.valid(Vmcb.EVENTINJ.get(v.vmcb()));
    if (free) {
      c.halted = false;
      put(v, EventWord.of(EventWord.INTR, source.acknowledge()));
    }
    if (!free || source.pending()) {
      askForWindow(v);
    }
  }

  @Override
  public void inject(Vcpu v, long event) {
    put(v, event);
  }

  private static void put(Vcpu v, long event) {
    Vmcb.EVENTINJ.set(v.vmcb(), event);
    v.guest().account().charge(Cost.INJECT, 1);
  }

  /** A virtual interrupt that is never taken: the guest is left when it could be. */
  private static void askForWindow(Vcpu v) {
    Vmcb.intercept(v.vmcb(), ExitCode.VINTR, true);
    Vmcb.V_INTR.set(v.vmcb(), Vmcb.V_INTR_MASKING | Vmcb.V_IRQ | Vmcb.V_IGN_TPR);
  }

  /** No window is wanted, or it is here. */
  private static void window(Vcpu v) {
    Vmcb.intercept(v.vmcb(), ExitCode.VINTR, false);
    Vmcb.V_INTR.set(v.vmcb(), Vmcb.V_INTR_MASKING);
  }

  /** CR8 is the processor's own, in the VMCB: only where it holds an interrupt back the guest is left when it writes the register. */
  private static void taskPriority(Vcpu v) {
    Vmcb.V_INTR.set(v.vmcb(), Vmcb.V_INTR.get(v.vmcb()) & ~(long) Vmcb.V_TPR | v.shell().cr8);
  }

  @Override
  public void enter(Vcpu v, long most) {
    v.put();
    taskPriority(v);
    v.on().enter(v);
  }

  @Override
  public boolean guestMode() {
    return true;
  }

  @Override
  public boolean inGuest(Vcpu v) {
    return v.on().guestMode();
  }

  @Override
  public boolean underWay(Vcpu v) {
    return v.on().enters();
  }

  @Override
  public boolean leave(Vcpu v) {
    boolean inside = inGuest(v);
    v.on().leaveGuest();
    return inside;
  }

  // ---- out of the guest

  @Override
  public void handle(Vcpu v, long code) {
    Consumer<Vcpu> handler = handlers.get(code);
    if (handler == null) {
      v.guest().breakDown(unexpected(v, code));
      return;
    }
    handler.accept(v);
  }

  private static String unexpected(Vcpu v, long code) {
    return String.format("%s left guest mode for %s, for which nothing is prepared%n%s", v, ExitCode.name(code),
        String.join(System.lineSeparator(), Vmcb.dump(v.vmcb())));
  }

  private static void hostInterrupt(Vcpu v) {
    v.on().timer().acknowledge();
    v.guest().account().charge(Cost.HOST_INTERRUPT, 1);
    redeliver(v);
  }

  private static void fault(Vcpu v) {
    switch (v.guest().mmu().fault(v)) {
      case RETRY -> redeliver(v);
      case EMULATE -> emulate(v);
      case REFLECT -> reflect(v);
    }
  }

  /** The event whose delivery was cut short by the exit comes again; that of an instruction does when the guest goes on with it. */
  private static void redeliver(Vcpu v) {
    long event = Vmcb.EXITINTINFO.get(v.vmcb());
    if (external(event)) {
      put(v, event);
    }
  }

  /** Whether an event came from no instruction: RIP is not at an INT n, INT3 or INTO that raises it when it is executed again. */
  private static boolean external(long event) {
    int vector = EventWord.vector(event);
    boolean instruction = EventWord.type(event) == EventWord.SOFTWARE
        || EventWord.type(event) == EventWord.EXCEPTION && (vector == Fault.BP || vector == Fault.OF);
    return EventWord.valid(event) && !instruction;
  }

  /** The instruction, or the delivery of an event, that touched what is no memory. */
  private static void emulate(Vcpu v) {
    long event = Vmcb.EXITINTINFO.get(v.vmcb());
    if (external(event)) {
      Cpu c = v.cpu();
      v.machine();
      Delivery.inject(c, event, Vmcb.NRIP.get(v.vmcb()));
    } else {
      Emulator.one(v);
    }
  }

  /** A page fault of the guest's own; on top of an event that was being delivered it may become a double fault. */
  private static void reflect(Vcpu v) {
    byte[] vmcb = v.vmcb();
    long address = Vmcb.EXITINFO2.get(vmcb);
    int error = (int) Vmcb.EXITINFO1.get(vmcb);
    if (EventWord.valid(Vmcb.EXITINTINFO.get(vmcb))) {
      emulate(v);
      return;
    }
    Vmcb.CR2.set(vmcb, address);
    put(v, EventWord.of(EventWord.EXCEPTION, Fault.PF, error));
  }

  private static void control(Vcpu v) {
    Emulator.one(v);
    v.guest().mmu().dropTranslations(v);
  }

  private static void invalidate(Vcpu v) {
    long linear = Vmcb.EXITINFO1.get(v.vmcb());
    Emulator.one(v);
    v.guest().mmu().invalidate(v, linear);
  }

  private static void endOfNmi(Vcpu v) {
    Emulator.one(v);
    Vmcb.intercept(v.vmcb(), ExitCode.IRET, v.shell().nmiBlocked);
  }
}
