; Long mode, exercised like scenarios32.asm: selectors, gates, IST, returns, four-level paging with every right, system calls.
; Loaded at 10000h, entered in real mode at its start.
        org 0x10000
        bits 16
%macro desc 4                   ; base, limit, access, flags
        dw (%2) & 0xffff
        dw (%1) & 0xffff
        db ((%1) >> 16) & 0xff
        db %3
        db ((%2) >> 16) & 15 | (%4) << 4
        db ((%1) >> 24) & 0xff
%endmacro
%macro gate 4                   ; selector, offset, access, IST or count
        dw (%2) & 0xffff
        dw %1
        db %4
        db %3
        dw ((%2) >> 16) & 0xffff
        dq 0
%endmacro
CODE0   equ 0x08
DATA0   equ 0x10
CODE32  equ 0x1b
DATA3   equ 0x23
CODE3   equ 0x2b
TSSM    equ 0x30
LDT     equ 0x40
STACK   equ 0x70000
INNER   equ 0x71000
IST1    equ 0x72000
USTACK  equ 0x73000
PSTACK  equ 0x76000
TGDT    equ 0x60000
TLDT    equ 0x61000
TTSS    equ 0x62000
TIDT    equ 0x63000
PML4    equ 0x50000
PDPT    equ 0x51000
PD      equ 0x52000
PT      equ 0x53000
LOW     equ 0x8000
WINDOW  equ 0x40000000          ; 1 GiB: the second PDPTE

start:  cli
        cld
        mov al, 0xff
        out 0x21, al
        out 0xa1, al
        mov dx, 0x3fb
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
        mov ax, 0x5000          ; tables: the first 2 MiB to themselves, a window at 1 GiB
        mov es, ax
        xor di, di
        mov cx, 0x2000
        xor ax, ax
        rep stosw
        mov dword [es:0], PDPT + 7
        mov dword [es:0x1000], PD + 7
        mov dword [es:0x1008], 0x54007
        mov dword [es:0x2000], 0x87
        mov ax, 0x5400
        mov es, ax
        xor di, di
        mov cx, 0x2000
        xor ax, ax
        rep stosw
        mov dword [es:0], PT + 7
        mov eax, PML4
        mov cr3, eax
        mov eax, 0x20
        mov cr4, eax
        mov ecx, 0xc0000080
        mov eax, 0x901
        xor edx, edx
        wrmsr
        mov eax, cr0
        or eax, 0x80000001
        mov cr0, eax
        jmp dword 8:lm

        bits 64
lm:     mov eax, DATA0
        mov ds, eax
        mov es, eax
        mov fs, eax
        mov gs, eax
        mov ss, eax
        mov esp, STACK
        mov qword [saved], STACK
        mov dword [LOW], 0x90ffcd90
        mov dword [LOW + 0x10], 0x0ff3cd90
        call tables
        call idt_init
        lidt [idtr]
        jmp main

putc:   push rdx
        push rax
        mov dx, 0x3fd
.wait:  in al, dx
        test al, 0x20
        jz .wait
        pop rax
        mov dx, 0x3f8
        out dx, al
        pop rdx
        ret
hex:    push rcx
        push rdx
        mov rdx, rax
        mov ecx, 16
.skip:  rol rdx, 4
        dec ecx
        jz .emit
        test dl, 15
        jz .skip
        jmp .emit
.next:  rol rdx, 4
        dec ecx
.emit:  mov al, dl
        and al, 15
        add al, '0'
        cmp al, '9'
        jbe .ok
        add al, 'a' - '9' - 1
.ok:    call putc
        test ecx, ecx
        jnz .next
        mov al, ' '
        call putc
        pop rdx
        pop rcx
        ret
puts:   push rsi
        push rax
.next:  mov al, [rsi]
        inc rsi
        test al, al
        jz .end
        call putc
        jmp .next
.end:   pop rax
        pop rsi
        ret
newline:
        mov al, 10
        jmp putc
title:  mov al, '#'
        call putc
        call puts
        jmp newline

tables: push rax
        push rcx
        push rsi
        push rdi
        mov esi, gdt
        mov edi, TGDT
        mov ecx, (gdt_end - gdt) / 8
        rep movsq
        mov esi, ldt
        mov edi, TLDT
        mov ecx, (ldt_end - ldt) / 8
        rep movsq
        mov edi, TTSS
        xor eax, eax
        mov ecx, 32
        rep stosq
        mov dword [TTSS + 4], INNER
        mov dword [TTSS + 0xc], INNER + 0x100
        mov dword [TTSS + 0x14], INNER + 0x200
        mov dword [TTSS + 0x24], IST1
        mov dword [TTSS + 0x2c], IST1 + 8
        mov dword [TTSS + 0x34], 0
        mov dword [TTSS + 0x38], 0x80000000 ; IST3 is not canonical
        mov word [TTSS + 0x66], 0x68
        lgdt [gdtr2]
        mov eax, LDT
        lldt ax
        mov eax, TSSM
        ltr ax
        pop rdi
        pop rsi
        pop rcx
        pop rax
        ret
summary:
        push rcx
        push rdx
        xor eax, eax
        mov edx, TGDT
        mov ecx, 0x80
.next:  rol eax, 3
        xor eax, [rdx]
        add edx, 4
        loop .next
        pop rdx
        pop rcx
        ret
idt_init:
        mov edi, TIDT
        mov ebx, stubs
        xor ecx, ecx
.next:  mov eax, ebx
        mov [rdi], ax
        mov word [rdi + 2], CODE0
        mov word [rdi + 4], 0x8e00
        shr eax, 16
        mov [rdi + 6], eax
        mov qword [rdi + 8], 0
        mov word [rdi + 6], ax
        add edi, 16
        add ebx, 16
        inc ecx
        cmp ecx, 256
        jb .next
        mov word [TIDT + 0xff * 16 + 4], 0xee00
        mov word [TIDT + 8 * 16 + 4], 0x8e01
        mov esi, idt_tests
        mov edi, TIDT + 0x80 * 16
        mov ecx, (idt_tests_end - idt_tests) / 8
        rep movsq
        ret
        align 16
stubs:
%assign v 0
%rep 256
        align 16
%if v = 8 || (v >= 10 && v <= 14) || v = 17
        push v
        jmp handler
%else
        push 0
        push v
        jmp handler
%endif
%assign v v + 1
%endrep

handler:
        push rax
        push rbx
        push rbp
        mov rbp, rsp
        mov rax, [rbp + 24]
        call hex                ; vector
        mov rax, [rbp + 32]
        call hex                ; error code
        mov rax, [rbp + 48]
        call hex                ; cs
        mov rax, [rbp + 40]
        sub rax, [probe]
        call hex                ; rip within the probe
        mov rax, [rbp + 56]
        and eax, 0x3f7700
        call hex
        mov rax, [rbp + 64]
        call hex                ; rsp
        mov rax, [rbp + 72]
        call hex                ; ss
        mov rax, [rbp + 16]
        call hex                ; rax
        mov eax, ds
        call hex
        mov eax, es
        call hex
        mov eax, fs
        call hex
        mov eax, gs
        call hex
        mov eax, ss
        call hex
        mov rax, rbp
        call hex
        mov ecx, 0xc0000100
        rdmsr
        call hex
        cmp qword [rbp + 24], 14
        jne .done
        mov rax, cr2
        call hex
.done:  str eax
        call hex
        sldt eax
        call hex
        call summary
        call hex
        mov eax, DATA0
        mov ss, eax
        mov rsp, [saved]
        mov ds, eax
        mov es, eax
        mov fs, eax
        mov gs, eax
        push 2
        popfq
        call tables
        lidt [idtr]
        call newline
        jmp [resume]

; rbx code, ecx level (0, 3, or 4 for 32-bit code at level 3), rsi and rdi parameters
run:    pop qword [resume]
        mov [saved], rsp
        mov [probe], rbx
        cmp ecx, 3
        jae .user
        mov esp, PSTACK
        xor eax, eax
        jmp rbx
.user:  mov eax, CODE3
        cmp ecx, 3
        je .wide
        mov eax, CODE32
.wide:  push DATA3
        push USTACK
        push qword [uflags]
        push rax
        push rbx
        mov eax, DATA3
        mov ds, eax
        mov es, eax
        mov fs, eax
        mov gs, eax
        xor eax, eax
        iretq

over:   mov [lp_probe], rbx
        mov qword [lp_level], 0
.level: mov qword [lp_sel], 0
.sel:   mov rax, [lp_sel]
        call hex
        mov rbx, [lp_probe]
        mov ecx, [lp_level]
        mov rsi, [lp_sel]
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
.done:  add qword [lp_level], 3
        cmp qword [lp_level], 6
        jb .level
        ret
%macro fixsel 0
        cmp esi, 0x2000
        jb %%ok
        sub esi, 0x2000
        or esi, 4
%%ok:
%endmacro
%macro loop_probe 2
        mov esi, %1
        call title
        mov ebx, %2
        call over
%endmacro

main:   loop_probe t_ds, p_ds
        loop_probe t_ss, p_ss
        loop_probe t_fs, p_fs
        loop_probe t_lar, p_lar
        loop_probe t_lsl, p_lsl
        loop_probe t_verr, p_verr
        loop_probe t_verw, p_verw
        loop_probe t_lldt, p_lldt
        loop_probe t_ltr, p_ltr
        loop_probe t_jmpf, p_jmpf
        loop_probe t_callf, p_callf
        loop_probe t_retf, p_retf
        loop_probe t_retfq, p_retfq
        loop_probe t_retfss, p_retfss
        loop_probe t_iretq, p_iretq
        loop_probe t_iretd, p_iretd
        loop_probe t_iretss, p_iretss
        loop_probe t_iretss3, p_iretss3
        call ints
        call misc
        call flags
        call paged
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

p_ds:   fixsel
        mov ds, esi
        mov eax, ds
        int 0xff
p_ss:   fixsel
        mov ss, esi
        mov eax, ss
        int 0xff
p_fs:   fixsel
        push rsi
        pop fs
        mov eax, fs
        int 0xff
p_lar:  fixsel
        mov rax, -1
        lar eax, si
        jz .ok
        mov al, 1
.ok:    int 0xff
p_lsl:  fixsel
        mov rax, -1
        lsl eax, si
        jz .ok
        mov al, 1
.ok:    int 0xff
p_verr: fixsel
        verr si
        setz al
        int 0xff
p_verw: fixsel
        verw si
        setz al
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
        push rsi
        sub rsp, 8
        mov dword [rsp + 4], .there
        mov [rsp + 8], si
        jmp far dword [rsp + 4]
.there: int 0xff
p_callf:
        fixsel
        push rsi
        sub rsp, 8
        mov dword [rsp + 4], .there
        mov [rsp + 8], si
        call far dword [rsp + 4]
        int 0xff
.there: int 0xff
p_retf: fixsel
        sub rsp, 16
        mov dword [rsp], .there
        mov [rsp + 4], esi
        mov dword [rsp + 8], USTACK - 64
        mov dword [rsp + 12], DATA3
        retf
.there: mov eax, 0x77
        int 0xff
p_retfq:
        fixsel
        push DATA3
        push USTACK - 64
        push 0x55
        push rsi
        push .there
        o64 retf 8
.there: mov eax, 0x77
        int 0xff
p_retfss:
        fixsel
        push rsi
        push USTACK - 64
        push CODE3
        push .there
        o64 retf
.there: mov eax, 0x77
        int 0xff
p_iretq:
        fixsel
        push DATA3
        push USTACK - 64
        push 0x3002
        push rsi
        push .there
        iretq
.there: mov eax, 0x77
        int 0xff
p_iretd:
        fixsel
        sub rsp, 20
        mov dword [rsp], .there
        mov [rsp + 4], esi
        mov dword [rsp + 8], 0x3002
        mov dword [rsp + 12], USTACK - 64
        mov dword [rsp + 16], DATA3
        iretd
.there: mov eax, 0x77
        int 0xff
p_iretss:
        fixsel
        push rsi
        push PSTACK - 128
        push 2
        mov eax, cs
        push rax
        push .there
        iretq
.there: mov eax, ss
        int 0xff
p_iretss3:
        fixsel
        push rsi
        push USTACK - 64
        push 2
        push CODE32
        push .there
        iretq
.there: mov eax, 0x77
        int 0xff

ints:   mov esi, t_int
        call title
        mov qword [lp_level], 0
.level: mov qword [lp_sel], 0x80
.next:  mov rax, [lp_sel]
        call hex
        mov [int_op + 1], al
        mov ebx, int_op
        mov ecx, [lp_level]
        call run
        inc qword [lp_sel]
        cmp qword [lp_sel], 0x80 + (idt_tests_end - idt_tests) / 16
        jb .next
        mov ebx, p_ud
        mov ecx, [lp_level]
        call run
        cmp qword [lp_level], 0
        jne .more
        mov qword [lp_level], 2
.more:  inc qword [lp_level]
        cmp qword [lp_level], 5
        jb .level
        mov esi, t_align
        call title
        mov qword [lp_sel], 0
.off:   mov ebx, p_align
        xor ecx, ecx
        mov rsi, [lp_sel]
        call run
        inc qword [lp_sel]
        cmp qword [lp_sel], 17
        jb .off
        ret
int_op: int 0x80
        int 0xff
p_ud:   ud2
p_align:
        sub rsp, rsi
        int 0xff

misc:   mov esi, t_misc
        call title
        mov qword [lp_level], 0
.level: mov dword [lp_sel], misc_list
.next:  mov rsi, [lp_sel]
        mov ebx, [rsi]
        test ebx, ebx
        jz .done
        mov ecx, [lp_level]
        call run
        add qword [lp_sel], 4
        jmp .next
.done:  add qword [lp_level], 3
        cmp qword [lp_level], 6
        jb .level
        ; 32-bit code
        mov dword [lp_sel], compat_list
.c:     mov rsi, [lp_sel]
        mov ebx, [rsi]
        test ebx, ebx
        jz .end
        mov ecx, 4
        call run
        add qword [lp_sel], 4
        jmp .c
.end:   ret
misc_list:
        dd m_load, m_store, m_push, m_fsbase, m_fsread, m_nullds, m_ret, m_kgs, m_lstar, m_syscall, m_cr3, m_cr4pae, m_cr0pg, m_cr8, m_cr8bad, m_efer, m_lme
        dd m_swapgs, m_rdfs, m_lgdt, m_lldt16, m_invlpg, m_popfq, m_iretnt, m_cross, m_stacknc, m_ipnc, m_segovr, 0
m_load: mov rbx, 0x800000000000
        mov rax, [rbx]
        int 0xff
m_store:
        mov rbx, 0xffff7fffffffffff
        mov [rbx], al
        int 0xff
m_push: mov rbx, rsp
        mov rsp, 0x800000000008
        push rax
        int 0xff
m_fsbase:
        mov ecx, 0xc0000100
        mov edx, 0x8000
        xor eax, eax
        wrmsr
        int 0xff
m_fsread:
        mov ecx, 0xc0000100
        xor edx, edx
        mov eax, LOW
        wrmsr
        mov eax, [fs:0]
        int 0xff
m_nullds:
        xor eax, eax
        mov ds, eax
        mov es, eax
        mov eax, [LOW]
        int 0xff
m_ret:  mov rax, 0x800000000000
        push rax
        ret
m_kgs:  mov ecx, 0xc0000102
        mov edx, 0x8000
        wrmsr
        int 0xff
m_lstar:
        mov ecx, 0xc0000082
        mov edx, 0x8000
        wrmsr
        int 0xff
m_syscall:
        mov ecx, 0xc0000081
        mov edx, 0x00180008
        xor eax, eax
        wrmsr
        mov ecx, 0xc0000082
        xor edx, edx
        mov eax, .target
        wrmsr
        mov ecx, 0xc0000084
        mov eax, 0x200
        wrmsr
        mov ebx, .user
        push DATA3
        push USTACK
        push 0x3202
        push CODE3
        push rbx
        iretq
.user:  syscall
        int 0xff
.target:
        mov eax, cs
        shl rax, 16
        mov edx, ss
        or rax, rdx
        shl rax, 24
        or rax, r11
        cmp rcx, .user + 2
        jne .bad
        test rsi, rsi
        js .bad
        mov ecx, .after
        mov r11, 0x3002
        cli
        o64 sysret
.bad:   int 0xff
.after: int 0xff
m_cr3:  mov rax, 0x8000000000050000
        mov cr3, rax
        int 0xff
m_cr4pae:
        mov rax, cr4
        and al, 0xdf
        mov cr4, rax
        int 0xff
m_cr0pg:
        mov rax, cr0
        and eax, 0x7fffffff
        mov cr0, rax
        int 0xff
m_cr8:  mov eax, 5
        mov cr8, rax
        xor eax, eax
        mov rax, cr8
        xor ecx, ecx
        mov cr8, rcx
        int 0xff
m_cr8bad:
        mov eax, 0x15
        mov cr8, rax
        int 0xff
m_efer: mov ecx, 0xc0000080
        rdmsr
        int 0xff
m_lme:  mov ecx, 0xc0000080
        mov eax, 0x801
        xor edx, edx
        wrmsr
        int 0xff
m_swapgs:
        swapgs
        swapgs
        int 0xff
m_rdfs: rdfsbase rax
        int 0xff
m_lgdt: lgdt [badgdt]
        int 0xff
m_lldt16:
        lldt [nullsel]
        sldt eax
        int 0xff
m_invlpg:
        mov rbx, 0x800000000000
        invlpg [rbx]
        int 0xff
m_popfq:
        push 0x7fd7
        popfq
        pushfq
        pop rax
        push 2
        popfq
        int 0xff
m_iretnt:
        push 0x4002
        popfq
        push DATA0
        push PSTACK
        push 2
        push CODE0
        push .t
        iretq
.t:     int 0xff
m_cross:
        mov rbx, 0x7ffffffffffc
        mov rax, [rbx]
        int 0xff
m_stacknc:
        mov rbp, 0x800000000000
        mov rax, [rbp]
        int 0xff
m_ipnc: mov rax, 0x800000000000
        jmp rax
m_segovr:
        mov rbx, 0x800000000000
        mov rax, [ss:rbx]
        int 0xff
        bits 32
compat_list:
        dd c_load, c_far, c_sysenter, c_push, c_les, c_limit, c_int, c_iret, c_retf, c_call64, 0
c_load: mov eax, [LOW]
        int 0xff
c_far:  jmp dword CODE3:.t
        bits 64
.t:     mov rax, 0x123456789
        int 0xff
        bits 32
c_sysenter:
        xor eax, eax
        int 0xff
c_push: push es
        pop ds
        inc eax
        int 0xff
c_les:  push dword DATA3
        push dword 0x1234
        les eax, [esp]
        int 0xff
c_limit:
        mov eax, [0xfffffffd]
        int 0xff
c_int:  int 0x81
c_iret: push dword 2
        push dword CODE32
        push dword .t
        iretd
.t:     int 0xff
c_retf: push dword CODE3
        push dword LOW
        retf
c_call64:
        call dword CODE3:LOW
        bits 64

flags:  mov esi, t_flags
        call title
        mov qword [lp_level], 0
.level: mov qword [lp_sel], 0
.next:  mov ecx, [lp_sel]
        mov eax, 1
        shl rax, cl
        test eax, 0x4100
        jnz .skip
        mov rsi, rax
        call hex
        mov ebx, p_flags
        mov ecx, [lp_level]
        call run
.skip:  inc qword [lp_sel]
        cmp qword [lp_sel], 22
        jb .next
        xor qword [uflags], 0x3000
        test qword [uflags], 0x3000
        jnz .level
        add qword [lp_level], 3
        cmp qword [lp_level], 6
        jb .level
        mov qword [uflags], 2
        ret
p_flags:
        mov rdx, rsp
        mov eax, ss
        push rax
        push rdx
        or rsi, 2
        push rsi
        mov eax, cs
        push rax
        push .t
        iretq
.t:     pushfq
        pop rax
        int 0xff

; every right of the page table entry and of the entry above, every access, WP, SMEP and SMAP
paged:  mov esi, t_page
        call title
        mov qword [lp_a], 0     ; switches
.switch:
        mov qword [lp_level], 0
.level: mov qword [lp_b], 0
.rights:
        mov dword [lp_sel], page_list
.next:  mov rsi, [lp_sel]
        mov ebx, [rsi]
        test ebx, ebx
        jz .done
        mov rax, [lp_a]
        shl eax, 12
        or rax, [lp_b]
        call hex
        ; PTE: bits 0..2, NX from bit 3, a reserved bit from bit 4
        mov rax, [lp_b]
        and eax, 7
        or eax, LOW
        bt qword [lp_b], 3
        jnc .x
        bts rax, 63
.x:     bt qword [lp_b], 4
        jnc .r
        bts rax, 51
.r:     mov [PT + 8 * 8], rax
        mov dword [PT + 7 * 8], LOW - 0x1000 + 7
        mov rax, [lp_b]
        shr eax, 5
        and eax, 3
        add eax, eax
        or eax, PT + 1
        mov [0x54000], rax
        mov rax, cr0
        and eax, 0xfffeffff
        bt qword [lp_a], 0
        jnc .wp
        bts rax, 16
.wp:    mov cr0, rax
        mov rax, cr4
        and eax, 0xffcfffff
        bt qword [lp_a], 1
        jnc .smep
        bts rax, 20
.smep:  bt qword [lp_a], 2
        jnc .smap
        bts rax, 21
.smap:  mov cr4, rax
        mov ecx, 0xc0000080
        rdmsr
        and eax, 0xfffff7ff
        bt qword [lp_a], 3
        jc .nonx
        bts eax, 11
.nonx:  wrmsr
        mov rax, cr3
        mov cr3, rax
        ; the program itself runs on a user page: only the window obeys SMEP and SMAP
        mov ecx, [lp_level]
        call run
        mov rax, [PT + 8 * 8]
        call hex
        mov rax, [0x54000]
        call hex
        call newline
        add qword [lp_sel], 4
        jmp .next
.done:  inc qword [lp_b]
        cmp qword [lp_b], 128
        jb .rights
        test byte [lp_a], 6     ; there the program's page is not for level 3
        jnz .nextsw
        add qword [lp_level], 3
        cmp qword [lp_level], 6
        jb .level
.nextsw:
        inc qword [lp_a]
        cmp qword [lp_a], 16
        je .end
        mov rax, cr4
        and eax, 0xffcfffff
        mov cr4, rax
        ; with SMEP or SMAP the program's own page must be a supervisor page, so level 3 cannot run
        mov dword [PD], 0x87
        mov rax, cr3
        mov cr3, rax
        bt qword [lp_a], 1
        jc .super
        bt qword [lp_a], 2
        jc .super
        jmp .switch
.super: mov dword [PD], 0x83
        mov rax, cr3
        mov cr3, rax
        mov qword [lp_level], 0
        mov qword [lp_b], 0
        jmp .rights
.end:   mov dword [PD], 0x87
        mov rax, cr4
        and eax, 0xffcfffff
        mov cr4, rax
        mov rax, cr3
        mov cr3, rax
        ret
page_list:
        dd g_read, g_write, g_exec, g_rmw, g_across, g_stac, 0
g_read: mov al, [WINDOW + LOW + 0x30]
        xor eax, eax
        int 0xff
g_write:
        mov [WINDOW + LOW + 0x30], al
        int 0xff
g_exec: mov eax, WINDOW + LOW
        jmp rax
g_rmw:  xor dword [WINDOW + LOW + 0x30], 0
        int 0xff
g_across:
        mov rax, [WINDOW + LOW - 3]
        xor eax, eax
        int 0xff
g_stac: push 0x40002
        popfq
        mov al, [WINDOW + LOW + 0x30]
        mov [WINDOW + LOW + 0x30], al
        push 2
        popfq
        xor eax, eax
        int 0xff

        align 8
gdt:    dq 0
        desc 0, 0xfffff, 0x9b, 0xa      ; 08
        desc 0, 0xfffff, 0x93, 0xc      ; 10
        desc 0, 0xfffff, 0xfb, 0xc      ; 18
        desc 0, 0xfffff, 0xf3, 0xc      ; 20
        desc 0, 0xfffff, 0xfb, 0xa      ; 28
        desc TTSS, 0x68, 0x89, 0        ; 30
        dq 0
        desc TLDT, ldt_end - ldt - 1, 0x82, 0 ; 40
        dq 0
        desc 0, 0xfffff, 0x9a, 0xc      ; 50: 32-bit code DPL 0
        desc 0, 0xfffff, 0x9a, 0xe      ; 58: L and D
        desc 0, 0xfffff, 0x9e, 0xa      ; 60: conforming
        desc 0, 0xfffff, 0x9e, 0xc      ; 68: conforming 32-bit
        desc 0, 0xfffff, 0x1a, 0xa      ; 70: not present
        desc 0, 0xfffff, 0xba, 0xa      ; 78: DPL 1
        desc 0, 0xfffff, 0x72, 0xc      ; 80: data not present
        desc 0, 0xfffff, 0xf0, 0xc      ; 88: read-only
        desc 0x12345678, 0xfffff, 0x92, 0xc ; 90: with a base
        desc 0, 0xfffff, 0xf8, 0xc      ; 98: execute-only
        desc 0, 0xff, 0xfa, 0x4         ; a0: small 32-bit code
        desc 0, 0xff, 0xf2, 0x4         ; a8: small data
        desc TTSS, 0x68, 0x8b, 0        ; b0: busy
        dq 0
        desc TTSS, 0x68, 0x81, 0        ; c0: 286 type
        dq 0
        desc TTSS, 0x68, 0x89, 0        ; d0: base not canonical
        dq 0x8000
        desc TLDT, 0xf, 0x82, 0         ; e0: the same for an LDT
        dq 0x8000
        desc TTSS, 0x68, 0x09, 0        ; f0: not present
        dq 0
        gate CODE0, LOW, 0x8c, 0        ; 100
        gate CODE0, LOW, 0xec, 0        ; 110
        gate CODE0, LOW, 0x6c, 0        ; 120
        gate CODE32, LOW, 0xec, 0       ; 130: to 32-bit code
        gate 0x60, LOW, 0xec, 0         ; 140: to conforming code
        gate DATA0, LOW, 0xec, 0        ; 150
        gate 0, LOW, 0xec, 0            ; 160
        gate 0x70, LOW, 0xec, 0         ; 170: to absent code
        gate CODE3, LOW, 0xec, 0        ; 180
        gate CODE0, LOW, 0xe4, 0        ; 190: 16-bit gate
        gate CODE0, LOW, 0xe5, 0        ; 1a0: task gate
        gate CODE0, LOW, 0xee, 0        ; 1b0: interrupt gate
gdt_end:
ldt:    desc 0, 0xfffff, 0xf2, 0xc
        desc 0, 0xfffff, 0xfa, 0xa
        desc 0, 0xfffff, 0x9a, 0xa
ldt_end:
%macro idt 5                    ; selector, offset, access, IST, high
        dw (%2) & 0xffff
        dw %1
        db %4
        db %3
        dw ((%2) >> 16) & 0xffff
        dq %5
%endmacro
INT_DONE equ int_done - start + 0x10000
idt_tests:
        idt CODE0, INT_DONE, 0x8e, 0, 0
        idt CODE0, INT_DONE, 0xee, 0, 0
        idt CODE0, INT_DONE, 0xef, 0, 0
        idt CODE0, INT_DONE, 0xee, 1, 0
        idt CODE0, INT_DONE, 0xee, 2, 0
        idt CODE0, INT_DONE, 0xee, 3, 0
        idt CODE0, INT_DONE, 0x6e, 0, 0
        idt 0, INT_DONE, 0xee, 0, 0
        idt DATA0, INT_DONE, 0xee, 0, 0
        idt 0x7ff8, INT_DONE, 0xee, 0, 0
        idt 0x50, INT_DONE, 0xee, 0, 0
        idt 0x58, INT_DONE, 0xee, 0, 0
        idt 0x60, INT_DONE, 0xee, 0, 0
        idt 0x60, INT_DONE, 0xee, 1, 0
        idt 0x70, INT_DONE, 0xee, 0, 0
        idt 0x78, INT_DONE, 0xee, 0, 0
        idt CODE3, INT_DONE, 0xee, 0, 0
        idt CODE0, INT_DONE, 0xe6, 0, 0
        idt CODE0, INT_DONE, 0xe5, 0, 0
        idt CODE0, INT_DONE, 0xec, 0, 0
        idt CODE0, INT_DONE, 0xee, 0, 0x8000
idt_tests_end:
int_done:
        pushfq
        pop rax
        and eax, 0x37700
        int 0xff

        align 8
gdtr:   dw gdt_end - gdt - 1
        dd gdt
gdtr2:  dw gdt_end - gdt - 1
        dq TGDT
badgdt: dw gdt_end - gdt - 1
        dq 0x800000000000
idtr:   dw 0xfff
        dq TIDT
nullsel: dw 0
        align 8
resume: dq 0
saved:  dq 0
probe:  dq 0
uflags: dq 2
lp_probe: dq 0
lp_level: dq 0
lp_sel: dq 0
lp_a:   dq 0
lp_b:   dq 0
t_ds:   db 'MOV DS', 0
t_ss:   db 'MOV SS', 0
t_fs:   db 'POP FS', 0
t_lar:  db 'LAR', 0
t_lsl:  db 'LSL', 0
t_verr: db 'VERR', 0
t_verw: db 'VERW', 0
t_lldt: db 'LLDT', 0
t_ltr:  db 'LTR', 0
t_jmpf: db 'JMP far', 0
t_callf: db 'CALL far', 0
t_retf: db 'RETF 32', 0
t_retfq: db 'RETF 64', 0
t_retfss: db 'RETF SS', 0
t_iretq: db 'IRETQ', 0
t_iretd: db 'IRETD', 0
t_iretss: db 'IRETQ SS', 0
t_iretss3: db 'IRETQ SS to 32-bit code', 0
t_int:  db 'INT n', 0
t_align: db 'stack alignment', 0
t_misc: db 'miscellaneous', 0
t_flags: db 'IRETQ flags', 0
t_page: db 'paging', 0
t_end:  db 'end', 0
t_shut: db 'Shutdown', 0
