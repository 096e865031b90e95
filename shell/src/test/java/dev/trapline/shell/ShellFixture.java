package dev.trapline.shell;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.render.Style;
import dev.trapline.shell.script.LazyGroovy;
import dev.trapline.vm.debug.Image;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Sessions;
import dev.trapline.vm.machine.MachineConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A shell on a small guest, with its output in a string. */
final class ShellFixture {
  static final String GUEST = """
      bits 32
      org 0x100000
      start:
        mov esp, stack_top
        mov ecx, 3
      .loop:
        call print
        loop .loop
        mov al, 3
        out 0xf4, al
        hlt
      print:
        mov dx, 0x3f8
        mov al, '0'
        add al, cl
        out dx, al
        inc dword [counter]
        ret
      align 4
      counter: dd 0
      text: db 'hello', 0
        times 256 db 0
      stack_top:
      """;

  final StringWriter written = new StringWriter();
  final Session session;
  final Shell shell;

  ShellFixture(Path folder, boolean interactive) {
    session = Sessions.open(MachineConfig.standard().withMemory(4 << 20), Image.assembled(guest(folder), ""));
    shell = new Shell(Commands.ALL, session, new PrintWriter(written), Style.PLAIN, interactive);
    shell.script(new LazyGroovy(shell));
    session.onConsole(shell::console);
  }

  static Path guest(Path folder) {
    try {
      return Files.writeString(folder.resolve("guest.asm"), GUEST);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a line prints, without the last line end. */
  String run(String line) {
    written.getBuffer().setLength(0);
    shell.execute(line);
    return written.toString().stripTrailing();
  }
}
