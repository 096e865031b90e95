package dev.trapline.vm.cpu;

import dev.trapline.vm.mmu.Access;
import java.util.Arrays;

/**
 * The memory images of FXSAVE and XSAVE (SDM 1 10.5.1, 13.4 to 13.8; APM2 11.4.4). Both components count as always in use, which
 * the manuals allow, so XSAVE writes what it is asked for. Nothing changes if a fault is thrown.
 */
public final class XSaveArea {
  /** Bytes of the legacy region and the header. */
  public static final int SIZE = 576;
  /** Bytes of the legacy region, which is FXSAVE's whole image. */
  public static final int LEGACY = 512;
  /** Bits of MXCSR that may be set. */
  public static final int MXCSR_MASK = 0xffff;
  private static final int X87_COMPONENT = 1;
  private static final int SSE_COMPONENT = 2;
  private static final int REGISTERS = 32;
  private static final int XMM = 160;

  private XSaveArea() {}

  private static void require(Cpu c, boolean ok) {
    if (!ok) {
      throw c.gp(0);
    }
  }

  private static int xmmCount(Cpu c) {
    return (c.mode & Cpu.M_64) != 0 ? 16 : 8;
  }

  /**
   * FXSAVE.
   *
   * @param wide FXSAVE64: instruction and data pointers are 64 bits
   */
  public static void fxsave(Cpu c, long linear, boolean wide) {
    require(c, (linear & 15) == 0);
    c.mem.probeWrite(linear, LEGACY);
    saveX87(c, linear, wide);
    saveMxcsr(c, linear);
    saveXmm(c, linear);
  }

  /** FXRSTOR. */
  public static void fxrstor(Cpu c, long linear, boolean wide) {
    require(c, (linear & 15) == 0);
    long[] image = read(c, linear, LEGACY);
    int mxcsr = (int) image[3];
    require(c, (mxcsr & ~MXCSR_MASK) == 0);
    loadX87(c, image, wide);
    c.mxcsr = mxcsr;
    loadXmm(c, image);
  }

  /** XSAVE and XSAVEOPT of the components in a mask (EDX:EAX). */
  public static void xsave(Cpu c, long linear, long mask, boolean wide) {
    require(c, (linear & 63) == 0);
    long wanted = mask & c.xcr0;
    c.mem.probeWrite(linear, SIZE);
    long present = c.mem.read(linear + LEGACY, 8);
    if ((wanted & X87_COMPONENT) != 0) {
      saveX87(c, linear, wide);
    }
    if ((wanted & SSE_COMPONENT) != 0) {
      saveMxcsr(c, linear);
      saveXmm(c, linear);
    }
    c.mem.write(linear + LEGACY, 8, present & ~wanted | wanted);
  }

  /** XRSTOR of the components in a mask; those the image marks absent are initialised. */
  public static void xrstor(Cpu c, long linear, long mask, boolean wide) {
    require(c, (linear & 63) == 0);
    long[] image = read(c, linear, SIZE);
    long present = image[LEGACY / 8];
    require(c, (present & ~c.xcr0) == 0 && image[LEGACY / 8 + 1] == 0 && image[LEGACY / 8 + 2] == 0);
    long wanted = mask & c.xcr0;
    boolean sse = (wanted & SSE_COMPONENT) != 0;
    int mxcsr = (int) image[3];
    require(c, !sse || (mxcsr & ~MXCSR_MASK) == 0);
    if ((wanted & X87_COMPONENT) != 0) {
      if ((present & X87_COMPONENT) != 0) {
        loadX87(c, image, wide);
      } else {
        clearX87(c);
      }
    }
    if (sse) {
      c.mxcsr = mxcsr;
      if ((present & SSE_COMPONENT) != 0) {
        loadXmm(c, image);
      } else {
        Arrays.fill(c.xmm, 0, 2 * xmmCount(c), 0);
      }
    }
  }

  private static long[] read(Cpu c, long linear, int bytes) {
    c.mem.probe(linear, bytes, Access.READ);
    long[] image = new long[bytes / 8];
    for (int i = 0; i < image.length; i++) {
      image[i] = c.mem.read(linear + 8 * i, 8);
    }
    return image;
  }

  // ---- components

  private static void saveX87(Cpu c, long at, boolean wide) {
    X87 x = c.x87;
    boolean pointers = x.pending(); // AMD: the error pointers exist only while an error does
    c.mem.write(at, 2, x.controlWord());
    c.mem.write(at + 2, 2, x.statusWord());
    c.mem.write(at + 4, 2, x.valid);
    c.mem.write(at + 6, 2, pointers ? x.fop : 0);
    pointer(c, at + 8, pointers ? x.fip : 0, pointers ? x.fcs : 0, wide);
    pointer(c, at + 16, pointers ? x.fdp : 0, pointers ? x.fds : 0, wide);
    for (int i = 0; i < 8; i++) {
      int p = x.physical(i);
      c.mem.write(at + REGISTERS + 16 * i, 8, x.sig[p]);
      c.mem.write(at + REGISTERS + 16 * i + 8, 8, x.signExp[p] & 0xffff);
    }
  }

  private static void pointer(Cpu c, long at, long offset, int selector, boolean wide) {
    c.mem.write(at, 8, wide ? offset : offset & 0xffffffffL | (selector & 0xffffL) << 32);
  }

  private static void loadX87(Cpu c, long[] image, boolean wide) {
    X87 x = c.x87;
    x.controlWord((int) image[0] & 0xffff);
    x.statusWord((int) (image[0] >>> 16) & 0xffff);
    x.valid = (int) (image[0] >>> 32) & 0xff;
    if (x.pending()) {
      x.fop = (int) (image[0] >>> 48) & 0x7ff;
      x.fip = wide ? image[1] : image[1] & 0xffffffffL;
      x.fcs = wide ? 0 : (int) (image[1] >>> 32) & 0xffff;
      x.fdp = wide ? image[2] : image[2] & 0xffffffffL;
      x.fds = wide ? 0 : (int) (image[2] >>> 32) & 0xffff;
    }
    for (int i = 0; i < 8; i++) {
      int p = x.physical(i);
      x.sig[p] = image[REGISTERS / 8 + 2 * i];
      x.signExp[p] = (int) image[REGISTERS / 8 + 2 * i + 1] & 0xffff;
    }
  }

  private static void clearX87(Cpu c) {
    c.x87.initialise();
    Arrays.fill(c.x87.sig, 0);
    Arrays.fill(c.x87.signExp, 0);
  }

  private static void saveMxcsr(Cpu c, long at) {
    c.mem.write(at + 24, 8, c.mxcsr & 0xffffffffL | (long) MXCSR_MASK << 32);
  }

  private static void saveXmm(Cpu c, long at) {
    for (int i = 0; i < 2 * xmmCount(c); i++) {
      c.mem.write(at + XMM + 8 * i, 8, c.xmm[i]);
    }
  }

  private static void loadXmm(Cpu c, long[] image) {
    System.arraycopy(image, XMM / 8, c.xmm, 0, 2 * xmmCount(c));
  }
}
