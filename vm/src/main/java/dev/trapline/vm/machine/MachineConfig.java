package dev.trapline.vm.machine;

import dev.trapline.vm.cpu.CpuType;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a machine is made of. Everything that makes two runs differ is in here.
 *
 * @param memory bytes of RAM, a multiple of 1 MiB from 1 MiB to 16 GiB
 * @param instructionsPerSecond instructions in a second of virtual time; at the standard 100 million an instruction takes 10 ns,
 *     near what the interpreter does in real time, so that guests' waiting loops wait about as long as they mean to
 * @param start date and time of the real-time clock at instruction 0
 * @param image what to start; without one the firmware finds nothing to boot
 * @param platform which board; {@link #board} says what AUTO means for the image
 * @param processors 1 to 8; more than one needs the PC board
 * @param drives disks, CDs and diskettes on the PC board's controllers
 * @param videoBios ROM of the PC board's video adapter, empty for none
 * @param virtio virtio devices beside disks on the PC board
 * @param cpu kind of the processors
 */
public record MachineConfig(long memory, long instructionsPerSecond, LocalDateTime start, Optional<BootImage> image, Platform platform,
    int processors, List<Drive> drives, byte[] videoBios, VirtioConfig virtio, CpuType cpu) {
  /**
   * Boards: the bare AT with 8259s alone, or a PC with APICs, HPET and PCI. AUTO is PC for a Linux kernel, PVH, a BIOS, several processors,
   * drives or virtio devices.
   */
  public enum Platform { AUTO, MINIMAL, PC }

  private static final Set<BootImage.Kind> PC_KINDS = EnumSet.of(BootImage.Kind.LINUX, BootImage.Kind.PVH, BootImage.Kind.FIRMWARE);
  private static final long MIB = 1L << 20;
  private static final byte[] NO_ROM = {};
  /** The most RAM a machine can have. */
  public static final long MOST_MEMORY = 16L << 30;

  /** The most processors a machine can have. */
  public static final int MOST_PROCESSORS = 8;

  /** @throws BootException if the memory size or the number of processors is impossible, or the board has no place for drives */
  public MachineConfig {
    if (memory < MIB || memory > MOST_MEMORY || memory % MIB != 0) {
      throw BootException.of("memory of %d bytes: a multiple of 1 MiB from 1 MiB to 16 GiB expected", memory);
    }
    if (instructionsPerSecond < 1_000_000) {
      throw BootException.of("%d instructions a second: at least 1,000,000 expected", instructionsPerSecond);
    }
    if (processors < 1 || processors > MOST_PROCESSORS) {
      throw BootException.of("%d processors: 1 to %d expected", processors, MOST_PROCESSORS);
    }
    if (processors > 1 && platform == Platform.MINIMAL) {
      throw BootException.of("%d processors need the PC board: the minimal one has no APIC", processors);
    }
    drives = List.copyOf(drives);
    if (virtio.count() > 0 && platform == Platform.MINIMAL) {
      throw BootException.of("virtio devices need the PC board: the minimal one has no PCI");
    }
    if (!drives.isEmpty() && platform == Platform.MINIMAL) {
      throw BootException.of("%s needs the PC board: the minimal one has no disk controllers", drives.getFirst().name());
    }
  }

  /** One processor on the board the image suggests. */
  public MachineConfig(long memory, long instructionsPerSecond, LocalDateTime start, Optional<BootImage> image) {
    this(memory, instructionsPerSecond, start, image, Platform.AUTO, 1);
  }

  /** Without drives. */
  public MachineConfig(long memory, long instructionsPerSecond, LocalDateTime start, Optional<BootImage> image, Platform platform,
      int processors) {
    this(memory, instructionsPerSecond, start, image, platform, processors, List.of(), NO_ROM, VirtioConfig.NONE, CpuType.MAX);
  }

  /** The board this machine gets: MINIMAL or PC. */
  public Platform board() {
    boolean pc = image.map(BootImage::resolvedKind).filter(PC_KINDS::contains).isPresent();
    boolean parts = processors > 1 || !drives.isEmpty() || virtio.count() > 0;
    return platform != Platform.AUTO ? platform : pc || parts ? Platform.PC : Platform.MINIMAL;
  }

  /** 128 MiB, 100 million instructions a second, 2026-01-01 00:00:00, no image. */
  public static MachineConfig standard() {
    return new MachineConfig(128 * MIB, 100_000_000, LocalDateTime.of(2026, 1, 1, 0, 0), Optional.empty());
  }

  public MachineConfig withMemory(long bytes) {
    return new MachineConfig(bytes, instructionsPerSecond, start, image, platform, processors, drives, videoBios, virtio, cpu);
  }

  public MachineConfig withInstructionsPerSecond(long n) {
    return new MachineConfig(memory, n, start, image, platform, processors, drives, videoBios, virtio, cpu);
  }

  public MachineConfig withStart(LocalDateTime when) {
    return new MachineConfig(memory, instructionsPerSecond, when, image, platform, processors, drives, videoBios, virtio, cpu);
  }

  public MachineConfig withImage(BootImage what) {
    return new MachineConfig(memory, instructionsPerSecond, start, Optional.of(what), platform, processors, drives, videoBios, virtio, cpu);
  }

  public MachineConfig withPlatform(Platform board) {
    return new MachineConfig(memory, instructionsPerSecond, start, image, board, processors, drives, videoBios, virtio, cpu);
  }

  public MachineConfig withProcessors(int n) {
    return new MachineConfig(memory, instructionsPerSecond, start, image, platform, n, drives, videoBios, virtio, cpu);
  }

  /** One drive more. */
  public MachineConfig withDrive(Drive drive) {
    var all = new ArrayList<>(drives);
    all.add(drive);
    return new MachineConfig(memory, instructionsPerSecond, start, image, platform, processors, all, videoBios, virtio, cpu);
  }

  /** With these drives and no others. */
  public MachineConfig withDrives(List<Drive> all) {
    return new MachineConfig(memory, instructionsPerSecond, start, image, platform, processors, all, videoBios, virtio, cpu);
  }

  public MachineConfig withVideoBios(byte[] rom) {
    return new MachineConfig(memory, instructionsPerSecond, start, image, platform, processors, drives, rom, virtio, cpu);
  }

  public MachineConfig withVirtio(VirtioConfig devices) {
    return new MachineConfig(memory, instructionsPerSecond, start, image, platform, processors, drives, videoBios, devices, cpu);
  }

  public MachineConfig withCpu(CpuType type) {
    return new MachineConfig(memory, instructionsPerSecond, start, image, platform, processors, drives, videoBios, virtio, type);
  }
}
