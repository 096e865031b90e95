package dev.trapline.vm.hostile;

import java.io.ByteArrayOutputStream;

/** Writes machine code for 32-bit code segments: accesses to ports, memory and system registers, one behind the other. */
final class Scribe {
  private static final int OPERAND_16 = 0x66;
  private static final int MOV_EAX = 0xb8;
  private static final int MOV_ECX = 0xb9;
  private static final int MOV_EDX = 0xba;
  private static final int MOV_EDI = 0xbf;

  private final ByteArrayOutputStream code = new ByteArrayOutputStream();

  int size() {
    return code.size();
  }

  byte[] bytes() {
    return code.toByteArray();
  }

  Scribe raw(int... bytes) {
    for (int b : bytes) {
      code.write(b);
    }
    return this;
  }

  Scribe raw(byte[] bytes) {
    code.writeBytes(bytes);
    return this;
  }

  private Scribe word(long value) {
    return raw((int) value, (int) (value >>> 8), (int) (value >>> 16), (int) (value >>> 24));
  }

  private Scribe load(int register, long value) {
    return raw(register).word(value);
  }

  Scribe eax(long value) {
    return load(MOV_EAX, value);
  }

  Scribe ecx(long value) {
    return load(MOV_ECX, value);
  }

  Scribe edx(long value) {
    return load(MOV_EDX, value);
  }

  Scribe edi(long value) {
    return load(MOV_EDI, value);
  }

  private Scribe sized(int bytes, int opcode) {
    return bytes == 2 ? raw(OPERAND_16, opcode | 1) : raw(bytes == 1 ? opcode : opcode | 1);
  }

  Scribe out(int port, int bytes, long value) {
    return edx(port).eax(value).sized(bytes, 0xee);
  }

  Scribe in(int port, int bytes) {
    return edx(port).sized(bytes, 0xec);
  }

  /** REP INS or REP OUTS. */
  Scribe string(int port, int bytes, boolean out, long address, long count) {
    edx(port).ecx(count).edi(address).raw(0x89, 0xfe).raw(0xf3); // mov esi, edi
    return sized(bytes, out ? 0x6e : 0x6c);
  }

  Scribe store(long address, int bytes, long value) {
    if (bytes == 2) {
      raw(OPERAND_16);
    }
    raw(bytes == 1 ? 0xc6 : 0xc7, 0x05).word(address);
    return bytes == 1 ? raw((int) value) : bytes == 2 ? raw((int) value, (int) (value >>> 8)) : word(value);
  }

  /** A store of eight bytes by MMX; what is stored does not matter. */
  Scribe store64(long address) {
    return raw(0x0f, 0x7f, 0x05).word(address);
  }

  Scribe load(long address, int bytes) {
    return bytes == 1 ? raw(0xa0).word(address) : bytes == 2 ? raw(OPERAND_16, 0xa1).word(address) : raw(0xa1).word(address);
  }

  Scribe wrmsr(int number, long value) {
    return ecx(number).eax(value).edx(value >>> 32).raw(0x0f, 0x30);
  }

  Scribe control(int number, long value) {
    return eax(value).raw(0x0f, 0x22, 0xc0 | number << 3);
  }

  /** PCI configuration by mechanism 1. */
  Scribe pci(int slot, int function, int register, int bytes, long value) {
    return out(0xcf8, 4, 0x8000_0000L | slot << 11 | function << 8 | register & ~3).out(0xcfc + (register & 3), bytes, value);
  }
}
