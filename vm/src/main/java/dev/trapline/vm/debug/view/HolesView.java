package dev.trapline.vm.debug.view;

import java.util.List;

/**
 * The holes of x86 a guest fell through.
 *
 * @param technique how its code runs: only {@code trap} leaves any
 */
public record HolesView(String guest, String technique, List<HoleView> holes) {}
