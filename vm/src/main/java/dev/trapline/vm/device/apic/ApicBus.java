package dev.trapline.vm.device.apic;

import dev.trapline.vm.bus.MessageSink;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/** Carries messages between I/O APICs, functions that signal by message, and local APICs; takes no time. */
public final class ApicBus implements MessageSink {
  private final List<LocalApic> locals = new ArrayList<>();
  private final List<IntConsumer> endListeners = new ArrayList<>();

  void add(LocalApic local) {
    locals.add(local);
  }

  void onEnd(IntConsumer listener) {
    endListeners.add(listener);
  }

  /** Delivers to every addressed APIC, or for lowest priority to one of them. */
  public void send(ApicMessage m) {
    if (m.mode() == ApicMessage.Mode.LOWEST_PRIORITY) {
      lowest(m).ifPresent(a -> a.receive(m));
      return;
    }
    for (LocalApic a : locals) {
      if (a.isAddressed(m)) {
        a.receive(m);
      }
    }
  }

  /** The addressed APIC whose processor does the least urgent work; among equals the first. */
  private Optional<LocalApic> lowest(ApicMessage m) {
    return locals.stream().filter(a -> a.isAddressed(m) && a.accepts()).min(Comparator.comparingInt(LocalApic::processorPriority));
  }

  /** Delivers to all, with or without the sender. */
  void broadcast(LocalApic sender, boolean withSender, ApicMessage m) {
    for (LocalApic a : locals) {
      if (withSender || a != sender) {
        a.receive(m);
      }
    }
  }

  /** A level-triggered interrupt was ended: I/O APICs look at their lines again (SDM 3A 11.8.5). */
  void end(int vector) {
    endListeners.forEach(l -> l.accept(vector));
  }

  @Override
  public void message(long address, int data) {
    send(ApicMessage.signalled(address, data));
  }
}
