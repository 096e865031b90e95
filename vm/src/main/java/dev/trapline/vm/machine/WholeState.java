package dev.trapline.vm.machine;

import dev.trapline.vm.interp.Interpreter;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.state.Digested;
import dev.trapline.vm.state.StateBinary;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateForm;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.StateValue;
import dev.trapline.vm.state.Stateful;
import dev.trapline.vm.util.Hash;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Takes the state of a machine and puts it back.
 *
 * @param components in the order of loading
 */
record WholeState(List<Stateful<?>> components, PhysicalMemory memory, Processors processors) {
  Snapshot take() {
    SequencedMap<String, StateValue> all = new LinkedHashMap<>();
    components.forEach(s -> all.put(s.stateName(), StateForm.apart(s.state())));
    return new Snapshot(new StateValue.Struct(1, all), memory.contents(), processors.idle(), processors.interpreter().taken());
  }

  /** @throws StateException if something is missing, unknown or of another kind */
  void put(Snapshot snapshot) {
    SequencedMap<String, StateValue> saved = snapshot.components().fields();
    for (String name : saved.keySet()) {
      if (components.stream().noneMatch(c -> c.stateName().equals(name))) {
        throw new StateException(name + ": this machine has no such component");
      }
    }
    memory.contents(snapshot.frames());
    for (Stateful<?> s : components) {
      StateValue value = saved.get(s.stateName());
      if (value == null) {
        throw new StateException(s.stateName() + ": missing");
      }
      put(s, value);
    }
    if (snapshot.idle().length != processors.cpus().size()) {
      throw new StateException("idle: " + snapshot.idle().length + " processors saved, this machine has " + processors.cpus().size());
    }
    processors.settle();
    processors.idle(snapshot.idle());
    processors.cpus().forEach(c -> c.attention = true);
    processors.interpreters().forEach(i -> i.taken(0));
    Interpreter current = processors.interpreter();
    current.taken(snapshot.interrupts());
  }

  /** Puts back one component. */
  void put(String component, StateValue value) {
    put(components.stream().filter(c -> c.stateName().equals(component)).findFirst()
        .orElseThrow(() -> new StateException(component + ": this machine has no such component")), value);
    processors.cpus().forEach(c -> c.attention = true);
  }

  private static <S extends StateRecord> void put(Stateful<S> component, StateValue saved) {
    @SuppressWarnings("unchecked")
    Class<S> type = (Class<S>) component.state().getClass();
    component.state(StateForm.together(type, saved, component.stateName()));
  }

  /** A hash of everything; who keeps a digest gives it in place of the state. */
  long hash() {
    long h = memory.hash();
    for (Stateful<?> s : components) {
      h = Hash.combine(h, s instanceof Digested large ? large.digest() : Hash.of(StateBinary.write(StateForm.apart(s.state()))));
    }
    return h;
  }
}
