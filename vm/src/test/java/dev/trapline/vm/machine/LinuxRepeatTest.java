package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.machine.save.JournalFile;
import dev.trapline.vm.machine.save.JournalWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Linux takes the same course each time, with its console's input from a journal too, and in a new process from any moment at which it
 * was saved: equal hashes of the whole state at each ten millionth instruction and at power-off. A plain build saves and continues one
 * machine: {@link LinuxGuestTest}.
 */
@EnabledIfSystemProperty(named = "trapline.full", matches = "true")
class LinuxRepeatTest {
  private static final String KERNEL = "debian-cloud-amd64";
  private static final String KERNEL_32 = "debian-686";
  private static final String COMMAND_LINE = "console=ttyS0 cryptomgr.notests";
  private static final String POWER_OFF = "PowerOff[]";
  /** Of the first IDE channel; reading it changes nothing. */
  private static final int ALTERNATE_STATUS = 0x3f6;
  private static final int BSY = 0x80;
  /** Ends no slice of time, so that what happens there happens in the middle. */
  private static final long ODD = 1_234_567;

  @TempDir
  private Path folder;

  private static MachineConfig config(String kernel, int processors, String more) {
    return MachineConfig.standard().withProcessors(processors).withImage(FetchedGuests.linux(kernel, COMMAND_LINE + more));
  }

  /** Disks on both controllers that keep what is written to them to themselves, a CD, and every virtio device. */
  private MachineConfig withDevices(int processors) throws IOException {
    byte[] disk = new byte[16 << 20];
    new Random(9).nextBytes(disk);
    Path file = Files.write(folder.resolve("disk.img"), disk);
    return MachineConfig.standard().withMemory(256L << 20).withProcessors(processors)
        .withImage(BootImage.auto(KERNEL, FetchedGuests.file(KERNEL + "/linux"), COMMAND_LINE + " tl.devices=2")
            .withInitrd(FetchedGuests.file(KERNEL + "/initrd.gz")))
        .withDrive(Drive.of(Drive.Attachment.IDE, file)).withDrive(Drive.of(Drive.Attachment.VIRTIO, file))
        .withDrive(Drive.of(Drive.Attachment.CDROM, "cd", FetchedGuests.file("grub-rescue/cdrom.iso")))
        .withVirtio(VirtioConfig.NONE.withConsoles(1).withEntropy(5).withCard(0x525400000001L, VirtioConfig.Wire.NET));
  }

  private static Course whole(MachineConfig config) {
    var course = new Course(new Machine(config));
    assertEquals(POWER_OFF, course.toEnd().toString(), course::console);
    assertTrue(course.console().contains("TL-DONE"), course.console());
    System.err.println(course.marks().getLast() + ", " + course.costs());
    return course;
  }

  @ParameterizedTest(name = "{0}, {1} processors")
  @CsvSource({KERNEL + ", 1", KERNEL + ", 2", KERNEL_32 + ", 1"})
  void twoBootsTakeTheSameCourse(String kernel, int processors) {
    Course first = whole(config(kernel, processors, ""));
    Course second = whole(config(kernel, processors, ""));
    assertEquals(first.marks(), second.marks());
    assertEquals(first.console(), second.console());
  }

  @Test
  void twoBootsWithDisksAndVirtioTakeTheSameCourse() throws IOException {
    MachineConfig config = withDevices(1);
    Course first = whole(config);
    assertEquals(2, first.console().lines().filter(l -> l.startsWith("TL disk ")).count(), first.console());
    assertEquals(first.marks(), whole(config).marks());
  }

  /** Commands typed at the prompt, some of them while the guest is busy. */
  private static void type(Course course) {
    for (String line : List.of("echo $((6*7)) $RANDOM", "n=0; while [ $n -lt 3000 ]; do n=$((n+1)); done; echo done $n", "date; dmesg | md5sum",
        "poweroff -f")) {
      course.to(course.machine().now() + ODD);
      for (byte b : (line + "\n").getBytes(StandardCharsets.US_ASCII)) {
        course.machine().type(b);
        course.to(course.machine().now() + 40_009);
      }
      course.to(course.machine().now() + 3 * ODD);
    }
  }

  @ParameterizedTest(name = "{0} processors")
  @ValueSource(ints = {1, 2})
  void aJournalOfTheConsoleRepeatsTheCourse(int processors) throws IOException {
    MachineConfig config = config(KERNEL, processors, " tl.shell");
    Path file = folder.resolve("linux.journal");
    var first = new Course(new Machine(config));
    try (var _ = new JournalWriter(file, first.machine())) {
      first.toText("# ");
      type(first);
      assertEquals(POWER_OFF, first.toEnd().toString(), first::console);
    }
    assertTrue(first.console().contains("\n42 ") && first.console().contains("\ndone 3000"), first.console());
    JournalFile journal = JournalFile.read(file);
    assertTrue(journal.complete() && journal.entries().size() > 100, () -> journal.entries().size() + " entries");
    journal.require(config);
    var second = new Course(new Machine(config));
    second.machine().inputs().journal(journal.journal());
    second.toEnd();
    assertEquals(first.marks(), second.marks());
    assertInstanceOf(Outcome.Replayed.class, second.machine().run(1), "the journal's end has the hash of the end");
  }

  /** In the decompressor, in the kernel, in the initramfs, and while processes run: saved, and continued by a process each. */
  @ParameterizedTest(name = "{0} processors")
  @ValueSource(ints = {1, 2})
  void aBootThatWasSavedGoesOnInANewProcess(int processors) throws IOException, InterruptedException {
    var course = new Course(new Machine(config(KERNEL, processors, "")));
    var others = new ArrayList<Course.Elsewhere>();
    course.to(ODD);
    others.add(course.elsewhere(folder, "start"));
    for (String text : List.of("Linux version", "Run /init", "TL forks")) {
      course.toText(text);
      course.to(course.machine().now() + ODD);
      others.add(course.elsewhere(folder, text.replaceAll("\\W", "-")));
    }
    compare(course, others);
  }

  @ParameterizedTest(name = "{0} processors")
  @ValueSource(ints = {1, 2})
  void aMachineSavedInTheMiddleOfItsDiskTransfersGoesOnInANewProcess(int processors) throws IOException, InterruptedException {
    var course = new Course(new Machine(withDevices(processors)));
    var others = new ArrayList<Course.Elsewhere>();
    course.toText("TL-INIT");
    while (!busy(course.machine())) {
      assertEquals(null, course.to(course.machine().now() + 1009), course::console);
    }
    others.add(course.elsewhere(folder, "busy"));
    course.toText("TL disk");
    course.to(course.machine().now() + ODD);
    others.add(course.elsewhere(folder, "between"));
    compare(course, others);
  }

  /** Whether a disk has been told to do something and has not done it. */
  private static boolean busy(Machine m) {
    return (m.ports().in(ALTERNATE_STATUS, 1) & BSY) != 0;
  }

  private static void compare(Course course, List<Course.Elsewhere> others) throws IOException, InterruptedException {
    assertEquals(POWER_OFF, course.toEnd().toString(), course::console);
    for (Course.Elsewhere e : others) {
      e.compare(course);
    }
  }
}
