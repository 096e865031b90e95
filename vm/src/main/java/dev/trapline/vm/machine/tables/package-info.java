/**
 * The tables by which firmware tells operating systems what the board is: ACPI with its AML, the multiprocessor specification's and
 * SMBIOS. Each is bytes built from a description of the board; nobody here touches a machine.
 *
 * <p>May import: the JDK and {@code vm.util}.
 */
package dev.trapline.vm.machine.tables;
