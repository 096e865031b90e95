package dev.trapline.vm.vmm;

import dev.trapline.vm.machine.Drive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which guest has which part of which image file: a part that somebody writes, and a slice in any case, belongs to one drive alone. */
final class DiskClaims {
  private record Claim(String guest, Path file, long from, long end, boolean alone) {
    boolean overlaps(Claim other) {
      return file.equals(other.file) && from < other.end && other.from < end;
    }
  }

  private final List<Claim> claims = new ArrayList<>();

  /**
   * Looks whether a guest can have its drives, and gives them to it if it can.
   *
   * @throws MonitorException if they overlap with somebody's
   */
  void take(GuestSpec spec) {
    var all = new ArrayList<>(claims);
    for (Drive d : spec.machine().drives()) {
      if (d.file().isPresent() && Files.isRegularFile(d.file().get())) {
        Claim c = claim(spec.name(), d);
        all.stream().filter(o -> o.overlaps(c) && (o.alone || c.alone)).findFirst().ifPresent(o -> refuse(c, o));
        all.add(c);
      }
    }
    claims.clear();
    claims.addAll(all);
  }

  /** A guest is not made after all. */
  void giveUp(String guest) {
    claims.removeIf(c -> c.guest.equals(guest));
  }

  private static void refuse(Claim c, Claim taken) {
    throw MonitorException.of("guest %s: bytes %d to %d of %s overlap bytes %d to %d, which belong to %s", c.guest, c.from, c.end - 1, c.file,
        taken.from, taken.end - 1, taken.guest);
  }

  private static Claim claim(String guest, Drive d) {
    try {
      Path file = d.file().orElseThrow().toRealPath();
      boolean alone = d.write() || d.slice().isPresent();
      return d.slice().map(s -> new Claim(guest, file, s.from(), s.from() + s.length(), alone))
          .orElse(new Claim(guest, file, 0, Files.size(file), alone));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
