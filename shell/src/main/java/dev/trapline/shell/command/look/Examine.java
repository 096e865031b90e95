package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.render.MemoryFormat;
import dev.trapline.shell.render.MemoryText;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.view.MemoryView;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Memory by address, in gdb's formats. Without an address it goes on where the last one ended. */
abstract class Examine extends Listing {
  private static final int STRING = 256;
  private static final MemoryFormat USUAL = new MemoryFormat(1, 'x', 4);

  @Option(names = "--format", hidden = true)
  private String given = "";

  @Parameters(arity = "0..*", paramLabel = "ADDRESS", description = "[v:|l:|p:]address, seg:off, symbol or expression")
  private List<String> words;

  private final char space;
  private MemoryFormat format;

  Examine(char space) {
    this.space = space;
  }

  @Override
  public Object run(Shell shell) {
    MemoryFormat last = shell.examined() == null ? USUAL : shell.examined().format();
    MemoryFormat own = MemoryFormat.parse(given);
    format = own.or(words == null ? last : new MemoryFormat(1, last.letter(), last.unit()));
    if (own.letter() == 'c' && own.unit() == 0) {
      format = new MemoryFormat(format.count(), 'c', 1);
    }
    Address at = words == null ? next(shell) : Address.parse(join(words), space, shell.session().names());
    var inspect = shell.session().inspect();
    if (format.letter() == 'i') {
      var code = inspect.code(at, format.count());
      long bytes = code.stream().mapToLong(l -> l.bytes().length() / 2).sum();
      shell.examined(new Shell.Examined(at.plus(bytes), format));
      return code;
    }
    int bytes = format.letter() == 's' ? STRING : format.count() * format.unit();
    MemoryView view = inspect.memory(at, bytes);
    shell.examined(new Shell.Examined(at.plus(format.letter() == 's' ? view.cells().indexOf(0) + 1 : bytes), format));
    return view;
  }

  private Address next(Shell shell) {
    return shell.examined() == null ? shell.session().inspect().here() : shell.examined().next();
  }

  @Override
  public String text(Shell shell, Object result) {
    MemoryText memory = new MemoryText(shell.style(), shell.session().symbols());
    return result instanceof MemoryView m ? memory.text(m, format) : super.text(shell, result);
  }

  @Override
  public String repetition(String line) {
    return (space == 'v' ? "x" : "x" + space) + (given.isEmpty() ? "" : "/" + given);
  }

  @Override
  public boolean repeats() {
    return true;
  }
}
