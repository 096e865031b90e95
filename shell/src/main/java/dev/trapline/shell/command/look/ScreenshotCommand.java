package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.view.PictureView;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code screenshot}. */
@Command(name = "screenshot", description = "Keep a picture of the guest's screen in a PNG file",
    footerHeading = "Examples:%n", footer = {"  screenshot boot.png    text modes too, in the font the guest has loaded"})
public final class ScreenshotCommand extends ShellCommand {
  @Parameters(paramLabel = "FILE.png", description = "where to write it")
  private Path file;

  @Override
  public Object run(Shell shell) {
    PictureView p = shell.session().inspect().picture();
    if (p.width() == 0 || p.height() == 0) {
      throw new BadInput("the guest's screen is off");
    }
    BufferedImage image = new BufferedImage(p.width(), p.height(), BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, p.width(), p.height(), p.argb(), 0, p.width());
    try (var out = Files.newOutputStream(file)) {
      ImageIO.write(image, "png", out);
    } catch (IOException unwritable) {
      throw new BadInput("cannot write " + file + ": " + unwritable.getMessage());
    }
    return file + ": " + p.width() + " by " + p.height();
  }
}
