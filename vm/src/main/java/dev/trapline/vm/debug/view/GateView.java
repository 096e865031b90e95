package dev.trapline.vm.debug.view;

/**
 * An entry of the IDT (in real mode: of the vector table).
 *
 * @param name {@code #PF} and the like for exceptions, else empty
 * @param kind {@code int32}, {@code trap64}, {@code task}, {@code real}
 * @param ist interrupt stack table index in long mode, else 0
 * @param symbol name of the target, or null
 */
public record GateView(int vector, String name, String kind, int selector, long offset, int dpl, boolean present, int ist, String symbol) {}
