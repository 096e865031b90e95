package dev.trapline.vm.isa;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A list of rows with the indexes its readers need: by opcode for the decoder, by mnemonic for the assembler. */
public final class InstructionSet {
  private final List<Row> rows;
  private final Row[][] byOpcode = new Row[4 * 256][];
  private final Map<String, List<Row>> byMnemonic;

  public InstructionSet(List<Row> rows) {
    this.rows = List.copyOf(rows);
    var lists = new ArrayList<List<Row>>();
    for (int i = 0; i < byOpcode.length; i++) {
      lists.add(new ArrayList<>());
    }
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      row.id = i;
      Row.Encoding e = row.enc();
      int first = e.map().ordinal() << 8 | e.opcode();
      for (int r = 0; r < (e.plusReg() ? 8 : 1); r++) {
        lists.get(first + r).add(row);
      }
    }
    for (int i = 0; i < byOpcode.length; i++) {
      byOpcode[i] = lists.get(i).toArray(Row[]::new);
    }
    this.byMnemonic = rows.stream().collect(Collectors.groupingBy(Row::mnemonic));
  }

  public List<Row> rows() {
    return rows;
  }

  /** Rows of a mnemonic (lower case), in table order; empty if there is none. */
  public List<Row> named(String mnemonic) {
    return byMnemonic.getOrDefault(mnemonic, List.of());
  }

  /** All mnemonics. */
  public java.util.Set<String> mnemonics() {
    return byMnemonic.keySet();
  }

  Row[] candidates(Row.OpMap map, int opcode) {
    return byOpcode[map.ordinal() << 8 | opcode];
  }
}
