package dev.trapline.shell.script;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Session;
import groovy.lang.Binding;
import groovy.lang.Closure;
import groovy.lang.MissingPropertyException;
import java.util.List;

/**
 * What scripts see: {@code session}, {@code shell}, {@code cpu}, {@code mem}, {@code out}, {@code args}, {@code cmd('...')}, the last result as
 * {@code _}, every register and symbol by its name.
 */
public final class ShellBinding extends Binding {
  private final Shell shell;

  ShellBinding(Shell shell) {
    this.shell = shell;
    setVariable("session", shell.session());
    setVariable("shell", shell);
    setVariable("cpu", new Registers(shell.session()));
    setVariable("mem", new Memory(shell.session()));
    setVariable("out", shell.out());
    setVariable("cmd", new Command(this));
    setVariable("args", shell.arguments());
  }

  @Override
  public Object getVariable(String name) {
    if (name.equals("_")) {
      return shell.result();
    }
    if (super.hasVariable(name)) {
      return super.getVariable(name);
    }
    var value = shell.session().names().value(name);
    if (value.isPresent()) {
      return value.getAsLong();
    }
    throw new MissingPropertyException(name, ShellBinding.class);
  }

  @Override
  public void setVariable(String name, Object value) {
    if (shell != null && value instanceof Number n && shell.session().inspect().registerNames().contains(name)) {
      shell.session().register(name, n.longValue());
    } else {
      super.setVariable(name, value);
    }
  }

  @Override
  public boolean hasVariable(String name) {
    return name.equals("_") || super.hasVariable(name) || shell.session().names().value(name).isPresent();
  }

  /** {@code cmd('si 10')}: runs a command and returns its result. */
  static final class Command extends Closure<Object> {
    private static final long serialVersionUID = 1L;
    private final transient ShellBinding binding;

    Command(ShellBinding binding) {
      super(binding);
      this.binding = binding;
    }

    public Object doCall(Object line) {
      return binding.shell.command(line.toString());
    }
  }

  /** {@code cpu.rax}, {@code cpu.rax = 1}. */
  public static final class Registers {
    private final Session session;

    Registers(Session session) {
      this.session = session;
    }

    /** Groovy's hook for {@code cpu.NAME}. */
    public Object propertyMissing(String name) {
      if (!session.inspect().registerNames().contains(name)) {
        throw new BadInput("no register '" + name + "'");
      }
      return session.inspect().register(name).value();
    }

    /** Groovy's hook for {@code cpu.NAME = value}. */
    public void propertyMissing(String name, Object value) {
      session.register(name, ((Number) value).longValue());
    }

    @Override
    public String toString() {
      return String.join(" ", session.inspect().registerNames());
    }
  }

  /** {@code mem[0x1000]}, {@code mem[0x1000..0x100f]}, {@code mem.u32('p:0x1000')}, {@code mem.write('p:0x1000', [1, 2])}. */
  public static final class Memory {
    private final Session session;

    Memory(Session session) {
      this.session = session;
    }

    private Address address(Object where) {
      return where instanceof Number n ? new Address.Virtual(Address.Virtual.NO_SELECTOR, n.longValue())
          : Address.parse(where.toString(), session.names());
    }

    /** A byte. */
    public long getAt(Object where) {
      return value(where, 1);
    }

    /** Some bytes. */
    public List<Integer> getAt(groovy.lang.IntRange range) {
      return session.inspect().memory(address(range.getFrom()), range.size()).cells();
    }

    public long u8(Object where) {
      return value(where, 1);
    }

    public long u16(Object where) {
      return value(where, 2);
    }

    public long u32(Object where) {
      return value(where, 4);
    }

    public long u64(Object where) {
      return value(where, 8);
    }

    /** A zero-terminated string of at most 4096 bytes. */
    public String text(Object where) {
      var out = new StringBuilder();
      for (int c : session.inspect().memory(address(where), 4096).cells()) {
        if (c <= 0) {
          break;
        }
        out.append((char) c);
      }
      return out.toString();
    }

    /** Writes bytes. */
    public void write(Object where, List<? extends Number> bytes) {
      byte[] b = new byte[bytes.size()];
      for (int i = 0; i < b.length; i++) {
        b[i] = bytes.get(i).byteValue();
      }
      session.write(address(where), b);
    }

    private long value(Object where, int bytes) {
      Long v = session.inspect().memory(address(where), bytes).value(0, bytes);
      if (v == null) {
        throw new BadInput("nothing can be read at " + address(where));
      }
      return v;
    }
  }
}
