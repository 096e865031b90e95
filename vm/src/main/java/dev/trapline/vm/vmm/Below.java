package dev.trapline.vm.vmm;

import dev.trapline.vm.device.pci.PciFunction;
import dev.trapline.vm.machine.Outcome;
import java.util.List;
import dev.trapline.vm.machine.Pacing;
import dev.trapline.vm.machine.Substrate;

/** What a guest's machine stands on: whoever runs or steps the machine runs the monitor, with all its guests. */
final class Below implements Substrate {
  private final Guest guest;
  private final Monitor monitor;

  Below(Guest guest, Monitor monitor) {
    this.guest = guest;
    this.monitor = monitor;
  }

  @Override
  public byte[] frame(int page) {
    return guest.memory().frame(page);
  }

  @Override
  public byte[] shadowFrame(int index) {
    return guest.memory().shadowFrame(index);
  }

  @Override
  public boolean takeBack(int page, byte[] frame) {
    return guest.memory().takeBack(page, frame);
  }

  @Override
  public void wanted(int page) {
    guest.memory().wanted(page);
  }

  @Override
  public List<PciFunction> functions() {
    return List.copyOf(monitor.dedicated().functions(guest.spec()));
  }

  @Override
  public long now() {
    return guest.now();
  }

  @Override
  public void eventMovedNearer() {
    // The monitor asks for the next event before every entry.
  }

  @Override
  public void requestStop() {
    monitor.host().requestStop();
  }

  @Override
  public void pacing(Pacing value) {
    monitor.host().pacing(value);
  }

  @Override
  public int look() {
    Vcpu running = monitor.look();
    return running != null && running.guest() == guest ? running.index() : -1;
  }

  @Override
  public void stopHere() {
    monitor.host().cpus().get(monitor.host().currentCpu()).limit = 0;
  }

  @Override
  public void registersChange() {
    monitor.leaveGuest();
    guest.fetchAll();
    guest.revive();
  }

  @Override
  public Outcome run(long until) {
    monitor.takeChanges();
    while (guest.alive() && now() < until) {
      Outcome o = monitor.run(until - now() < 0 ? Long.MAX_VALUE : until - now());
      if (!(o instanceof Outcome.Limit || o instanceof Outcome.PowerOff)) {
        return shown(o);
      }
    }
    return shown(guest.alive() ? new Outcome.Limit() : guest.over());
  }

  @Override
  public Outcome step(int processor, long until) {
    monitor.takeChanges();
    Vcpu v = guest.vcpus().get(processor);
    long before = v.steps();
    while (guest.alive() && v.steps() == before && now() < until) {
      Outcome o = monitor.step(v);
      if (!(o instanceof Outcome.Limit || o instanceof Outcome.PowerOff)) {
        return shown(o);
      }
    }
    return shown(guest.alive() ? new Outcome.Limit() : guest.over());
  }

  private Outcome shown(Outcome outcome) {
    monitor.show();
    return outcome;
  }
}
