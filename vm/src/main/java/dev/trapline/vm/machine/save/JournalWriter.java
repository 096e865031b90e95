package dev.trapline.vm.machine.save;

import dev.trapline.vm.machine.Journal;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.state.StateException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a machine's journal while it runs. See {@link JournalFile}. */
public final class JournalWriter implements AutoCloseable {
  private final Path file;
  private final Machine machine;
  private final BufferedWriter out;
  private final Check check = new Check();

  /**
   * Begins a journal with what has come already; from now on every input is written before it comes.
   *
   * @throws StateException if the file cannot be written
   */
  public JournalWriter(Path file, Machine machine) {
    this.file = file;
    this.machine = machine;
    try {
      this.out = Files.newBufferedWriter(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw failed(e);
    }
    line(JournalFile.FIRST);
    JournalFile.fields(machine.config()).forEach((name, v) -> line("machine " + name + " \"" + JournalFile.escaped(v) + "\""));
    Journal so = machine.inputs().journal();
    so.entries().subList(0, so.done()).forEach(e -> line(JournalFile.line(e)));
    flush();
    machine.inputs().listen(this::came);
  }

  private StateException failed(IOException e) {
    return new StateException(file + ": cannot be written: " + e.getMessage());
  }

  private void came(Journal.Entry e) {
    line(JournalFile.line(e));
    flush();
  }

  private void line(String line) {
    try {
      out.write(line + "  " + check.of(line) + "\n");
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Writes the end: where the machine stands now and the hash of its state. */
  @Override
  public void close() {
    machine.inputs().listen(e -> {});
    line(JournalFile.line(machine.inputs().end(machine.stateHash())));
    try {
      out.close();
    } catch (IOException e) {
      throw failed(e);
    }
  }
}
