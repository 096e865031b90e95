package dev.trapline.shell.render;

import dev.trapline.vm.debug.paging.Difference;
import dev.trapline.vm.debug.paging.Mapping;
import dev.trapline.vm.debug.view.AliasView;
import dev.trapline.vm.debug.view.BothView;
import java.util.List;

/** Address spaces as tables. */
final class TableText {
  private TableText() {}

  static String mappings(List<Mapping> list, Style style) {
    Table t = new Table("linear", "to", "bytes", "rights", "physical", "host", "pages", "used");
    for (Mapping m : list) {
      String host = m.host() == m.physical() ? "" : physical(m.host());
      t.row(Hex.address(m.linear()), Hex.address(m.last()), Text.size(m.bytes()), m.rights(), physical(m.physical()), host,
          m.pageBytes() == 0 ? "mixed" : Text.size(m.pageBytes()), used(m.accessed(), m.dirty()));
    }
    return t.text(style);
  }

  private static String physical(long pa) {
    return pa < 0 ? "scattered" : Hex.address(pa);
  }

  private static String used(boolean accessed, boolean dirty) {
    return (accessed ? "A" : "-") + (dirty ? "D" : "-");
  }

  static String both(List<BothView> list, Style style) {
    Table t = new Table("linear", "bytes", "guest", "guest-physical", "hardware", "host-physical", "tlb", "", "why");
    for (BothView b : list) {
      t.row(Hex.address(b.linear()), Text.size(b.bytes()), b.guest(), b.guest().isEmpty() ? "" : physical(b.guestPhysical()), b.hardware(),
          b.hardware().isEmpty() ? "" : physical(b.host()), b.tlb(), b.standing(), b.why());
    }
    return t.text(style);
  }

  static String aliases(List<AliasView> list, Style style) {
    Table t = new Table("tables", "linear", "rights", "page", "used", "symbol");
    list.forEach(a -> t.row(a.space(), Hex.address(a.linear()), a.rights(), Text.size(a.pageBytes()), used(a.accessed(), a.dirty()), a.symbol()));
    return t.text(style);
  }

  static String differences(List<Difference> list, Style style) {
    Table t = new Table("", "linear", "bytes", "before", "now");
    list.forEach(d -> t.row(d.what(), Hex.address(d.linear()), Text.size(d.bytes()), state(d.before()), state(d.now())));
    return t.text(style);
  }

  private static String state(Mapping m) {
    return m == null ? "" : m.rights() + " " + used(m.accessed(), m.dirty()) + " p:" + Hex.of(m.physical());
  }
}
