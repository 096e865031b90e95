package dev.trapline.vm.device.disk;

/** A disk image that cannot be used; the message names the image and says what is wrong. */
public final class ImageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ImageException(String message) {
    super(message);
  }

  public ImageException(String message, Throwable cause) {
    super(message, cause);
  }
}
