package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.RegisterSetting;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.render.RegisterText;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.view.Register;
import dev.trapline.vm.debug.view.RegistersView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code r}. */
@Command(name = "r", description = "Show registers, decoded, or set them: r, r rax, r rax=1, r segments",
    footerHeading = "Examples:%n", footer = {
        "  r                all: general, flags, segments, tables, control registers",
        "  r eax esp        some",
        "  r eax=0x10       set one; the right side is an expression",
        "  r cs=0x1b        loads the descriptor as the processor does; r cs.base=0 the hidden part",
        "  r xmm0=0x1122    vectors, st0 and the rest; r st0=-1.5",
        "  r flags          a part: general flags segments control debug xmm"})
public final class RegistersCommand extends Listing {
  private static final List<String> PARTS = List.of("general", "flags", "segments", "control", "debug", "xmm");

  @Parameters(arity = "0..*", paramLabel = "WHAT", description = "register, register=value, or a part")
  private List<String> what;

  private final List<String> lines = new ArrayList<>();

  @Override
  public Object run(Shell shell) {
    if (what == null) {
      return shell.session().inspect().registers();
    }
    var values = new ArrayList<Register>();
    for (String item : items(join(what))) {
      int equals = item.indexOf('=');
      if (equals > 0) {
        String name = name(item.substring(0, equals));
        RegisterSetting.set(shell, name, item.substring(equals + 1));
        values.addAll(some(shell, name));
      } else if (PARTS.contains(item)) {
        lines.add(part(shell, item));
      } else {
        values.addAll(some(shell, name(item)));
      }
    }
    return lines.isEmpty() ? values : String.join("\n", lines);
  }

  /** One assignment takes the whole line ({@code r eax = ecx + 2}); otherwise blanks separate, but not beside an equals sign. */
  private static List<String> items(String text) {
    if (text.indexOf('=') > 0 && text.indexOf('=') == text.lastIndexOf('=')) {
      return List.of(text);
    }
    return List.of(text.replaceAll("\\s*=\\s*", "=").trim().split("[\\s,]+"));
  }

  private static String name(String text) {
    String n = text.trim().toLowerCase(Locale.ROOT);
    return n.startsWith("$") || n.startsWith("@") ? n.substring(1) : n;
  }

  /** A register, or the parts of a wide one. */
  private static List<Register> some(Shell shell, String name) {
    return RegisterSetting.parts(name).stream().map(n -> one(shell, n)).toList();
  }

  private static Register one(Shell shell, String name) {
    var inspect = shell.session().inspect();
    if (!inspect.registerNames().contains(name)) {
      String near = dev.trapline.shell.command.Near.of(name, inspect.registerNames());
      throw new BadInput("no register '" + name + "'" + (near == null ? "" : "; did you mean '" + near + "'?"));
    }
    return inspect.register(name);
  }

  private static String part(Shell shell, String part) {
    RegistersView v = shell.session().inspect().registers();
    RegisterText t = new RegisterText(shell.style(), shell.shown());
    return switch (part) {
      case "segments" -> t.segments(v);
      case "xmm" -> t.vectors(v);
      case "flags" -> t.decoded(v.flags(), 32);
      case "control" -> String.join("\n", v.control().stream().map(c -> t.decoded(c, v.bits())).toList());
      case "debug" -> String.join("\n", v.debug().stream().map(t::cell).toList());
      default -> t.brief(v);
    };
  }

  @Override
  public String text(Shell shell, Object result) {
    RegisterText t = new RegisterText(shell.style(), shell.shown());
    return switch (result) {
      case RegistersView v -> {
        shell.shown(v);
        yield t.full(v);
      }
      case List<?> values -> String.join("\n", values.stream().map(r -> t.cell((Register) r)).toList());
      default -> result.toString();
    };
  }

  @Override
  public boolean repeats() {
    return what == null;
  }
}
