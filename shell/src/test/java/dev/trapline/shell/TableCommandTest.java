package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.debug.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pt} on a guest with 4 KiB pages, a 4 MiB page and an alias. */
class TableCommandTest {
  private static final String GUEST = """
      bits 32
      org 0x100000
      start:
        mov dword [0x2000], 0x3007
        mov dword [0x2000 + 4], 0x83
        mov dword [0x3000], 0
        mov dword [0x3000 + 0x100 * 4], 0x100003
        mov dword [0x3000 + 0x101 * 4], 0x100005
        mov eax, cr4
        or eax, 0x10
        mov cr4, eax
        mov eax, 0x2000
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
      paged:
        jmp $
      """;

  @TempDir
  Path folder;
  private ShellFixture fixture;

  @BeforeEach
  void boot() throws IOException {
    fixture = new ShellFixture(folder, false);
    Path source = Files.writeString(folder.resolve("paged.asm"), GUEST);
    fixture.run("load " + source);
    fixture.run("until paged");
  }

  @Test
  void listsFolded() {
    String all = fixture.run("pt ls");
    assertTrue(all.contains("0x00100000  0x00100fff  4 KiB  rwxs    0x00100000"), all);
    assertTrue(all.contains("0x00101000  0x00101fff  4 KiB  r-xu    0x00100000"), all);
    assertTrue(all.contains("0x00400000  0x007fffff  4 MiB  rwxs    0x00000000"), all);
    assertEquals(2, fixture.run("pt ls --rights u").lines().count());
    assertEquals(3, fixture.run("pt ls --where {it.w}").lines().count());
    assertEquals(2, fixture.run("pt ls --has 0x500000").lines().count());
    assertEquals("none", fixture.run("pt ls 0x800000"));
    assertTrue(fixture.run("pt ls --json").contains("\"executable\":true"));
  }

  @Test
  void aliasesOfAPage() {
    String all = fixture.run("pt aliases paged");
    assertTrue(all.contains("0x0010") && all.contains("0x0050"), all);
    assertEquals(4, all.lines().count(), all);
  }

  @Test
  void saysWhatChanged() {
    fixture.run("pt save before");
    assertEquals("none", fixture.run("pt diff before"));
    fixture.run("poke p:0x3404 0x101007");
    String diff = fixture.run("pt diff before");
    assertTrue(diff.contains("moved  0x00101000  4 KiB  r-xu -- p:0x100000  rwxu -- p:0x101000"), diff);
    assertTrue(assertThrows(BadInput.class, () -> fixture.run("pt diff after")).getMessage().contains("there is before"));
  }

  @Test
  void drawsAMap() throws IOException {
    String map = fixture.run("pt map");
    assertTrue(map.contains("!.......................!!!"), map);
    fixture.run("pt map --svg " + folder.resolve("map.svg"));
    assertTrue(Files.readString(folder.resolve("map.svg")).endsWith("</svg>\n"));
  }

  @Test
  void lookingChangesNothing() {
    long hash = fixture.session.stateHash();
    fixture.run("pt ls");
    fixture.run("pt aliases p:0x100000");
    fixture.run("pt map");
    fixture.run("pt save now");
    fixture.run("pt diff now");
    fixture.run("pt walk paged");
    assertEquals(hash, fixture.session.stateHash());
  }
}
