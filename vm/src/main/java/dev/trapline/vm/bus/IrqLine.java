package dev.trapline.vm.bus;

/** One wire from a device to an interrupt controller. */
@FunctionalInterface
public interface IrqLine {
  /** Sets the level; repeating the present level has no effect. */
  void set(boolean high);
}
