package dev.trapline.shell;

import dev.trapline.shell.command.Sizes;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.device.disk.DiskImage;
import dev.trapline.vm.machine.Drive;
import dev.trapline.vm.machine.MachineConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Options that connect drives. The guest never writes a user's file unless {@code write} is asked for. */
final class DriveOptions {
  private static final String SLICE = "slice=";
  private static final String SYNTAX = "FILE[,if=ide|virtio][,format=raw|qcow2][,slice=FROM+SIZE][,write]";

  @Option(names = "--disk", paramLabel = SYNTAX, description = "a hard disk; what the guest writes is lost at the end,\n"
      + "or goes into FILE too with 'write'; slice=8M+16M is the 16 MiB after\n"
      + "the first 8 of FILE as a disk of its own; may be repeated")
  private List<String> disks = List.of();

  @Option(names = "--cdrom", paramLabel = "FILE", description = "a CD in an ATAPI drive; may be repeated")
  private List<Path> cds = List.of();

  @Option(names = "--floppy", paramLabel = "FILE", description = "a diskette; may be repeated")
  private List<Path> diskettes = List.of();

  /** Whether there are any. */
  boolean any() {
    return !disks.isEmpty() || !cds.isEmpty() || !diskettes.isEmpty();
  }

  /** The configuration with the drives connected. */
  MachineConfig connect(MachineConfig config) {
    MachineConfig c = config;
    for (String disk : disks) {
      c = c.withDrive(disk(disk));
    }
    for (Path cd : cds) {
      c = c.withDrive(Drive.of(Drive.Attachment.CDROM, readable("--cdrom", cd)));
    }
    for (Path diskette : diskettes) {
      c = c.withDrive(Drive.of(Drive.Attachment.FLOPPY, readable("--floppy", diskette)));
    }
    return c;
  }

  private static Drive disk(String text) {
    String[] parts = text.split(",");
    Drive drive = Drive.of(attachment(parts), readable("--disk", Path.of(parts[0])));
    for (int i = 1; i < parts.length; i++) {
      drive = switch (parts[i]) {
        case "if=ide", "if=virtio" -> drive;
        case "format=raw" -> drive.withFormat(DiskImage.Format.RAW);
        case "format=qcow2" -> drive.withFormat(DiskImage.Format.QCOW2);
        case String part when part.startsWith(SLICE) -> slice(text, drive, part);
        case "write" -> drive.withWrite(true);
        default -> throw new BadInput("--disk " + text + ": '" + parts[i] + "' is not part of " + SYNTAX);
      };
    }
    return drive;
  }

  private static Drive slice(String text, Drive drive, String part) {
    String[] sizes = part.substring(SLICE.length()).split("\\+", -1);
    if (sizes.length != 2) {
      throw new BadInput("--disk " + text + ": 'slice=FROM+SIZE' is expected, such as slice=0+16M");
    }
    return drive.withSlice(Sizes.bytes("--disk", sizes[0]), Sizes.bytes("--disk", sizes[1]));
  }

  private static Drive.Attachment attachment(String[] parts) {
    return List.of(parts).subList(1, parts.length).contains("if=virtio") ? Drive.Attachment.VIRTIO : Drive.Attachment.IDE;
  }

  private static Path readable(String option, Path file) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new BadInput(option + ": no file " + file);
    }
    return file;
  }
}
