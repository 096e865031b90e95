package dev.trapline.shell.command;

import dev.trapline.vm.debug.BadInput;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Other tools' names for our commands: one canonical set, a table of common aliases, and what differs by habit profile. */
public final class Aliases {
  /** Whose habits win where tools disagree: {@code set style}. */
  public enum Habit { GDB, WINDBG, BOCHS }

  private static final Map<String, String> COMMON = table("""
      continue=c cont=c g=c run=c r=r
      s=si stepi=si t=si step=si
      n=ni nexti=ni next=ni
      gu=finish pa=until advance=until pc=next-call
      b=bp break=bp hb=bp hbreak=bp bu=bp bm=bp vb=bp
      tbreak=bp|add|--once
      lb=bp|--space=l pb=bp|--space=p
      bl=bp|ls blist=bp|ls be=bp|on bpe=bp|on enable=bp|on bd=bp|off bpd=bp|off disable=bp|off bc=bp|rm
      delete=bp|rm
      rwatch=watch|-r awatch=watch|-rw
      regs=r reg=r registers=r creg=r|control sreg=r|segments dreg=r|debug
      disas=u disassemble=u uf=u
      db=x/128xb dw=x/64xh dd=x/32xw dq=x/16xg da=x/s dps=x/16ag dds=x/16aw
      eb=poke|--size=1 ew=poke|--size=2 ed=poke|--size=4 eq=poke|--size=8 setpmem=poke|--space=p writemem=poke
      !db=xp/128xb !dd=xp/32xw !dq=xp/16xg !u=u|--space=p !eb=poke|--size=1|--space=p
      !monitor=watch page=pt|walk !pte=pt|walk !vtop=pt|walk
      backtrace=bt where=bt thread=cpu
      dg=info|gdt di=info|idt dl=info|ldt dt=info|tss !idt=info|idt !gdt=info|gdt
      context=ctx output=? calc=? print=? inspect=? ??=?
      .formats=? .help=help .hh=help man=help
      save=snap|save restore=snap|load savevm=snap|save loadvm=snap|load checkpoint=snap|save
      q=quit exit=quit
      source=source x/i=u xi=u
      """);
  private static final Map<Habit, Map<String, String>> BY_HABIT = Map.of(
      Habit.GDB, table("p=? tb=bp|add|--once d=bp|rm"),
      Habit.WINDBG, table("tb=next-branch p=ni d=x/128xb ba=watch u=u k=ctx rm=r"),
      Habit.BOCHS, table("p=ni d=bp|rm tb=bp|add|--once"));

  private Habit habit = Habit.GDB;

  private static Map<String, String> table(String text) {
    return Stream.of(text.trim().split("\\s+")).filter(s -> !s.isEmpty())
        .collect(Collectors.toMap(s -> s.substring(0, s.indexOf('=', 1)), s -> s.substring(s.indexOf('=', 1) + 1), (a, b) -> b,
            LinkedHashMap::new));
  }

  public Habit habit() {
    return habit;
  }

  public void habit(Habit value) {
    habit = value;
  }

  /** What a name stands for (words separated by {@code |}), or null. */
  public String expansion(String name) {
    String own = BY_HABIT.get(habit).get(name);
    return own != null ? own : COMMON.get(name);
  }

  /** What an alias with this beginning stands for, or null; several meanings are {@link BadInput}. */
  String byPrefix(String prefix) {
    if (prefix.length() < 3 || !Character.isLetter(prefix.charAt(0))) {
      return null;
    }
    var matches = new TreeMap<>(all());
    matches.keySet().removeIf(n -> !n.startsWith(prefix));
    if (new HashSet<>(matches.values()).size() > 1) {
      throw new BadInput("'" + prefix + "' is ambiguous: " + String.join(", ", matches.keySet()));
    }
    return matches.isEmpty() ? null : matches.firstEntry().getValue();
  }

  /** Every alias with its expansion, for help. */
  public Map<String, String> all() {
    var out = new LinkedHashMap<>(COMMON);
    out.putAll(BY_HABIT.get(habit));
    return out;
  }
}
