/**
 * IEEE 754 arithmetic in integers: single, double and the x87's double-extended format, with the rounding modes, exception flags,
 * masked and unmasked responses of x86 (SDM 1 chapters 4, 8 and 11; APM1 chapters 4 and 6). Pure functions of operands and an
 * {@link dev.trapline.vm.softfloat.FpEnv}; results are the same on every host.
 *
 * <p>Nothing on a computing path allocates: singles and doubles travel as {@code int} and {@code long} bit patterns, extended values
 * as a pair (sign and exponent, significand) whose result is left in the environment.
 *
 * <p>May import: the JDK and {@code vm.util}.
 */
package dev.trapline.vm.softfloat;
