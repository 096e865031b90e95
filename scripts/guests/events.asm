; Events: a 64-bit kernel that does one thing again and again, so that what a monitor has to do for it can be counted.
;
; At its start ESI says what is done and EDI how often; scripts/exit-costs.groovy sets both. Afterwards it leaves the machine through
; isa-debug-exit with 0x10, or with 0x11 if something happened that should not.
;
; Pages: the first 4 MiB are mapped to themselves by two large pages that ring 3 may use too; the page at PLACE is mapped by an entry of
; its own (ENTRY), for the events that are about page tables.

PML4            equ     0x200000
PLACE           equ     0x400000
TABLE           equ     PML4 + 0x3000
ENTRY           equ     TABLE
FRAME           equ     0x300000
STACK           equ     0x90000
USER_STACK      equ     0xa0000
EXIT_PORT       equ     0xf4
MAPPED          equ     7               ; present, writable, ring 3
LARGE           equ     0x80

        org     0x100000
        bits    32

start:  mov     esp, STACK
        cld
        mov     dword [PML4], PML4 + 0x1000 + MAPPED
        mov     dword [PML4 + 0x1000], PML4 + 0x2000 + MAPPED
        mov     dword [PML4 + 0x2000], LARGE + MAPPED
        mov     dword [PML4 + 0x2008], 0x200000 + LARGE + MAPPED
        mov     dword [PML4 + 0x2010], TABLE + MAPPED
        mov     dword [ENTRY], FRAME + MAPPED
        mov     eax, cr4
        or      eax, 1 << 5             ; PAE
        mov     cr4, eax
        mov     eax, PML4
        mov     cr3, eax
        mov     ecx, 0xc0000080         ; EFER
        rdmsr
        or      eax, 1 << 8 | 1         ; LME, SCE
        wrmsr
        mov     eax, cr0
        or      eax, 1 << 31            ; PG
        mov     cr0, eax
        lgdt    [gdt_pointer]
        jmp     0x08:wide

        bits    64
wide:   mov     ax, 0x10
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     rsp, STACK
        mov     r14d, esi
        mov     r15d, edi
        mov     ebx, gate_divide
        mov     edi, idt + 0 * 16
        call    gate
        mov     ebx, gate_page
        mov     edi, idt + 14 * 16
        call    gate
        mov     ebx, gate_call
        mov     edi, idt + 0x80 * 16
        call    gate
        or      byte [idt + 0x80 * 16 + 5], 0x60        ; DPL 3
        lidt    [idt_pointer]
        mov     ax, 0x30
        ltr     ax
        mov     ecx, 0xc0000081         ; STAR: SYSCALL to 08h, SYSRET to 2bh
        mov     edx, 0x001b0008
        xor     eax, eax
        wrmsr
        mov     ecx, 0xc0000082         ; LSTAR
        mov     eax, fast_call
        xor     edx, edx
        wrmsr
        mov     ecx, 0xc0000084         ; SFMASK
        mov     eax, 0x700
        wrmsr
        jmp     [events + r14 * 8]

; gate: an interrupt gate to RBX at RDI.
gate:   mov     word [rdi], bx
        mov     dword [rdi + 2], 0x8e000008
        sar     ebx, 16
        mov     word [rdi + 6], bx
        ret

; ---- the events: R15 times ------------------------------------------------------------------------------------------

nothing:
        dec     r15
        jnz     nothing
        jmp     finished

callret:
        call    back
        dec     r15
        jnz     callret
        jmp     finished
back:   ret

input:  in      al, 0x80
        dec     r15
        jnz     input
        jmp     finished

output: out     0x80, al
        dec     r15
        jnz     output
        jmp     finished

cr8write:
        mov     cr8, r12
        dec     r15
        jnz     cr8write
        jmp     finished

cr3write:
        mov     rax, cr3
.again: mov     cr3, rax
        dec     r15
        jnz     .again
        jmp     finished

divzero:
        xor     ecx, ecx
.again: div     ecx                     ; the handler steps over it
        dec     r15
        jnz     .again
        jmp     finished

; A fault of the guest's own: the handler steps over the instruction, the tables stay as they are.
pagefault:
        mov     dword [ENTRY], 0
        invlpg  [PLACE]
.again: mov     al, [PLACE]
        dec     r15
        jnz     .again
        jmp     finished

; Stores into a page table of translations that nobody uses before the next flush.
ptewrite:
        mov     al, [PLACE]
.again: xor     dword [ENTRY + 8], 2
        dec     r15
        jnz     .again
        jmp     finished

; The same with all that belongs to it.
ptemod: mov     al, [PLACE]
.again: xor     dword [ENTRY], 2
        invlpg  [PLACE]
        mov     al, [PLACE]
        dec     r15
        jnz     .again
        jmp     finished

; ---- ring 3 ---------------------------------------------------------------------------------------------------------

%macro  ring3   1
        push    0x23
        push    USER_STACK
        push    2
        push    0x2b
        push    %1
        iretq
%endmacro

syscall_event:
        ring3   .user
.user:  mov     ebp, 0
.again: syscall
        dec     r15
        jnz     .again
        mov     ebp, 1
        syscall

int_event:
        ring3   .user
.user:  mov     ebp, 0
.again: int     0x80
        dec     r15
        jnz     .again
        mov     ebp, 1
        int     0x80

fast_call:
        test    ebp, ebp
        jnz     finished
        o64 sysret

; ---- handlers -------------------------------------------------------------------------------------------------------

gate_call:
        test    ebp, ebp
        jnz     finished
        iretq

gate_divide:
        add     qword [rsp], 2          ; the length of DIV ECX
        iretq

gate_page:
        add     rsp, 8                  ; the error code
        cmp     qword [rsp], pagefault.again
        jne     failed
        add     qword [rsp], pagefault_length
        iretq

failed: mov     al, 0x11
        out     EXIT_PORT, al
finished:
        mov     al, 0x10
        out     EXIT_PORT, al
        hlt

pagefault_length equ    7               ; of MOV AL, [PLACE] with a 32-bit address

        align   8
events: dq      nothing, callret, syscall_event, int_event, input, output, cr8write, cr3write, divzero, pagefault, ptewrite, ptemod

gdt:    dq      0
        dq      0x00af9b000000ffff      ; 08 code, 64 bits, DPL 0
        dq      0x00cf93000000ffff      ; 10 data, DPL 0
        dq      0x00cffb000000ffff      ; 18 code, 32 bits, DPL 3
        dq      0x00cff3000000ffff      ; 20 data, DPL 3
        dq      0x00affb000000ffff      ; 28 code, 64 bits, DPL 3
        dw      103                     ; 30 TSS
        dw      tss - 0x100000
        db      0x10, 0x89, 0, 0
        dq      0
gdt_pointer:
        dw      $ - gdt - 1
        dd      gdt
idt_pointer:
        dw      256 * 16 - 1
        dq      idt

        align   16
tss:    dd      0
        dq      STACK                   ; RSP0
        times   92 db 0
        align   16
idt:    times   256 * 16 db 0
