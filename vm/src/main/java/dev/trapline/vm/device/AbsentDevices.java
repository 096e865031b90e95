package dev.trapline.vm.device;

import java.util.List;
import java.util.Optional;

/**
 * Devices of PCs that this one does not have and that systems look for by touching their ports: on a real machine without them, too,
 * nobody answers. Accesses to other ports without a device mean that something is missing here.
 */
public final class AbsentDevices {
  /**
   * A device that is not there.
   *
   * @param first its first port
   * @param last its last port
   * @param step every how many ports one is meant
   * @param device what would be there
   * @param probes who looks for it, and how
   */
  public record Absent(int first, int last, int step, String device, String probes) {
    boolean covers(int port) {
      return port >= first && port <= last && (port - first) % step == 0;
    }

    /** In one line. */
    public String explanation() {
      return "no " + device + " here: " + probes;
    }
  }

  private static final String PNP = "ISA Plug and Play card";
  private static final String ISOLATION = "Linux isapnp and firmware send the initiation key and read for serial numbers";
  private static final String SUPER_IO = "Super I/O chip with a configuration port";
  private static final String UNLOCKING = "Linux 8250_fintek, hardware monitors and firmware write unlock keys and read an identity";
  private static final String PRINTER = "parallel port";
  private static final String ECHO = "firmware and memory testers write a pattern and look if it reads back";

  private static final List<Absent> TABLE = List.of(
      new Absent(0x2e, 0x2f, 1, SUPER_IO, UNLOCKING), new Absent(0x4e, 0x4f, 1, SUPER_IO, UNLOCKING),
      // 279h is also the status of a parallel port, which is why cards can listen there.
      new Absent(0x279, 0x279, 1, PNP, ISOLATION), new Absent(0xa79, 0xa79, 1, PNP, ISOLATION),
      new Absent(0x278, 0x27a, 1, PRINTER, ECHO), new Absent(0x378, 0x37a, 1, PRINTER, ECHO), new Absent(0x3bc, 0x3be, 1, PRINTER, ECHO),
      // The read port is put at one of these in turn until it collides with nobody.
      new Absent(0x203, 0x3ff, 4, PNP, ISOLATION),
      new Absent(0x201, 0x201, 1, "game port", "joystick drivers start its timers and read them"));

  /** Four event selections and four counters of AMD processors. */
  private static final int K7_COUNTERS = 0xc001_0000;

  private AbsentDevices() {}

  /** All of them. */
  public static List<Absent> table() {
    return TABLE;
  }

  /** Why a model-specific register is not here, if that is known: what systems look for and do without. */
  public static Optional<String> msr(int number) {
    return number >= K7_COUNTERS && number < K7_COUNTERS + 8
        ? Optional.of("no performance counters here: Linux looks for the K7's and counts in software") : Optional.empty();
  }

  /** The device that would answer at a port, if it is one of these. */
  public static Optional<Absent> at(int port) {
    return TABLE.stream().filter(a -> a.covers(port)).findFirst();
  }
}
