/**
 * Bits, hexadecimal, deterministic random numbers. No domain noun lives here.
 */
package dev.trapline.vm.util;
