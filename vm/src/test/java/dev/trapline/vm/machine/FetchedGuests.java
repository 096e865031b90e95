package dev.trapline.vm.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * The real systems that {@code scripts/fetch-guests} keeps in {@code $TRAPLINE_CACHE} ({@code ~/.cache/trapline}). A test whose guest is
 * not there is skipped and says which one; with {@code CI=true} (environment or system property) it fails.
 */
public final class FetchedGuests {
  private static final boolean MUST = "true".equals(System.getProperty("CI", System.getenv("CI")));

  private FetchedGuests() {}

  /** Whether what is missing is a failure. */
  public static boolean must() {
    return MUST;
  }

  /** A file of the cache, {@code debian-686/linux}. */
  public static byte[] file(String name) {
    Path path = folder().resolve(name);
    if (!Files.isRegularFile(path)) {
      String missing = path + " is missing: run scripts/fetch-guests";
      if (MUST) {
        Assertions.fail(missing);
      }
      Assumptions.abort(missing);
    }
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A kernel of the cache with its initramfs of busybox. */
  public static BootImage linux(String kernel, String commandLine) {
    String architecture = kernel.contains("amd64") ? "amd64" : "i386";
    return BootImage.auto(kernel, file(kernel + "/linux"), commandLine).withInitrd(file("busybox-" + architecture + ".cpio.gz"));
  }

  private static Path folder() {
    String cache = System.getenv("TRAPLINE_CACHE");
    Path root = cache == null || cache.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache", "trapline") : Path.of(cache);
    return root.resolve("guests");
  }
}
