package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.Cpu;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Processors started by INIT and start-up messages, sharing memory, interrupting each other. */
class SeveralProcessorsTest {
  private static final int ROUNDS = 20_000;
  private static final int PINGS = 200;
  private static final int COUNTER = 0x6000;
  private static final int PLAIN = 0x6004;
  private static final int ALIVE = 0x6008;
  private static final int PINGED = 0x600c;
  private static final int TIMES = 0x6020;
  private static final int WARPS = 0x6010;

  /**
   * Loaded at 100000h, started in 32-bit mode. It puts the start-up code to 8000h, starts everybody, counts with them under LOCK, then
   * plays ping-pong with processor 1 by vectors 50h and 51h. All watch that no time-stamp is lower than the last one anybody read.
   */
  private static final String PROGRAM = """
      bits 32
      org 0x100000
      start:
        cld
        mov esi, trampoline
        mov edi, 0x8000
        mov ecx, trampoline_end - trampoline
        rep movsb
        mov al, 0xff
        out 0x21, al
        out 0xa1, al
        call idt
        mov dword [0xfee000f0], 0x1ff
        mov dword [0xfee00300], 0xc4500
        mov dword [0xfee00300], 0xc4608
        mov dword [0xfee00300], 0xc4608
      wait_alive:
        pause
        cmp dword [0x6008], OTHERS
        jne wait_alive
        call work
      wait_done:
        cmp dword [0x6000], ROUNDS * (OTHERS + 1)
        jne wait_done
        mov dword [0xfee00310], 1 << 24
        mov dword [0xfee00300], 0x4050
        sti
      play:
        hlt
        cmp dword [0x600c], PINGS
        jb play
        mov al, 0x2a
        out 0xf4, al
        hlt

      work:
        mov ecx, ROUNDS
      again:
        lock inc dword [0x6000]
        mov eax, [0x6004]
        inc eax
        mov [0x6004], eax
        test ecx, 15
        jnz no_time
        call time
      no_time:
        loop again
        ret

      time:
        mov ebx, 1
      take:
        xchg ebx, [0x6014]
        test ebx, ebx
        jnz take
        rdtsc
        cmp edx, [0x6024]
        ja newer
        jb warped
        cmp eax, [0x6020]
        jae newer
      warped:
        inc dword [0x6010]
      newer:
        mov [0x6020], eax
        mov [0x6024], edx
        mov dword [0x6014], 0
        ret

      ping:
        push eax
        mov dword [0xfee00310], 0
        mov dword [0xfee00300], 0x4051
        mov dword [0xfee000b0], 0
        pop eax
        iretd

      pong:
        push eax
        inc dword [0x600c]
        mov dword [0xfee00310], 1 << 24
        mov dword [0xfee00300], 0x4050
        mov dword [0xfee000b0], 0
        pop eax
        iretd

      idt:
        mov edi, 0x7000 + 8 * 0x50
        mov eax, ping
        call gate
        mov eax, pong
        call gate
        lidt [idtr]
        ret
      gate:
        mov [edi], ax
        mov word [edi + 2], cs
        mov word [edi + 4], 0x8e00
        shr eax, 16
        mov [edi + 6], ax
        add edi, 8
        ret

      other:
        mov eax, [0xfee00020]
        shr eax, 24
        shl eax, 12
        lea esp, [eax + 0x20000]
        lidt [idtr]
        mov dword [0xfee000f0], 0x1ff
        lock inc dword [0x6008]
      all_here:
        pause
        cmp dword [0x6008], OTHERS
        jne all_here
        call work
        sti
      sleep:
        hlt
        jmp sleep

      idtr:
        dw 0x7ff
        dd 0x7000
      gdt:
        dq 0
        dq 0x00cf9b000000ffff
        dq 0x00cf93000000ffff
      gdtr:
        dw 23
        dd gdt

      trampoline:
        db 0xfa
        db 0x66, 0x2e, 0x0f, 0x01, 0x16
        dw pointer - trampoline
        db 0x0f, 0x20, 0xc0
        db 0x0c, 0x01
        db 0x0f, 0x22, 0xc0
        db 0x66, 0xea
        dd flat - trampoline + 0x8000
        dw 8
      flat:
        mov ax, 16
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov eax, other
        jmp eax
      pointer:
        dw 23
        dd gdt
      trampoline_end:
      """;

  private static Machine machine(int processors) {
    String source = PROGRAM.replace("OTHERS", Integer.toString(processors - 1)).replace("ROUNDS", Integer.toString(ROUNDS))
        .replace("PINGS", Integer.toString(PINGS));
    return new Machine(MachineConfig.standard().withMemory(4L << 20).withProcessors(processors)
        .withImage(BootImage.flat("smp", Guests.assemble(source), 0x100000, 32)));
  }

  private static long word(Machine m, long pa) {
    return m.memory().read(pa, 4);
  }

  private static void plays(int processors) {
    Machine m = machine(processors);
    Outcome o = m.run(100_000_000);
    assertEquals(0x2a, assertInstanceOf(Outcome.Exit.class, o).value());
    assertEquals(processors - 1, word(m, ALIVE));
    assertEquals((long) ROUNDS * processors, word(m, COUNTER));
    assertTrue(word(m, PLAIN) < word(m, COUNTER), "without LOCK increments are lost: " + word(m, PLAIN));
    assertEquals(PINGS, word(m, PINGED));
    assertTrue(word(m, TIMES) > 0);
    assertEquals(0, word(m, WARPS), "time went backwards");
  }

  @Test
  void twoProcessors() {
    plays(2);
  }

  @Test
  void threeProcessors() {
    plays(3);
  }

  @Test
  void eightProcessors() {
    plays(8);
  }

  @Test
  void processorsStayWithinAQuantum() {
    Machine m = machine(4);
    for (int i = 0; i < 200; i++) {
      m.run(997);
      long least = m.cpus().stream().mapToLong(c -> c.count).min().orElseThrow();
      long most = m.cpus().stream().mapToLong(c -> c.count).max().orElseThrow();
      assertTrue(most - least <= Processors.QUANTUM, "from " + least + " to " + most);
    }
  }

  private static List<Long> hashes(Machine m) {
    var out = new ArrayList<Long>();
    for (int i = 0; i < 30; i++) {
      m.run(12_345);
      out.add(m.stateHash());
    }
    return out;
  }

  @Test
  void twoRunsAreTheSame() {
    assertEquals(hashes(machine(4)), hashes(machine(4)));
  }

  @Test
  void theLengthOfTheRunsDoesNotMatter() {
    Machine whole = machine(3);
    Machine pieces = machine(3);
    long to = 200_000;
    whole.run(to);
    for (long at = 0, piece = 1; at < to; piece = piece * 7 % 997 + 1) {
      long n = Math.min(piece, to - at);
      pieces.run(n);
      at += n;
    }
    assertEquals(whole.stateHash(), pieces.stateHash());
  }

  @Test
  void aSnapshotInTheMiddleOfARoundContinues() {
    Machine original = machine(4);
    original.run(100_001);
    Machine copy = machine(4);
    copy.restore(original.snapshot());
    assertEquals(hashes(original), hashes(copy));
    assertEquals(original.cpus().stream().map(Cpu::stateName).toList(), List.of("cpu0", "cpu1", "cpu2", "cpu3"));
  }

  /** Code that another processor has decoded is patched: it sees the new bytes. */
  @Test
  void storesReachTheCodeOfOthers() {
    String source = """
        bits 32
        org 0x100000
          cld
          mov esi, there
          mov edi, 0x8000
          mov ecx, there_end - there
          rep movsb
          mov dword [0xfee000f0], 0x1ff
          mov dword [0xfee00300], 0xc4500
          mov dword [0xfee00300], 0xc4608
          mov ecx, 20000
        later:
          loop later
          mov byte [0x8000 + patch - there], 0x43
          mov ecx, 20000
        again:
          loop again
          mov al, 1
          out 0xf4, al
          hlt
        there:
          db 0x31, 0xdb
        patch:
          db 0x90
          db 0xeb, 0xfd
        there_end:
        """;
    Machine m = new Machine(MachineConfig.standard().withMemory(4L << 20).withProcessors(2)
        .withImage(BootImage.flat("patch", Guests.assemble(source), 0x100000, 32)));
    assertInstanceOf(Outcome.Exit.class, m.run(10_000_000));
    assertTrue(m.cpus().get(1).r[Cpu.RBX] > 1000, "it never saw the new instruction");
  }

  @Test
  void theNumberOfProcessorsIsChecked() {
    assertThrows(BootException.class, () -> MachineConfig.standard().withProcessors(9));
    assertThrows(BootException.class, () -> MachineConfig.standard().withPlatform(MachineConfig.Platform.MINIMAL).withProcessors(2));
  }

  /** CPUID tells what the board has. */
  @Test
  void onlyThePcBoardHasAnApic() {
    Machine bare = new Machine(MachineConfig.standard());
    assertEquals(0, bare.cpu().cpuid.leaf(bare.cpu(), 1, 0).edx() >>> 9 & 1);
    Machine pc = machine(2);
    Cpu second = pc.cpus().get(1);
    assertEquals(1, second.cpuid.leaf(second, 1, 0).edx() >>> 9 & 1);
    assertEquals(1, second.cpuid.leaf(second, 1, 0).ebx() >>> 24);
    assertEquals(0xfee00800L, second.msrs.read(second, 0x1b));
    assertEquals(0xfee00900L, pc.cpu().msrs.read(pc.cpu(), 0x1b));
  }
}
