package dev.trapline.shell.command.change;

import dev.trapline.shell.command.Aliases;
import dev.trapline.shell.command.RegisterSetting;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.shell.render.Style;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Expr;
import dev.trapline.vm.isa.disasm.Syntax;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code set}. */
@Command(name = "set", description = "Set a register or a setting: radix, style, color, syntax, context, paging, limit",
    footerHeading = "Examples:%n", footer = {
        "  set rax = 5          a register (so do r rax=5 and set $rax=5)",
        "  set radix 16         plain numbers are hexadecimal; 10 back",
        "  set style windbg     whose habits win: gdb, windbg, bochs",
        "  set color off        no colours",
        "  set syntax att       disassembly; intel back",
        "  set context off      do not show the next instruction after a stop",
        "  set paging off       long results run through; | less pages one",
        "  set limit 1000000    bound every run by instructions; none lifts it"})
public final class SetCommand extends ShellCommand {
  /** Names of the settings, for completion. */
  public static final List<String> SETTINGS = List.of("radix", "style", "color", "syntax", "context", "paging", "limit");

  @Parameters(arity = "1..*", paramLabel = "NAME VALUE", description = "a setting or register, and its value")
  private List<String> words;

  @Override
  public Object run(Shell shell) {
    String text = join(words).trim();
    String[] parts = text.split("\\s*=\\s*|\\s+", 2);
    String name = parts[0].toLowerCase(Locale.ROOT);
    String value = parts.length > 1 ? parts[1].trim() : "";
    if (value.isEmpty()) {
      throw new BadInput("set " + name + ": a value is missing");
    }
    switch (name) {
      case "radix", "output-radix", "input-radix" -> shell.session().radix(radix(value));
      case "style" -> shell.aliases().habit(habit(value));
      case "color", "colour" -> shell.style(onOff(value) ? Style.COLOUR : Style.PLAIN);
      case "syntax", "disassembly-flavor" -> shell.syntax(syntax(value));
      case "context" -> shell.autoContext(onOff(value));
      case "paging", "pagination" -> shell.paging(onOff(value));
      case "limit" -> shell.session().limit(limit(shell, value));
      default -> register(shell, name.startsWith("$") ? name.substring(1) : name, value);
    }
    return null;
  }

  private static int radix(String value) {
    return switch (value) {
      case "10" -> 10;
      case "16", "0x10" -> 16;
      default -> throw new BadInput("set radix " + value + ": 10 or 16 is expected");
    };
  }

  private static Aliases.Habit habit(String value) {
    for (Aliases.Habit h : Aliases.Habit.values()) {
      if (h.name().equalsIgnoreCase(value)) {
        return h;
      }
    }
    throw new BadInput("set style " + value + ": gdb, windbg or bochs is expected");
  }

  private static Syntax syntax(String value) {
    return switch (value) {
      case "intel" -> Syntax.INTEL;
      case "att" -> Syntax.ATT;
      default -> throw new BadInput("set syntax " + value + ": intel or att is expected");
    };
  }

  private static boolean onOff(String value) {
    return switch (value) {
      case "on", "always", "1" -> true;
      case "off", "never", "0" -> false;
      default -> throw new BadInput("'" + value + "': on or off is expected");
    };
  }

  private static long limit(Shell shell, String value) {
    return value.equals("none") || value.equals("off") ? Long.MAX_VALUE : Expr.evaluate(value, shell.session().names());
  }

  private static void register(Shell shell, String name, String value) {
    if (!shell.session().inspect().registerNames().containsAll(RegisterSetting.parts(name))) {
      throw new BadInput("set " + name + ": neither a register nor one of " + String.join(" ", SETTINGS));
    }
    RegisterSetting.set(shell, name, value);
  }
}
