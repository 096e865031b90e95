package dev.trapline.shell.script;

import dev.trapline.vm.debug.BadInput;
import groovy.lang.Closure;
import groovy.lang.GroovyShell;
import groovy.lang.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.codehaus.groovy.control.CompilationFailedException;
import org.codehaus.groovy.control.CompilerConfiguration;

/**
 * A description of several guests in Groovy:
 *
 * <pre>machine { memory '1G'; processors 2; scheduler 'credit'; guest('a') { kernel 'vmlinuz'; memory '128M'; technique 'hvm'; weight 2 } }</pre>
 *
 * <p>What stands in a guest's block are the options of {@code boot} without their dashes; {@code memory} is {@code --mem}. Paths may use
 * {@code cache}, the folder of fetched guests, and {@code here}, the folder of the file.
 */
public final class MachineFile {
  /**
   * What a file says.
   *
   * @param memory of the host, as text; empty if nothing is said
   * @param reserve how much of it guests with balloons keep free, as text; empty for nothing
   * @param processors of the host
   * @param scheduler a policy's name
   */
  public record Description(String memory, String reserve, int processors, String scheduler, List<GuestText> guests) {}

  /**
   * A guest.
   *
   * @param arguments options as {@code boot} takes them
   * @param weight 0 if nothing is said
   * @param cap percent, 0 for none
   * @param until it is switched off when it has printed this; empty if it ends by itself
   */
  public record GuestText(String name, List<String> arguments, int weight, int cap, String until) {}

  private MachineFile() {}

  /** Reads a file. @throws BadInput if it is not there, no Groovy, or describes no machine */
  public static Description read(Path file, Path cache) {
    try {
      return evaluate(Files.readString(file), file, cache);
    } catch (IOException missing) {
      throw new BadInput("--machine: no file " + file);
    }
  }

  private static Description evaluate(String text, Path file, Path cache) {
    var configuration = new CompilerConfiguration();
    configuration.setScriptBaseClass(Base.class.getName());
    try {
      Base script = (Base) new GroovyShell(MachineFile.class.getClassLoader(), configuration).parse(text, file.getFileName().toString());
      script.setProperty("cache", cache.toString());
      script.setProperty("here", String.valueOf(file.toAbsolutePath().getParent()));
      script.run();
      if (script.machine == null || script.machine.guests.isEmpty()) {
        throw new BadInput(file + ": machine { ... guest('name') { ... } } expected");
      }
      MachineBlock m = script.machine;
      return new Description(m.memory, m.reserve, m.processors, m.scheduler, List.copyOf(m.guests));
    } catch (CompilationFailedException wrong) {
      throw new BadInput(file + ": no Groovy: " + wrong.getMessage().lines().skip(1).findFirst().orElse("cannot compile"));
    } catch (groovy.lang.GroovyRuntimeException wrong) {
      throw new BadInput(file + ": " + wrong.getMessage().lines().findFirst().orElse("fails"));
    }
  }

  /** What the block of a script's {@code group { ... }} says. */
  static Description of(Closure<?> block) {
    var machine = new MachineBlock();
    in(machine, block);
    return new Description(machine.memory, machine.reserve, machine.processors, machine.scheduler, List.copyOf(machine.guests));
  }

  /** The file's outermost level. */
  public abstract static class Base extends Script {
    private MachineBlock machine;

    /** {@code machine { ... }}. */
    public void machine(Closure<?> block) {
      machine = new MachineBlock();
      in(machine, block);
    }
  }

  private static void in(Object delegate, Closure<?> block) {
    block.setDelegate(delegate);
    block.setResolveStrategy(Closure.DELEGATE_FIRST);
    block.call();
  }

  /** Inside {@code machine}. */
  public static final class MachineBlock {
    private String memory = "";
    private String reserve = "";
    private int processors = 1;
    private String scheduler = "round-robin";
    private final List<GuestText> guests = new ArrayList<>();

    /** Memory of the host. */
    public void memory(String size) {
      memory = size;
    }

    /** How much of the host's memory is to stay free: guests with balloons are asked for it. */
    public void reserve(String size) {
      reserve = size;
    }

    /** Processors of the host, 1 to 8; how many a guest has is its {@code smp}. */
    public void processors(int number) {
      processors = number;
    }

    /** The policy by which guests share the processors: round-robin, credit or bvt. */
    public void scheduler(String policy) {
      scheduler = policy;
    }

    /** A guest. */
    public void guest(String name, Closure<?> block) {
      var g = new GuestBlock();
      in(g, block);
      guests.add(new GuestText(name, List.copyOf(g.arguments), g.weight, g.cap, g.until));
    }
  }

  /** Inside {@code guest}. */
  public static final class GuestBlock {
    private final List<String> arguments = new ArrayList<>();
    private int weight;
    private int cap;
    private String until = "";

    /** Share of the processor relative to the others. */
    public void weight(int value) {
      weight = value;
    }

    /** The most of the processor, in percent. */
    public void cap(int percent) {
      cap = percent;
    }

    /** Switches the guest off when it has printed a text: for systems that never end by themselves. */
    public void until(String text) {
      until = text;
    }

    /** Memory of the guest. */
    public void memory(String size) {
      option("mem", size);
    }

    /** Any other option of {@code boot}; a switch takes no value. */
    public Object methodMissing(String name, Object values) {
      Object[] all = (Object[]) values;
      option(name, all.length == 0 ? null : all[0]);
      return null;
    }

    private void option(String name, Object value) {
      arguments.add("--" + name.replace('_', '-'));
      if (value != null) {
        arguments.add(value.toString());
      }
    }
  }
}
