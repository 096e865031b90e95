; Mini: a small operating system that runs two processes on one processor.
;
; It boots by multiboot 1 (a flat file: the header carries the load addresses), builds its descriptor tables, turns on
; paging, and runs two programs in ring 3. Both are linked for the same virtual address and live in address spaces of
; their own. The timer preempts them round robin; they print through system calls; now and then they fault on purpose,
; and the kernel shows what a kernel can do about it. When both have exited it prints a summary and leaves the machine.
;
;   nasm -f bin -o mini.bin mini.asm
;   qemu-system-i386 -kernel mini.bin -display none -serial stdio -device isa-debug-exit,iobase=0xf4,iosize=4
;
; Reading order: this file, macros, console, descriptors, paging, interrupts, process, faults, user, primes, sieve.

        bits    32
        org     0x100000

; ---- constants ---------------------------------------------------------------------------------------------------

MB_MAGIC        equ     0x1badb002      ; in the header, for the loader
MB_BOOTED       equ     0x2badb002      ; in EAX, from the loader
MB_FLAGS        equ     0x00010003      ; pages aligned, memory information wanted, addresses in this header

KERNEL_BSS      equ     0x00110000      ; the kernel's cleared memory, behind the file
USER_BASE       equ     0x00400000      ; both programs start here
USER_STACK      equ     0x00480000      ; their stacks end here
USER_HEAP       equ     0x00500000      ; not mapped until written
USER_HEAP_END   equ     0x00600000

TIMER_HZ        equ     100
EXIT_PORT       equ     0xf4            ; isa-debug-exit: status (value << 1) | 1
EXIT_VALUE      equ     0x10

%include "mini/macros.inc"

; ---- multiboot header, in the first 8 KiB of the file ------------------------------------------------------------

        section .bss nobits start=KERNEL_BSS
        section .text

        align   4
header: dd      MB_MAGIC, MB_FLAGS, -(MB_MAGIC + MB_FLAGS)
        dd      header                  ; where this header belongs
        dd      header                  ; where the file's first byte belongs
        dd      0                       ; load the whole file
        dd      bss_end                 ; clear up to here
        dd      start                   ; jump here

; ---- entry: 32-bit protected mode, flat segments of the loader's, paging off, interrupts off ----------------------

start:  mov     esp, kernel_stack_end
        cld
        push    ebx                     ; multiboot information
        push    eax                     ; MB_BOOTED
        call    console_init
        puts    banner
        pop     eax
        pop     ebx
        cmp     eax, MB_BOOTED
        jne     .strange
        puts    memory_is
        mov     eax, [ebx + 8]          ; KiB above 1 MiB
        call    put_decimal
        puts    kib
.strange:
        call    descriptors_init
        call    interrupts_init
        call    paging_init
        call    timer_init
        process_create process_0, name_primes, section..primes.start, primes_size
        process_create process_1, name_sieve, section..sieve.start, sieve_size
        puts    starting
        jmp     process_start           ; never returns

        section .data
banner:         db      10, "Mini: two processes, one processor", 10, 0
memory_is:      db      "memory above 1 MiB: ", 0
kib:            db      " KiB", 10, 0
starting:       db      "starting processes", 10, 0
name_primes:    db      "primes", 0
name_sieve:     db      "sieve", 0

%include "mini/console.inc"
%include "mini/descriptors.inc"
%include "mini/paging.inc"
%include "mini/interrupts.inc"
%include "mini/process.inc"
%include "mini/faults.inc"
%include "mini/user.inc"
%include "mini/primes.inc"
%include "mini/sieve.inc"

        section .bss
                alignb  16
kernel_stack:   resb    4096
kernel_stack_end:
bss_end:
