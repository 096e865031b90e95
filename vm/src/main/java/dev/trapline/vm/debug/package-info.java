/**
 * The debugger's service: {@link dev.trapline.vm.debug.Session}, one interface of synchronous calls that the shell, Groovy
 * and any other program use alike.
 *
 * <p>Breakpoints and watchpoints are the engine's: nothing is written into the guest. Everything that reads goes through
 * {@link dev.trapline.vm.debug.Inspector}, which uses the page walker without side effects and hands out immutable records of
 * {@code vm.debug.view}: it deliberately bypasses access protection and leaves TLB, accessed bits and devices alone, so looking
 * at a machine does not change how it runs.
 *
 * <pre>{@code
 * Session session = Sessions.open(MachineConfig.standard(), Image.file(path, "scale=1"));
 * session.breakpoints().add(Address.parse("0x101000", session.names()), Breakpoints.Options.EXEC);
 * Stop stop = session.resume();
 * }</pre>
 *
 * <p>May import: everything below ({@code vm.machine} and down).
 */
package dev.trapline.vm.debug;
