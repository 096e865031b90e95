/**
 * The host that stands at the other end of a guest's network cable: it lives in the machine, answers what a guest asks first (ARP, DHCP,
 * ping) and knows no network beyond, so a run with a network card is as repeatable as one without.
 *
 * <p>May import: {@code vm.state}, {@code vm.util}.
 */
package dev.trapline.vm.device.net;
