package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.shell.command.Aliases;
import dev.trapline.shell.command.Failure;
import dev.trapline.shell.command.Registry;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.render.Style;
import dev.trapline.shell.script.LazyGroovy;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Image;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Sessions;
import dev.trapline.vm.machine.MachineConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every example of every command's help is typed on a small guest. It works, or fails for want of what only a bigger guest has. */
class ExamplesTest {
  private static final String GUEST = """
      bits 32
      org 0x100000
      start:
        mov esp, stack_top
        mov dword [0x4000], main
        jmp main
      times 0x1000 - ($ - start) db 0x90
      main:
        inc dword [counter]
        mov dx, 0x3f8
        mov al, 'x'
        out dx, al
        jmp main
      align 4
      counter: dd 200
      message: db 'hello', 0
        times 256 db 0
      stack_top:
      """;
  private static final Map<String, String> FILES = Map.of("setup.trap", "echo set up\n", "stats.groovy", "1 + 1\n", "hello.asm", "hlt\n",
      "code.bin", "raw", "System.map", "00100000 T start\n", "disk.img", "\0".repeat(510) + "Uz");
  /** Parts of the one line that an example may answer with here: it wants a bigger guest, a person, or a file that is not there. */
  private static final List<String> WANTING = List.of("kernel.elf", "vmlinuz", "main.c", "no Linux symbol table", "names of a Linux kernel",
      "nobody is here", "no processor 1", "assertion failed", "the bare machine", "this machine has no", "no console '", "has not appeared",
      "#GP", "paging is off", "nothing is saved", "stopped by a limit", "no breakpoint 1", "0x8", "0xffff8880", "boot sector");
  /** After these the machine or the settings are others. */
  private static final List<String> CHANGING = List.of("load", "set", "snap", "journal", "quit", "symbols", "attach");

  @TempDir
  Path folder;

  private List<String> examples() {
    return Commands.ALL.all().stream().flatMap(this::examples).toList();
  }

  /** The commands in a command's example lines: up to two spaces, several with commas between them, what is optional left out. */
  private Stream<String> examples(Registry.Entry entry) {
    return entry.examples().stream().map(line -> line.split("  ", 2)[0].replaceAll(" \\[[A-Z]+]", "")).flatMap(line -> {
      var parts = new ArrayList<String>();
      for (String piece : line.split(", ")) {
        if (parts.isEmpty() || known(piece.split("[ /]")[0])) {
          parts.add(piece);
        } else {
          parts.add(parts.removeLast() + ", " + piece);
        }
      }
      return parts.stream();
    }).filter(e -> known(e.split("[ /]")[0]));
  }

  private boolean known(String word) {
    return Commands.ALL.find(word) != null || new Aliases().expansion(word) != null;
  }

  private Shell shell(StringWriter out) throws IOException {
    for (var f : FILES.entrySet()) {
      Files.writeString(folder.resolve(f.getKey()), f.getValue());
    }
    Path guest = Files.writeString(folder.resolve("guest.asm"), GUEST);
    Session session = Sessions.open(MachineConfig.standard().withMemory(4 << 20), Image.assembled(guest, ""));
    session.limit(20_000);
    Shell shell = new Shell(Commands.ALL, session, new PrintWriter(out), Style.PLAIN, true);
    shell.script(new LazyGroovy(shell));
    return shell;
  }

  @Test
  void everyExampleOfHelpWorks() throws IOException {
    List<String> all = examples();
    assertTrue(all.size() > 100, all.toString());
    Shell shell = shell(new StringWriter());
    var wrong = new ArrayList<String>();
    for (String example : all) {
      String line = example.replaceAll("(?<![\\w/.])([\\w-]+\\.(?:snap|journal|png|txt|trap|groovy|elf|img|bin|asm))\\b", folder + "/$1")
          .replaceFirst("(?<= )System.map$", folder + "/System.map");
      try {
        if (CHANGING.contains(line.split(" ")[0])) {
          shell = shell(new StringWriter());
        } else {
          shell.execute("reset");
          shell.execute("bp rm");
        }
        if (line.startsWith("snap") || line.endsWith(".snap")) {
          shell.execute("snap save " + folder + "/boot.snap");
          shell.execute("snap save " + folder + "/a.snap");
          shell.execute("snap save " + folder + "/b.snap");
        }
        shell.execute(line);
      } catch (BadInput | Failure refused) {
        if (WANTING.stream().noneMatch(refused.getMessage()::contains)) {
          wrong.add(example + " -> " + refused.getMessage());
        }
      }
    }
    assertTrue(wrong.isEmpty(), String.join("\n", wrong));
  }
}
