package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.shell.command.ApiDocs;
import dev.trapline.shell.script.Group;
import dev.trapline.shell.script.Memory;
import dev.trapline.shell.script.Pc;
import dev.trapline.shell.script.Processor;
import dev.trapline.shell.script.ScriptBase;
import dev.trapline.shell.script.ScriptConsole;
import dev.trapline.shell.script.Tables;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Happening;
import dev.trapline.vm.event.EventKind;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code help script}, {@code help event}, and scripts that are loaded again. */
class ScriptHelpTest {
  private static final Map<String, Class<?>> CLASSES = Map.of("script", ScriptBase.class, "machine", Pc.class, "group", Group.class, "cpu",
      Processor.class, "mem", Memory.class, "tables", Tables.class, "console", ScriptConsole.class, "event", Happening.class);
  private static final Set<String> HOOKS = Set.of("propertyMissing", "methodMissing", "getProperty", "toString", "run", "$getStaticMetaClass",
      "setEcho");

  @TempDir
  private Path folder;
  private ShellFixture f;

  @BeforeEach
  void start() {
    f = new ShellFixture(folder, true);
  }

  private static String word(Method m) {
    String n = m.getName();
    if (n.equals("getAt")) {
      return "[]";
    }
    boolean property = m.getParameterCount() == 0 && n.matches("(get|is)[A-Z].*");
    String rest = n.replaceFirst("^(get|is)", "");
    return property ? Character.toLowerCase(rest.charAt(0)) + rest.substring(1) : n;
  }

  @Test
  void everythingScriptsSeeIsDocumented() {
    ApiDocs docs = ApiDocs.read();
    CLASSES.forEach((section, type) -> {
      Set<String> there = Arrays.stream(type.getDeclaredMethods()).filter(m -> Modifier.isPublic(m.getModifiers()) && !m.isSynthetic())
          .filter(m -> !HOOKS.contains(m.getName())).map(ScriptHelpTest::word).collect(Collectors.toCollection(TreeSet::new));
      Set<String> told = docs.section(section).members().stream().map(ApiDocs.Member::name).collect(Collectors.toCollection(TreeSet::new));
      assertTrue(told.containsAll(type == Happening.class ? Set.of("value", "reason", "guest") : there), () -> section + ": " + there + " but " + told);
      docs.section(section).members().forEach(m -> assertFalse(m.text().isBlank() || m.text().contains("{@") || m.text().contains("*"), m.toString()));
    });
  }

  @Test
  void helpShowsItAll() {
    String all = f.run("help script");
    assertTrue(all.contains("expect(String text)") && all.contains("go()") && all.contains("overheads"), all);
    assertTrue(f.run("help script expect").contains("the script fails if the guest ends before"), () -> f.run("help script expect"));
    assertTrue(f.run("help script cpu").contains("cpl"));
    assertEquals("scripts know no 'expcet'; did you mean 'expect'?", assertThrows(BadInput.class, () -> f.run("help script expcet")).getMessage());
    assertThrows(BadInput.class, () -> f.run("help bp ls"));
  }

  @Test
  void eventsAreListedFromTheirEnums() {
    String all = f.run("help event");
    Arrays.stream(EventKind.values()).forEach(k -> assertTrue(all.contains(k.word() + " ") && all.contains(k.about()), k.word()));
    assertTrue(f.run("help event exit").contains("npf") && f.run("help event exc").contains("pf"), () -> f.run("help event exit"));
    assertEquals("no events of kind 'exot'; did you mean 'exit'?", assertThrows(BadInput.class, () -> f.run("help event exot")).getMessage());
  }

  @Test
  void aScriptIsLoadedAgainWithTheMachineWhereItIs() throws IOException {
    Path script = Files.writeString(folder.resolve("h.groovy"), "hits = 0\non('exec print') { hits++ }\n");
    f.run("script load " + script);
    assertEquals("[1]", f.run("=session.breakpoints().list().id.toString()"));
    f.run("until #12");
    assertEquals("2", f.run("=hits.toString()"));
    Files.writeString(script, "on('exec print') { hits += 10 }\n");
    f.run("script reload");
    assertEquals("[2]", f.run("=session.breakpoints().list().id.toString()"));
    f.run("c");
    assertEquals("12", f.run("=hits.toString()"));
    assertEquals(script.toString(), f.run("script ls"));
    f.run("script rm h.groovy");
    assertEquals("[]", f.run("=session.breakpoints().list().id.toString()"));
    assertEquals("no script is loaded", f.run("script ls"));
    assertThrows(BadInput.class, () -> f.run("script reload h.groovy"));
  }
}
