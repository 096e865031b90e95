package dev.trapline.vm.machine.save;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A guest to which it matters when a key comes: it counts while it waits, and echoes keys with what it has counted. */
final class Echo {
  private static final String SOURCE = """
      org 0x7c00
      bits 16
        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 0x7c00
        sti
      again:
        inc dword [count]
        test dword [count], 0x3ff
        jnz poll
        hlt
      poll:
        mov ah, 1
        int 0x16
        jz again
        mov ah, 0
        int 0x16
        cmp al, 'q'
        je off
        mov ah, 0x0e
        int 0x10
        mov al, [count]
        add [0x9000], al
        mov edx, [count]
        mov ebx, edx
        and ebx, 0xffff
        mov [0x10000 - 0x8000 + ebx], edx
        jmp again
      off:
        mov dx, 0x501
        mov al, 7
        out dx, al
        hlt
      count: dd 0
        times 510-($-$$) db 0
        dw 0xaa55
      """;

  private Echo() {}

  static MachineConfig config() {
    try {
      Path source = Files.createTempFile("echo", ".asm");
      try {
        Files.writeString(source, SOURCE);
        byte[] image = new Assembler(X86.set()).assemble(source).bytes();
        return MachineConfig.standard().withMemory(4L << 20).withImage(BootImage.auto("echo", image, ""));
      } finally {
        Files.delete(source);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Machine machine() {
    return new Machine(config());
  }
}
