; Protection, interrupts, tasks and virtual-8086 mode, exercised by loops over descriptors. Every probe ends in an event
; (a fault, or interrupt FFh for success) which is logged as a line on COM1. Loaded at 10000h, entered in real mode at its start.
        org 0x10000
        bits 16
start:  cli
        cld
        mov al, 0xff            ; no interrupts from devices
        out 0x21, al
        out 0xa1, al
        mov dx, 0x3fb           ; 115200 baud, eight bits
        mov al, 0x83
        out dx, al
        mov dx, 0x3f8
        mov al, 1
        out dx, al
        inc dx
        mov al, 0
        out dx, al
        mov dx, 0x3fb
        mov al, 3
        out dx, al
        mov ax, 0x1000
        mov ds, ax
        lgdt [gdtr - 0x10000]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp dword 8:pm

        bits 32
%macro desc 4                   ; base, limit, access, flags
        dw (%2) & 0xffff
        dw (%1) & 0xffff
        db ((%1) >> 16) & 0xff
        db %3
        db ((%2) >> 16) & 15 | (%4) << 4
        db ((%1) >> 24) & 0xff
%endmacro
%macro gate 4                   ; selector, offset, access, count
        dw (%2) & 0xffff
        dw %1
        db %4
        db %3
        dw ((%2) >> 16) & 0xffff
%endmacro

CODE0   equ 0x08
DATA0   equ 0x10
CODE3   equ 0x1b
DATA3   equ 0x23
TSSM    equ 0x28
LDT     equ 0x30
TSSB    equ 0x38
TSSH    equ 0x40
TSS16   equ 0x48
TESTS   equ 0x50
LOW     equ 0x8000              ; a page below 64 KiB for 16-bit targets
STACK   equ 0x70000             ; CPL 0 stack of the main program
INNER   equ 0x71000             ; stack of handlers entered from outside
STACK1  equ 0x72000
USTACK  equ 0x73000             ; CPL 3 stack
PSTACK  equ 0x76000             ; stack of probes at CPL 0
TGDT    equ 0x60000             ; the working tables
TLDT    equ 0x61000
TTSS    equ 0x62000
TTSSB   equ 0x62100
TTSSH   equ 0x62200
TTSS16  equ 0x62300
TIDT    equ 0x63000
TABLES  equ 0x63000 - 0x60000

pm:     mov ax, DATA0
        mov ds, eax
        mov es, eax
        mov fs, eax
        mov gs, eax
        mov ss, eax
        mov esp, STACK
        ; code reachable by 16-bit gates
        mov dword [LOW], 0x90ffcd90
        call tables
        call idt_init
        lidt [idtr]
        mov byte [quiet], 0
        jmp main

; ---- output
putc:   push edx
        push eax
        mov dx, 0x3fd
.wait:  in al, dx
        test al, 0x20
        jz .wait
        pop eax
        mov dx, 0x3f8
        out dx, al
        pop edx
        ret
hex:    ; eax in hexadecimal without leading zeros, then a space
        push ecx
        push edx
        mov edx, eax
        mov ecx, 8
.skip:  rol edx, 4
        dec ecx
        jz .last
        test dl, 15
        jz .skip
        jmp .emit
.next:  rol edx, 4
        dec ecx
.emit:  call digit
        test ecx, ecx
        jnz .next
        jmp .end
.last:  call digit
.end:   mov al, ' '
        call putc
        pop edx
        pop ecx
        ret
digit:  mov al, dl
        and al, 15
        add al, '0'
        cmp al, '9'
        jbe .ok
        add al, 'a' - '9' - 1
.ok:    jmp putc
puts:   ; zero-terminated at esi
        push esi
        push eax
.next:  mov al, [esi]
        inc esi
        test al, al
        jz .end
        call putc
        jmp .next
.end:   pop eax
        pop esi
        ret
newline:
        mov al, 10
        jmp putc

; ---- tables: fresh copies for every probe
tables: pushad
        mov esi, gdt
        mov edi, TGDT
        mov ecx, (gdt_end - gdt) / 4
        rep movsd
        mov esi, ldt
        mov edi, TLDT
        mov ecx, (ldt_end - ldt) / 4
        rep movsd
        mov edi, TTSS
        xor eax, eax
        mov ecx, 0x400 / 4
        rep stosd
        mov edi, TTSS
        call tss_common
        mov edi, TTSSB
        call tss_common
        mov dword [TTSSB + 0x20], task_b
        mov edi, TTSSH
        call tss_common
        mov dword [TTSSH + 0x20], task_h
        mov dword [TTSSH + 0x38], 0x74000
        mov dword [TTSSB + 0x38], 0x75000
        mov word [TTSS16 + 0x0e], LOW
        mov word [TTSS16 + 0x10], 0x4002
        mov word [TTSS16 + 0x1a], 0x7f00
        mov word [TTSS16 + 0x22], DATA0
        mov word [TTSS16 + 0x24], CODE0
        mov word [TTSS16 + 0x26], stack16 - gdt
        mov word [TTSS16 + 0x28], DATA0
        mov word [TTSS16 + 2], 0x7e00
        mov word [TTSS16 + 4], DATA0
        mov word [TTSS16 + 0x2a], 0
        lgdt [gdtr2]
        mov ax, LDT
        lldt ax
        mov ax, TSSM
        ltr ax
        popad
        ret
tss_common:
        mov dword [edi + 4], INNER
        mov dword [edi + 8], DATA0
        mov dword [edi + 0x0c], STACK1
        mov dword [edi + 0x10], ring1 - gdt + 1
        mov dword [edi + 0x14], STACK1
        mov dword [edi + 0x18], ring2 - gdt + 2
        mov dword [edi + 0x24], 2
        mov dword [edi + 0x28], 0xa1
        mov dword [edi + 0x48], DATA0
        mov dword [edi + 0x4c], CODE0
        mov dword [edi + 0x50], DATA0
        mov dword [edi + 0x54], DATA0
        mov dword [edi + 0x58], DATA0
        mov dword [edi + 0x5c], DATA0
        mov dword [edi + 0x60], LDT
        mov word [edi + 0x66], 0x68
        ret

; exclusive or of the working tables (rotating, so that equal changes do not cancel)
summary:
        push ecx
        push edx
        xor eax, eax
        mov edx, TGDT
        mov ecx, 0x80
.next:  rol eax, 3
        xor eax, [edx]
        add edx, 4
        loop .next
        mov edx, TTSS
        mov ecx, 0x100
.tss:   rol eax, 3
        xor eax, [edx]
        add edx, 4
        loop .tss
        pop edx
        pop ecx
        ret

idt_init:
        mov edi, TIDT
        mov ebx, stubs
        xor ecx, ecx
.next:  mov eax, ebx
        mov [edi], ax
        mov word [edi + 2], CODE0
        mov word [edi + 4], 0x8e00
        shr eax, 16
        mov [edi + 6], ax
        add edi, 8
        add ebx, 16
        inc ecx
        cmp ecx, 256
        jb .next
        mov word [TIDT + 0xff * 8 + 4], 0xee00
        mov esi, idt_tests
        mov edi, TIDT + 0x80 * 8
        mov ecx, (idt_tests_end - idt_tests) / 4
        rep movsd
        ret
        align 16
stubs:
%assign v 0
%rep 256
        align 16
%if v = 8 || (v >= 10 && v <= 14) || v = 17
        push dword v
        jmp dword handler
%else
        push dword 0
        push dword v
        jmp dword handler
%endif
%assign v v + 1
%endrep

; stack: vector, error, eip, cs, eflags, (esp, ss, es, ds, fs, gs)
handler:
        pushad
        push ds
        push es
        push fs
        push gs
        mov ebp, esp
        mov ax, DATA0
        mov ds, eax
        mov es, eax
        movzx ebp, bp
        mov bx, ss
        lar ebx, bx
        test ebx, 0x400000
        jz .small
        mov ebp, esp
.small: cld
        mov eax, [ss:ebp + 48]
        call hex                ; vector
        mov eax, [ss:ebp + 52]
        call hex                ; error code
        movzx eax, word [ss:ebp + 60]
        call hex                ; cs
        mov eax, [ss:ebp + 56]
        sub eax, [probe]
        call hex                ; eip within the probe
        mov eax, [ss:ebp + 64]
        and eax, 0x3f7700
        call hex                ; system flags
        mov eax, [ss:ebp + 44]
        call hex                ; eax
        mov eax, [ss:ebp + 12]
        and eax, 0xffff
        call hex                ; ds
        mov eax, [ss:ebp + 8]
        and eax, 0xffff
        call hex                ; es
        mov eax, [ss:ebp + 4]
        and eax, 0xffff
        call hex
        mov eax, [ss:ebp]
        and eax, 0xffff
        call hex
        mov ax, ss
        movzx eax, ax
        call hex                ; handler's ss
        mov eax, ebp
        call hex                ; and esp
        test byte [ss:ebp + 60], 3
        jnz .outer
        test dword [ss:ebp + 64], 0x20000
        jz .same
.outer: mov eax, [ss:ebp + 68]
        call hex
        movzx eax, word [ss:ebp + 72]
        call hex
.same:  cmp dword [ss:ebp + 48], 1
        jne .notdb
        mov eax, dr6
        call hex
.notdb: cmp dword [ss:ebp + 48], 14
        jne .restore
        mov eax, cr2
        call hex
.restore:
        jmp finish

; back to the main program whatever the state
finish: str ax
        movzx eax, ax
        push eax
        call hex
        pop eax
        cmp ax, TSSM
        je .own
        mov ecx, 0x68           ; what the switch left in the old task's segment
        mov edx, TTSS
.tss:   mov eax, [edx]
        call hex
        add edx, 4
        sub ecx, 4
        jnz .tss
.own:
        sldt ax
        movzx eax, ax
        call hex
        mov eax, cr0
        and eax, 0x8000000b
        call hex
        clts
        call summary
        call hex
        call newline
        mov ax, DATA0
        mov ss, eax
        mov esp, [saved]
        mov es, eax
        mov fs, eax
        mov gs, eax
        push dword 2
        popfd
        xor eax, eax
        mov dr7, eax
        mov dr6, eax
        call tables
        lidt [idtr]
        jmp [resume]

task_b: mov eax, 0xb
        int 0xff
task_h: pop dword [herror]
        mov esi, t_task
        call puts
        mov eax, [herror]
        call hex
        mov ax, [TTSSH]
        movzx eax, ax
        call hex
        mov eax, [TTSSB + 0x20]
        call hex
        movzx eax, word [TTSSB + 0x4c]
        call hex
        jmp finish

; ---- running a probe: ebx code, ecx privilege level, esi and edi parameters; returns to the caller after the event
run:    pop dword [resume]
        mov [probe], ebx
        mov [param1], esi
        mov [param2], edi
        mov [level], ecx
        mov [saved], esp
        cmp ecx, 3
        je .user
        mov esp, PSTACK
        xor eax, eax
        jmp ebx
.user:  push dword DATA3
        push dword USTACK
        push dword [uflags]
        push dword CODE3
        push ebx
        mov ax, DATA3
        mov ds, eax
        mov es, eax
        mov fs, eax
        mov gs, eax
        xor eax, eax
        iretd
; virtual-8086: ebx code
run86:  pop dword [resume]
        mov [saved], esp
        mov [probe], ebx
        sub dword [probe], 0x10000
        push dword 0x4000
        push dword 0x3000
        push dword 0x5000
        push dword 0x2000
        push dword 0x7000
        push dword 0x3000
        mov eax, [uflags]
        or eax, 0x20000
        push eax
        push dword 0x1000
        push dword [probe]
        xor eax, eax
        mov ecx, esi
        iretd

title:  mov al, '#'
        call putc
        call puts
        jmp newline

; ---- a loop of one probe over selectors
over:   ; ebx probe: all selectors with all RPLs, at CPL 0 and 3
        mov dword [lp_probe], ebx
        mov dword [lp_level], 0
.level: mov dword [lp_sel], 0
.sel:   mov eax, [lp_sel]
        call hex
        mov ebx, [lp_probe]
        mov ecx, [lp_level]
        mov esi, [lp_sel]
        call run
        mov eax, [lp_sel]
        inc eax
        cmp eax, 0x2000
        jae .ldt
        test eax, 4
        jz .gdt
        add eax, 4
.gdt:   cmp eax, gdt_end - gdt + 8
        jb .set
        mov eax, 0x2004
        jmp .set
.ldt:   test eax, 4
        jnz .in
        add eax, 4
.in:    cmp eax, 0x2004 + (ldt_end - ldt) + 8
        jae .done
.set:   mov [lp_sel], eax
        jmp .sel
.done:  add dword [lp_level], 3
        cmp dword [lp_level], 6
        jb .level
        ret
; LDT selectors are counted from 2000h so that they follow the GDT's; the probe sees the real ones
%macro fixsel 0
        cmp esi, 0x2000
        jb %%ok
        sub esi, 0x2000
        or esi, 4
%%ok:
%endmacro

%macro loop_probe 2             ; title, body label
        mov esi, %1
        call title
        mov ebx, %2
        call over
%endmacro

main:
        loop_probe t_ds, p_ds
        loop_probe t_ss, p_ss
        loop_probe t_popes, p_popes
        loop_probe t_lfs, p_lfs
        loop_probe t_lar, p_lar
        loop_probe t_lsl, p_lsl
        loop_probe t_verr, p_verr
        loop_probe t_verw, p_verw
        loop_probe t_arpl, p_arpl
        loop_probe t_lldt, p_lldt
        loop_probe t_ltr, p_ltr
        loop_probe t_jmpf, p_jmpf
        loop_probe t_callf, p_callf
        loop_probe t_callf16, p_callf16
        loop_probe t_retf, p_retf
        loop_probe t_retfss, p_retfss
        loop_probe t_iret, p_iret
        loop_probe t_iretss, p_iretss
        loop_probe t_readb, p_readb
        loop_probe t_writeb, p_writeb
        call ints
        call innerstacks
        call callstacks
        call iretflags
        call popfs
        call limits
        call v86s
        call tasks
        call privileged
        call debugs
        call paged
        call doubles
        mov esi, t_end
        call title
        mov dx, 0x8900
        mov esi, t_shut
.bye:   lodsb
        test al, al
        jz .halt
        out dx, al
        jmp .bye
.halt:  cli
        hlt
        jmp .halt

; ---- probes
p_ds:   fixsel
        mov ds, esi
        mov eax, ds
        int 0xff
p_ss:   fixsel
        mov ss, esi
        mov eax, ss
        mov ecx, DATA0
        mov ss, ecx
        int 0xff
p_popes:
        fixsel
        push esi
        pop es
        mov eax, es
        int 0xff
p_lfs:  fixsel
        push esi
        push dword 0x12345678
        lfs eax, [esp]
        int 0xff
p_lar:  fixsel
        mov eax, 0x77
        lar eax, si
        lahf
        int 0xff
p_lsl:  fixsel
        mov eax, 0x77
        lsl eax, si
        jz .ok
        inc eax
.ok:    int 0xff
p_verr: fixsel
        verr si
        setz al
        int 0xff
p_verw: fixsel
        verw si
        setz al
        int 0xff
p_arpl: fixsel
        mov eax, 0x12
        mov ecx, esi
        arpl cx, ax
        setz al
        movzx eax, al
        mov ah, cl
        int 0xff
p_lldt: fixsel
        lldt si
        sldt eax
        int 0xff
p_ltr:  fixsel
        ltr si
        str eax
        int 0xff
p_jmpf: fixsel
        push esi
        push dword .there
        jmp far [esp]
.there: int 0xff
p_callf:
        fixsel
        push dword 0x11
        push dword 0x22
        push esi
        push dword .there
        call far [esp]
.back:  int 0xff
.there: pop eax
        int 0xff
p_callf16:
        fixsel
        push si
        push word LOW
        call far word [esp]
        int 0xff
p_retf: fixsel
        push dword DATA3
        push dword USTACK - 64
        push dword 0x55
        push dword 0x66
        push esi
        push dword .there
        retf 8
.there: mov eax, 0x77
        int 0xff
p_retfss:
        fixsel
        push esi
        push dword USTACK - 64
        push dword CODE3
        push dword .there
        retf
.there: mov eax, 0x77
        int 0xff
p_iret: fixsel
        push dword DATA3
        push dword USTACK - 64
        push dword 0x3002
        push esi
        push dword .there
        iretd
.there: mov eax, 0x77
        int 0xff
p_iretss:
        fixsel
        push esi
        push dword USTACK - 64
        push dword 2
        push dword CODE3
        push dword .there
        iretd
.there: mov eax, 0x77
        int 0xff
p_readb:
        fixsel
        mov fs, esi
        movzx eax, byte [fs:0x1000]
        int 0xff
p_writeb:
        fixsel
        mov fs, esi
        mov byte [fs:0x1800], 0x90
        int 0xff

; ---- INT n through every kind of gate
ints:   mov esi, t_int
        call title
        mov dword [lp_level], 0
.level: mov dword [lp_sel], 0x80
.next:  mov eax, [lp_sel]
        call hex
        mov [int_op + 1], al
        mov ebx, int_op
        mov ecx, [lp_level]
        call run
        inc dword [lp_sel]
        cmp dword [lp_sel], 0x80 + (idt_tests_end - idt_tests) / 8
        jb .next
        add dword [lp_level], 3
        cmp dword [lp_level], 6
        jb .level
        ; beyond the limit of the IDT, from both levels
        mov dword [lp_level], 0
.short: lidt [idtr_short]
        mov byte [int_op + 1], 0x90
        mov ebx, int_op
        mov ecx, [lp_level]
        call run
        add dword [lp_level], 3
        cmp dword [lp_level], 6
        jb .short
        mov ebx, p_int3
        mov ecx, 0
        call run
        mov ebx, p_int3
        mov ecx, 3
        call run
        mov ebx, p_into
        mov ecx, 0
        call run
        mov ebx, p_into
        mov ecx, 3
        call run
        mov ebx, p_int1
        mov ecx, 3
        call run
        mov ebx, p_ud
        mov ecx, 3
        call run
        mov ebx, p_div
        mov ecx, 3
        call run
        ret
int_op: int 0x80
        int 0xff
p_int3: int3
        int 0xff
p_into: mov al, 0x7f
        inc al
        into
        int 0xff
p_int1: db 0xf1
        int 0xff
p_ud:   ud2
p_div:  xor edx, edx
        xor ecx, ecx
        div ecx

; ---- bad inner stacks in the TSS
innerstacks:
        mov esi, t_inner
        call title
        mov dword [lp_sel], 0
.next:  mov eax, [lp_sel]
        call hex
        mov [TTSS + 8], eax
        mov word [TIDT + 12 * 8 + 4], 0x8500    ; #SS, #TS by task
        mov word [TIDT + 12 * 8 + 2], TSSH
        mov word [TIDT + 10 * 8 + 4], 0x8500
        mov word [TIDT + 10 * 8 + 2], TSSH
        mov word [TIDT + 13 * 8 + 4], 0x8500
        mov word [TIDT + 13 * 8 + 2], TSSH
        mov word [TIDT + 8 * 8 + 4], 0x8500
        mov word [TIDT + 8 * 8 + 2], TSSH
        mov ebx, p_nop
        mov ecx, 3
        call run
        call idt_init
        inc dword [lp_sel]
        test dword [lp_sel], 4
        jz .in
        add dword [lp_sel], 4
.in:    cmp dword [lp_sel], gdt_end - gdt + 8
        jb .next
        ret
p_nop:  int 0xff

; ---- inner stacks of call gates, limits of the new stack
callstacks:
        mov esi, t_callstack
        call title
        mov dword [lp_sel], 0
.next:  mov eax, [lp_sel]
        call hex
        mov eax, [lp_sel]
        mov [TTSS + 4], eax
        mov word [TTSS + 8], small_stack - gdt
        mov word [TIDT + 12 * 8 + 4], 0x8500
        mov word [TIDT + 12 * 8 + 2], TSSH
        mov word [TIDT + 8 * 8 + 4], 0x8500
        mov word [TIDT + 8 * 8 + 2], TSSH
        mov ebx, p_gate
        mov ecx, 3
        call run
        call idt_init
        inc dword [lp_sel]
        cmp dword [lp_sel], 72
        jb .next
        ret
p_gate: push dword 0x33
        push dword 0x44
        call dword (cg_params - gdt + 3):0
        int 0xff

; ---- flags by IRET and POPF
iretflags:
        mov esi, t_iretfl
        call title
        mov dword [lp_level], 0
.level: mov dword [lp_sel], 0
.next:  mov ebx, p_iretfl
        mov ecx, [lp_level]
        mov esi, [lp_sel]
        mov eax, 1
        xchg ecx, esi
        shl eax, cl
        xchg ecx, esi
        mov esi, eax
        test eax, 0x24000       ; NT and VM have loops of their own
        jnz .skip
        call hex
        call run
.skip:  inc dword [lp_sel]
        cmp dword [lp_sel], 22
        jb .next
        xor dword [uflags], 0x3000
        jz .nope
        test dword [uflags], 0x3000
        jnz .level
.nope:  add dword [lp_level], 3
        cmp dword [lp_level], 6
        jb .level
        mov dword [uflags], 2
        ret
p_iretfl:
        test esi, 0x100
        jnz .end
        or esi, 2
        mov ecx, cs
        push esi
        push ecx
        push dword .there
        iretd
.there: pushfd
        pop eax
        and eax, 0x3f7fd7
.end:   int 0xff
popfs:  mov esi, t_popf
        call title
        mov dword [lp_level], 0
.level: mov dword [lp_sel], 0
.next:  mov eax, 1
        mov ecx, [lp_sel]
        shl eax, cl
        mov esi, eax
        call hex
        mov ecx, [lp_level]
        mov ebx, p_popf
        call run
        inc dword [lp_sel]
        cmp dword [lp_sel], 22
        jb .next
        xor dword [uflags], 0x3000
        test dword [uflags], 0x3000
        jnz .level
        add dword [lp_level], 3
        cmp dword [lp_level], 6
        jb .level
        mov dword [uflags], 2
        ret
p_popf: cmp esi, 0x100
        je .end
        push esi
        popfd
        pushfd
        pop eax
        and eax, 0x3f7fd7
.end:   int 0xff

; ---- segment limits
limits: mov esi, t_limit
        call title
        mov esi, limit_sels
.sel:   cmp word [esi], 0
        je .done
        mov edi, limit_offsets
.off:   push esi
        push edi
        mov eax, [edi]
        call hex
        mov edx, [edi]
        movzx esi, word [esi]
        mov [lp_sel], esi
        mov edi, edx
        mov ebx, p_lim4
        mov ecx, 0
        call .one
        mov ebx, p_lim2
        call .one
        mov ebx, p_lim1
        call .one
        mov ebx, p_lims
        call .one
        pop edi
        pop esi
        add edi, 4
        cmp edi, limit_offsets_end
        jb .off
        add esi, 2
        jmp .sel
.done:  ret
.one:   mov esi, [lp_sel]
        push edi
        mov ecx, 0
        call run
        pop edi
        ret
p_lim4: mov gs, esi
        mov eax, [gs:edi]
        xor eax, eax
        int 0xff
p_lim2: mov gs, esi
        mov ax, [gs:edi]
        xor eax, eax
        int 0xff
p_lim1: mov gs, esi
        mov al, [gs:edi]
        xor eax, eax
        int 0xff
p_lims: mov gs, esi
        mov [gs:edi], al
        int 0xff
        align 4
limit_sels:
        dw small - gdt, expdown - gdt, expdown16 - gdt, biglim - gdt, 0
limit_offsets:
        dd 0, 1, 0x1231, 0x1232, 0x1233, 0x1234, 0x1235, 0xffd, 0xffe, 0xfff, 0x1000, 0x1001, 0xfffd, 0xfffe, 0xffff, 0x10000
        dd 0xfffffffc, 0x3ffc, 0x3ffd, 0x3fff, 0x4000
limit_offsets_end:

; ---- virtual-8086 mode
v86s:   mov esi, t_v86
        call title
        mov dword [uflags], 2
.iopl:  mov esi, v86_list
.next:  mov ebx, [esi]
        test ebx, ebx
        jz .done
        mov [lp_sel], esi
        call run86
        mov esi, [lp_sel]
        add esi, 4
        jmp .next
.done:  xor dword [uflags], 0x3000
        test dword [uflags], 0x3000
        jnz .iopl
        ret
v86_list:
        dd v_cli, v_sti, v_pushf, v_popf, v_pushfd, v_popfd, v_int, v_int3, v_into, v_iret, v_iretd, v_hlt, v_in, v_lmsw, v_smsw, v_lar, v_lldt, v_sgdt
        dd v_movcr, v_far, v_farlim, v_segs, v_limit, v_retf, v_stack, v_callf, v_clts, v_rdtsc, v_intff, 0
        bits 16
v_cli:  cli
        int 0xff
v_sti:  sti
        int 0xff
v_pushf:
        pushf
        pop ax
        and ax, 0xf700
        int 0xff
v_popf: push word 0x7202
        popf
        pushfd
        pop eax
        and eax, 0x3f7700
        int 0xff
v_pushfd:
        pushfd
        pop eax
        and eax, 0x3f7700
        int 0xff
v_popfd:
        push dword 0x247202
        popfd
        pushfd
        pop eax
        and eax, 0x3f7700
        int 0xff
v_int:  int 0x80
v_int3: int3
v_into: mov al, 0x7f
        inc al
        into
v_iret: push word 0x3202
        push word 0x1001
        push word v_intff - 0x10010
        iret
v_iretd:
        push dword 0x263202
        push dword 0x1001
        push dword v_intff - 0x10010
        iretd
v_hlt:  hlt
v_in:   in al, 0x40
        int 0xff
v_lmsw: lmsw ax
v_smsw: smsw ax
        xor eax, eax
        int 0xff
v_lar:  lar ax, ax
v_lldt: lldt ax
v_sgdt: sgdt [0x100]
        mov ax, [0x100]
        int 0xff
v_movcr:
        mov eax, cr0
v_far:  jmp word 0x1001:v_intff - 0x10010
v_farlim:
        jmp dword 0x1001:0x10000
v_segs: mov ax, 0x5555
        mov fs, ax
        mov gs, ax
        mov eax, 0
        mov ax, gs
        int 0xff
v_limit:
        mov ebx, 0x10000
        mov al, [ebx]
v_retf: push dword 0x1001
        push dword v_intff - 0x10010
        o32 retf
v_stack:
        mov sp, 1
        push ax
v_callf:
        call word 0x1001:v_intff - 0x10010
v_clts: clts
v_rdtsc:
        xor ax, ax
        int 0xff
v_intff:
        mov eax, 0x1f
        int 0xff
        bits 32

; ---- tasks
%macro faults_by_task 0
        mov eax, 8 * 8
%%next: mov word [TIDT + eax + 2], TSSH
        mov word [TIDT + eax + 4], 0x8500
        add eax, 8
        cmp eax, 15 * 8
        jb %%next
        mov byte [TIDT + 9 * 8 + 5], 0x8e
%endmacro
tasks:  mov esi, t_tasks
        call title
        mov ebx, p_jmptss
        mov ecx, 0
        call run
        mov ebx, p_calltss
        mov ecx, 0
        call run
        mov ebx, p_jmptss
        mov ecx, 3
        call run
        mov ebx, p_jmp16
        mov ecx, 0
        call run
        mov ebx, p_call16
        mov ecx, 0
        call run
        mov ebx, p_callgate
        mov ecx, 0
        call run
        mov ebx, p_callgate
        mov ecx, 3
        call run
        mov ebx, p_back
        mov ecx, 0
        call run
        mov ebx, p_nt
        mov ecx, 0
        call run
        mov ebx, p_intgate
        mov ecx, 0
        call run
        mov ebx, p_intgate
        mov ecx, 3
        call run
        mov byte [TTSSB + 0x64], 1      ; T bit
        mov ebx, p_jmptss
        mov ecx, 0
        call run
        mov esi, t_tasksel
        call title
        ; every selector in every selector field
        mov dword [lp_level], 0x48
.field: mov dword [lp_sel], 0
.next:  mov eax, [lp_level]
        call hex
        mov eax, [lp_sel]
        call hex
        mov edx, [lp_level]
        mov eax, [lp_sel]
        mov [TTSSB + edx], ax
        faults_by_task
        mov ebx, p_jmptss
        mov ecx, 0
        call run
        call idt_init
        inc dword [lp_sel]
        test dword [lp_sel], 4
        jz .in
        add dword [lp_sel], 4
.in:    cmp dword [lp_sel], gdt_end - gdt + 8
        jb .next
        add dword [lp_level], 4
        cmp dword [lp_level], 0x64
        jb .field
        mov esi, t_tasklim
        call title
        mov dword [lp_sel], 0x60
.lim:   mov eax, [lp_sel]
        mov [TGDT + TSSB], ax
        mov [lp_level], eax
        mov ebx, p_jmptss
        mov ecx, 0
        call run
        inc dword [lp_sel]
        cmp dword [lp_sel], 0x6a
        jb .lim
        mov dword [lp_sel], 0x28
.lim16: mov eax, [lp_sel]
        mov [TGDT + TSS16], ax
        mov ebx, p_jmp16
        mov ecx, 0
        call run
        inc dword [lp_sel]
        cmp dword [lp_sel], 0x2e
        jb .lim16
        mov byte [TGDT + TSSB + 5], 0x0b ; not present
        mov ebx, p_jmptss
        mov ecx, 0
        call run
        mov byte [TGDT + TSSB + 5], 0x09
        mov ebx, p_jmptss
        mov ecx, 0
        call run
        mov dword [TTSSB + 0x24], 0x20002 ; into virtual-8086 mode
        mov dword [TTSSB + 0x20], v_intff - 0x10000
        mov dword [TTSSB + 0x4c], 0x1000
        mov dword [TTSSB + 0x48], 0x1111
        mov dword [TTSSB + 0x50], 0x7000
        mov dword [TTSSB + 0x38], 0x1000
        mov ebx, p_jmptss
        mov ecx, 0
        call run
        ret
p_jmptss:
        jmp dword TSSB:0
p_calltss:
        call dword TSSB:0
p_jmp16:
        jmp dword TSS16:0
p_call16:
        call dword TSS16:0
p_callgate:
        call dword (tg3 - gdt + 3):0
p_back: mov dword [TTSSB + 0x20], .iret
        call dword TSSB:0
        mov eax, 0x99
        int 0xff
.iret:  iretd
p_nt:   push dword 0x4002
        popfd
        iretd
p_intgate:
        int 0x80 + (it_task - idt_tests) / 8

; ---- privileged instructions at both levels
privileged:
        mov esi, t_priv
        call title
        mov dword [lp_level], 0
.level: mov dword [lp_sel], priv_list
.next:  mov esi, [lp_sel]
        mov ebx, [esi]
        test ebx, ebx
        jz .done
        mov ecx, [lp_level]
        call run
        add dword [lp_sel], 4
        jmp .next
.done:  add dword [lp_level], 3
        cmp dword [lp_level], 6
        jb .level
        ret
priv_list:
        dd r_clts, r_lmsw, r_smsw, r_lgdt, r_cr5, r_cr0pg, r_cr0nw, r_dr, r_dr4, r_dr4de, r_invlpg, r_wbinvd, r_cli, r_sti
        dd r_in, r_out, r_str, r_sldt, r_msr, r_wrmsr, r_cr4, r_eferl, r_rdtsc, r_tsd, r_lockinc, r_locknop, r_movcs, r_seg6, r_dr7hi, r_dr67, 0
r_clts: clts
        int 0xff
r_lmsw: mov ax, 0x000f
        lmsw ax
        mov eax, cr0
        and eax, 0xf
        push eax
        mov ecx, cr0
        and ecx, ~0xe
        mov cr0, ecx
        pop eax
        int 0xff
r_smsw: smsw eax
        and eax, 0xf
        int 0xff
r_lgdt: lgdt [gdtr2]
        int 0xff
r_cr5:  db 0x0f, 0x20, 0xe8
        int 0xff
r_cr0pg:
        mov eax, cr0
        and eax, 0xfffffffe
        or eax, 0x80000000
        mov cr0, eax
        int 0xff
r_cr0nw:
        mov eax, cr0
        and eax, 0x9fffffff
        or eax, 0x20000000
        mov cr0, eax
        int 0xff
r_dr:   mov eax, 0x1234
        mov dr3, eax
        xor eax, eax
        mov eax, dr3
        int 0xff
r_dr4:  mov eax, dr4
        int 0xff
r_dr4de:
        mov eax, cr4
        or eax, 8
        mov cr4, eax
        mov eax, dr5
        int 0xff
r_invlpg:
        invlpg [0]
        int 0xff
r_wbinvd:
        wbinvd
        int 0xff
r_cli:  cli
        int 0xff
r_sti:  sti
        nop
        int 0xff
r_in:   in al, 0x40
        xor eax, eax
        int 0xff
r_out:  xor eax, eax
        out 0x80, al
        int 0xff
r_str:  str eax
        int 0xff
r_sldt: sldt eax
        int 0xff
r_msr:  mov ecx, 0xc0012345
        rdmsr
        int 0xff
r_wrmsr:
        mov ecx, 0x174
        mov eax, 0x1234
        xor edx, edx
        wrmsr
        rdmsr
        int 0xff
r_cr4:  mov eax, 0x80000000
        mov cr4, eax
        int 0xff
r_eferl:
        mov ecx, 0xc0000080
        mov eax, 0x80000000
        xor edx, edx
        wrmsr
        int 0xff
r_rdtsc:
        rdtsc
        xor eax, eax
        int 0xff
r_tsd:  mov eax, cr4
        or eax, 4
        mov cr4, eax
        rdtsc
        mov eax, cr4
        and eax, ~12
        mov cr4, eax
        int 0xff
r_lockinc:
        lock inc dword [LOW + 16]
        int 0xff
r_locknop:
        db 0xf0, 0x90
r_movcs:
        db 0x8e, 0xc8
r_seg6: db 0x8c, 0xf0
r_dr7hi:
        mov eax, -1
        mov dr7, eax
        mov eax, dr7
r_dr67: mov eax, 0xffffdfff
        and eax, 0xffffff00
        mov dr7, eax
        mov eax, dr7
        push eax
        xor eax, eax
        mov dr7, eax
        dec eax
        mov dr6, eax
        mov eax, dr6
        pop ecx
        xor eax, ecx
        int 0xff

; ---- debug exceptions
debugs: mov esi, t_debug
        call title
        mov dword [lp_level], 0
.level: mov dword [lp_sel], debug_list
.next:  mov esi, [lp_sel]
        mov ebx, [esi]
        test ebx, ebx
        jz .done
        mov eax, [esi + 4]
        mov dr0, eax
        mov eax, [esi + 8]
        mov dr7, eax
        xor eax, eax
        mov dr6, eax
        mov eax, [esi + 12]
        mov [uflags], eax
        mov ecx, [lp_level]
        call run
        add dword [lp_sel], 16
        jmp .next
.done:  add dword [lp_level], 3
        cmp dword [lp_level], 6
        jb .level
        mov dword [uflags], 2
        ret
debug_list: ; probe, dr0, dr7, flags
        dd d_nops, d_nops + 1, 1, 2
        dd d_nops, d_nops, 1, 0x10002
        dd d_nops, d_nops + 1, 2, 2
        dd d_write, LOW + 0x20, 0xd0001, 2
        dd d_write, LOW + 0x23, 0x10001, 2
        dd d_write, LOW + 0x24, 0x10001, 2
        dd d_read, LOW + 0x20, 0xd0001, 2
        dd d_read, LOW + 0x20, 0xf0001, 2
        dd d_read, LOW + 0x22, 0x70001, 2
        dd d_movss, LOW + 0x20, 0xf0001, 2
        dd d_rmw, LOW + 0x20, 0xd0001, 2
        dd d_push, USTACK - 4, 0xd0001, 2
        dd d_push, PSTACK - 4, 0xd0001, 2
        dd d_tf, 0, 0, 2
        dd d_tfss, 0, 0, 2
        dd d_tfint, 0, 0, 2
        dd d_tfpopf, 0, 0, 2
        dd d_gd, 0, 0x2000, 2
        dd d_rep, LOW + 0x28, 0xd0001, 2
        dd d_fault, LOW + 0x20, 0xf0001, 2
        dd d_iretrf, d_iretrf.there, 1, 2
        dd 0
d_nops: nop
        nop
        int 0xff
d_write:
        mov dword [LOW + 0x20], 0
        nop
        int 0xff
d_read: mov eax, [LOW + 0x20]
        nop
        int 0xff
d_rmw:  inc dword [LOW + 0x20]
        mov dword [LOW + 0x20], 0
        int 0xff
d_movss:
        mov ax, ss
        mov [LOW + 0x20], ax
        mov ss, [LOW + 0x20]
        nop
        nop
        int 0xff
d_push: push eax
        nop
        int 0xff
d_tf:   pushfd
        or dword [esp], 0x100
        popfd
        nop
        nop
        int 0xff
d_tfss: mov ax, ss
        pushfd
        or dword [esp], 0x100
        popfd
        mov ss, eax
        nop
        nop
        int 0xff
d_tfint:
        pushfd
        or dword [esp], 0x100
        popfd
        int 0xff
d_tfpopf:
        pushfd
        pushfd
        or dword [esp], 0x100
        popfd
        popfd
        nop
        int 0xff
d_gd:   mov eax, dr0
        int 0xff
d_rep:  mov edi, LOW + 0x20
        mov ecx, 8
        xor eax, eax
        rep stosd
        int 0xff
d_fault:
        mov eax, [LOW + 0x20]
        ud2
d_iretrf:
        pushfd
        or dword [esp], 0x10000
        push cs
        push dword .there
        iretd
.there: nop
        int 0xff

; ---- paging: page 8000h with each right, every access at both levels
paged:  mov esi, t_page
        call title
        mov edi, 0x80000
        mov ecx, 1024
        xor eax, eax
        rep stosd
        mov dword [0x80000], 0x81007
        mov edi, 0x81000
        mov eax, 7
        mov ecx, 1024
.fill:  mov [edi + 0x1000], eax
        stosd
        add eax, 0x1000
        loop .fill
        mov dword [lp_a], 0
.wp:    mov dword [lp_level], 0
.level: mov dword [lp_b], 0
.rights:
        mov dword [lp_sel], page_list
.next:  mov esi, [lp_sel]
        mov ebx, [esi]
        test ebx, ebx
        jz .done
        mov eax, [lp_b]
        call hex
        mov eax, [lp_b]
        and eax, 7
        or eax, 0x8000
        mov [0x82000 + 8 * 4], eax
        mov eax, [lp_b]
        shr eax, 3
        and eax, 7
        or eax, 0x82000
        mov [0x80004], eax
        mov eax, 0x80000
        mov cr3, eax
        mov eax, cr0
        and eax, 0x7ffeffff
        or eax, 0x80000000
        or eax, [lp_a]
        mov cr0, eax
        mov ecx, [lp_level]
        call run
        mov eax, [0x82000 + 8 * 4]
        call hex
        mov eax, [0x80004]
        call hex
        call newline
        mov eax, cr0
        and eax, 0x7ffeffff
        mov cr0, eax
        add dword [lp_sel], 4
        jmp .next
.done:  inc dword [lp_b]
        cmp dword [lp_b], 64
        jb .rights
        add dword [lp_level], 3
        cmp dword [lp_level], 6
        jb .level
        xor dword [lp_a], 0x10000
        jnz .wp
        ret
page_list:
        dd g_read, g_write, g_exec, g_rmw, g_across, 0
HIGH    equ 0x400000 + LOW      ; the page through the second directory entry
g_read: mov al, [HIGH + 0x30]
        xor eax, eax
        int 0xff
g_write:
        mov [HIGH + 0x30], al
        int 0xff
g_exec: mov eax, HIGH
        jmp eax
g_rmw:  xor dword [HIGH + 0x30], 0
        int 0xff
g_across:
        mov dword [HIGH - 2], 0x90900000
        int 0xff

; ---- faults inside delivery
doubles:
        mov esi, t_double
        call title
        ; #NP on the gate of #UD, then everything in order
        mov byte [TIDT + 6 * 8 + 5], 0x0e
        mov ebx, p_ud
        mov ecx, 0
        call run
        mov byte [TIDT + 6 * 8 + 5], 0x0e
        mov ebx, p_ud
        mov ecx, 3
        call run
        call idt_init
        ; contributory while contributory: #NP for #GP
        mov byte [TIDT + 13 * 8 + 5], 0x0e
        mov ebx, p_gp
        mov ecx, 0
        call run
        call idt_init
        mov byte [TIDT + 13 * 8 + 5], 0x0e
        mov ebx, p_gp
        mov ecx, 3
        call run
        call idt_init
        ; benign then contributory then contributory: #UD -> #NP -> its gate absent too
        mov byte [TIDT + 6 * 8 + 5], 0x0e
        mov byte [TIDT + 11 * 8 + 5], 0x0e
        mov ebx, p_ud
        mov ecx, 3
        call run
        call idt_init
        ; #DE is contributory
        mov byte [TIDT + 0 * 8 + 5], 0x0e
        mov ebx, p_div
        mov ecx, 3
        call run
        call idt_init
        ; INT n to an absent gate is no exception: #NP, EXT clear
        mov byte [TIDT + 0x90 * 8 + 5], 0x6e
        mov byte [int_op + 1], 0x90
        mov ebx, int_op
        mov ecx, 3
        call run
        call idt_init
        ; #DF by task
        mov byte [TIDT + 13 * 8 + 5], 0x0e
        mov word [TIDT + 8 * 8 + 2], TSSH
        mov word [TIDT + 8 * 8 + 4], 0x8500
        mov ebx, p_gp
        mov ecx, 3
        call run
        call idt_init
        ret
p_gp:   mov ax, 0x1111
        mov ds, eax

; ---- data
        align 8
gdt:    dq 0
        desc 0, 0xfffff, 0x9b, 0xc      ; 08
        desc 0, 0xfffff, 0x93, 0xc      ; 10
        desc 0, 0xfffff, 0xfb, 0xc      ; 18
        desc 0, 0xfffff, 0xf3, 0xc      ; 20
        desc TTSS, 0x68, 0x89, 0        ; 28
        desc TLDT, ldt_end - ldt - 1, 0x82, 0 ; 30
        desc TTSSB, 0x67, 0xe9, 0       ; 38
        desc TTSSH, 0x67, 0x89, 0       ; 40
        desc TTSS16, 0x2b, 0x81, 0      ; 48
        desc 0, 0xfffff, 0x90, 0xc      ; read-only, not accessed
ring1:  desc 0, 0xfffff, 0xb2, 0xc
ring2:  desc 0, 0xfffff, 0xd2, 0xc
        desc 0, 0xfffff, 0x72, 0xc      ; not present
expdown:
        desc 0, 0, 0xf6, 0xc            ; expand-down, offsets from 1000h
expdown16:
        desc 0, 0xfff, 0xf6, 0x0        ; the same up to ffffh
        desc 0, 0xfffff, 0xf0, 0xc      ; read-only DPL 3
small:  desc 0, 0x1234, 0xf2, 0x0
biglim: desc 0, 3, 0x92, 0xc
stack16:
        desc 0, 0xffff, 0x92, 0
small_stack:
        desc 0x70000, 31, 0x92, 0x4     ; a stack of 32 bytes
        desc 0, 0xfffff, 0x98, 0xc      ; execute-only
        desc 0, 0xfffff, 0xf8, 0xc
        desc 0, 0xfffff, 0xba, 0xc      ; DPL 1 code
        desc 0, 0xfffff, 0xda, 0xc      ; DPL 2 code
        desc 0, 0xfffff, 0x9e, 0xc      ; conforming DPL 0
        desc 0, 0xfffff, 0x9c, 0xc      ; conforming execute-only
        desc 0, 0xfffff, 0xfe, 0xc      ; conforming DPL 3
        desc 0, 0xfffff, 0x1a, 0xc      ; code not present
        desc 0, 0xfffff, 0x7a, 0xc
        desc 0, 0xff, 0x9a, 0x4         ; code with a small limit
        desc 0, 0xff, 0xfa, 0x4
        desc 0, 0x68, 0x80, 0           ; reserved type 0
        desc 0, 0x68, 0x88, 0           ; reserved type 8
        desc 0, 0x68, 0x8d, 0           ; reserved type d
        desc TTSSB, 0x67, 0x8b, 0       ; busy
        desc TLDT, 0xf, 0x02, 0         ; LDT not present
        desc TLDT, 0xf, 0xe2, 0         ; LDT DPL 3
        gate CODE0, LOW, 0x8c, 0        ; call gate DPL 0
        gate CODE0, LOW, 0xec, 0        ; call gate DPL 3
cg_params:
        gate CODE0, LOW, 0xec, 2        ; with parameters
        gate CODE0, LOW, 0x6c, 0        ; not present
        gate 0xc3, LOW, 0xec, 0         ; to conforming code
        gate DATA0, LOW, 0xec, 0        ; to data
        gate 0, LOW, 0xec, 0            ; to null
        gate 0x7ff8, LOW, 0xec, 0       ; beyond the table
        gate 0xd8, LOW, 0xec, 0         ; to absent code
        gate CODE0, LOW, 0xe4, 1        ; 16-bit with a parameter
        gate CODE3, LOW, 0xec, 0        ; to DPL 3 code
        gate 0xe8, LOW, 0xec, 0         ; beyond the code limit
        gate 0xb3, LOW, 0xec, 1         ; to ring 1
tg3:    gate TSSB, 0, 0xe5, 0           ; task gate DPL 3
        gate TSSB, 0, 0x85, 0           ; task gate DPL 0
        gate DATA0, 0, 0xe5, 0          ; task gate to data
        gate TSSB + 4, 0, 0xe5, 0       ; task gate into the LDT
        gate TSSB, 0, 0x65, 0           ; task gate not present
        gate CODE0, LOW, 0xee, 0        ; interrupt gate in the GDT
        gate CODE0, LOW, 0xef, 0
gdt_end:
        align 8
ldt:    desc 0, 0xfffff, 0xf2, 0xc
        desc 0, 0xfffff, 0x9a, 0xc
        desc 0, 0xfffff, 0x93, 0xc
        gate CODE0, LOW, 0xec, 0
ldt_end:
idt_tests:
        gate CODE0, INT_DONE, 0x8e, 0   ; 80: DPL 0
        gate CODE0, INT_DONE, 0xee, 0
        gate CODE0, INT_DONE, 0xef, 0   ; trap
        gate CODE0, INT_DONE, 0x6e, 0   ; absent
        gate 0, INT_DONE, 0xee, 0
        gate DATA0, INT_DONE, 0xee, 0
        gate 0x7ff8, INT_DONE, 0xee, 0
        gate 0xd8, INT_DONE, 0xee, 0    ; absent code
        gate 0xc0, INT_DONE, 0xee, 0    ; conforming
        gate CODE3, INT_DONE, 0xee, 0
        gate 0xb0, INT_DONE, 0xee, 0    ; ring 1
        gate 0xe8, INT_DONE, 0xee, 0    ; beyond the limit
        gate CODE0, LOW, 0xe6, 0        ; 16-bit interrupt
        gate CODE0, LOW, 0xe7, 0        ; 16-bit trap
        gate CODE0, LOW, 0xec, 0        ; call gate in the IDT
        gate CODE0, LOW, 0xe0, 0
it_task:
        gate TSSB, 0, 0xe5, 0
        gate TSSB, 0, 0x85, 0
        gate TSSB, 0, 0x65, 0
        gate DATA0, 0, 0xe5, 0
        gate TSSB + 4, 0, 0xe5, 0
        gate 0x118, 0, 0xe5, 0          ; busy task
        gate LDT + 4, INT_DONE, 0xee, 0 ; LDT selectors
        gate 0xc, INT_DONE, 0xee, 0
idt_tests_end:
INT_DONE equ int_done - start + 0x10000
int_done:
        pushfd
        pop eax
        and eax, 0x7700
        int 0xff

        align 4
gdtr:   dw gdt_end - gdt - 1
        dd gdt
gdtr2:  dw gdt_end - gdt - 1
        dd TGDT
idtr:   dw 0x7ff
        dd TIDT
idtr_short:
        dw 0x90 * 8 + 6
        dd TIDT
        align 4
resume: dd 0
saved:  dd 0
probe:  dd 0
param1: dd 0
param2: dd 0
level:  dd 0
uflags: dd 2
herror: dd 0
lp_probe: dd 0
lp_level: dd 0
lp_sel: dd 0
lp_a:   dd 0
lp_b:   dd 0
lp_edi: dd 0
lp_ret: dd 0
quiet:  dd 0
t_ds:   db 'MOV DS', 0
t_ss:   db 'MOV SS', 0
t_popes: db 'POP ES', 0
t_lfs:  db 'LFS', 0
t_lar:  db 'LAR', 0
t_lsl:  db 'LSL', 0
t_verr: db 'VERR', 0
t_verw: db 'VERW', 0
t_arpl: db 'ARPL', 0
t_lldt: db 'LLDT', 0
t_ltr:  db 'LTR', 0
t_jmpf: db 'JMP far', 0
t_callf: db 'CALL far', 0
t_callf16: db 'CALL far 16', 0
t_retf: db 'RETF', 0
t_retfss: db 'RETF SS', 0
t_iret: db 'IRET', 0
t_iretss: db 'IRET SS', 0
t_readb: db 'read', 0
t_writeb: db 'write', 0
t_int:  db 'INT n', 0
t_inner: db 'inner SS', 0
t_callstack: db 'call gate stack', 0
t_iretfl: db 'IRET flags', 0
t_popf: db 'POPF', 0
t_limit: db 'limits', 0
t_v86:  db 'virtual-8086', 0
t_tasks: db 'tasks', 0
t_tasksel: db 'task selectors', 0
t_tasklim: db 'task limits', 0
t_priv: db 'privileged', 0
t_debug: db 'debug', 0
t_page: db 'paging', 0
t_double: db 'double faults', 0
t_task: db 'task ', 0
t_end:  db 'end', 0
t_shut: db 'Shutdown', 0
