package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.device.disk.DiskImage;
import dev.trapline.vm.machine.Drive;
import dev.trapline.vm.machine.MachineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DriveOptionsTest {
  @TempDir
  private Path folder;

  private List<Drive> drives(String... words) {
    DriveOptions options = new DriveOptions();
    new CommandLine(new Holder(options)).parseArgs(words);
    return options.connect(MachineConfig.standard()).drives();
  }

  @CommandLine.Command
  private record Holder(@CommandLine.Mixin DriveOptions options) {}

  private String image(String name) throws IOException {
    return Files.write(folder.resolve(name), new byte[512]).toString();
  }

  @Test
  void drivesKeepTheirOrderInterfaceFormatAndWriting() throws IOException {
    String disk = image("disk");
    List<Drive> all = drives("--disk", disk + ",write", "--disk", disk + ",if=virtio,format=qcow2", "--cdrom", image("cd"), "--floppy", image("a"));
    assertEquals(List.of(Drive.Attachment.IDE, Drive.Attachment.VIRTIO, Drive.Attachment.CDROM, Drive.Attachment.FLOPPY),
        all.stream().map(Drive::attachment).toList());
    assertTrue(all.get(0).write());
    assertEquals(DiskImage.Format.QCOW2, all.get(1).format());
    assertEquals(false, all.get(1).write());
  }

  @Test
  void whatIsWrongIsSaidInOneLine() throws IOException {
    String disk = image("disk");
    BadInput wrong = assertThrows(BadInput.class, () -> drives("--disk", disk + ",if=scsi"));
    assertEquals("--disk " + disk + ",if=scsi: 'if=scsi' is not part of FILE[,if=ide|virtio][,format=raw|qcow2][,slice=FROM+SIZE][,write]", wrong.getMessage());
    assertEquals("--cdrom: no file " + folder, assertThrows(BadInput.class, () -> drives("--cdrom", folder.toString())).getMessage());
  }
}
