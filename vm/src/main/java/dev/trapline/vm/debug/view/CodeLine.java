package dev.trapline.vm.debug.view;

/**
 * One disassembled instruction.
 *
 * @param selector CS of the code if it is shown as seg:off, else -1
 * @param offset address as the program sees it: offset in CS
 * @param linear linear address
 * @param bytes in hexadecimal, without spaces
 * @param symbol name at exactly this address, or null
 * @param source {@code main.c:12} if the code of a source line begins here, or null
 * @param target name of an address in the instruction that the text does not show, or null
 * @param current whether it executes next
 * @param breakpoint id of an enabled breakpoint here, or 0
 */
public record CodeLine(int selector, long offset, long linear, String bytes, String text, String symbol, String source, String target,
    boolean current, int breakpoint) {}
