; Torture: a kernel that walks page-table entries through whatever it is told, and writes down what the processor made of it.
;
; FORMAT chooses the tables: 2 (two levels of 4-byte entries), 3 (PAE) or 4 (four levels, 64-bit mode). Whoever starts it puts records at
; RECORDS and their number at COUNT. A record is a mode (CR0.WP, CR4.SMEP, CR4.SMAP, EFER.NXE, CR4.PSE), a choice of how to flush, and the
; entries of the levels 4 to 1 on the way to one address. For each record the address is read, stored to and executed at CPL 0, at CPL 3 and,
; with SMAP on, at CPL 0 with EFLAGS.AC set; before each access the entries are put back to what the record says. The tables are the same
; all the time, so what is kept of one access is there for the next.
;
; For each access a dword goes to RESULTS:
;   bits 4:0    error code of the page fault       bit 5   there was one
;   bit 6       CR2 was the address                bit 7   there was another exception
;   bits 15:8   accessed and dirty bits afterwards, level 1 in the lowest pair
;   bits 18:16  which of the three frames the store went to: the 4 KiB page, the 2 or 4 MiB page, the 1 GiB page
;   bit 19      another bit of an entry changed    bits 31:24   the mark of the frame that was read or executed
;
;   assembled by ShadowTortureTest with -DFORMAT=2, 3 and 4

        bits    32
        org     0x100000

COUNT           equ     0x140000
RECORDS         equ     0x1000000
RESULTS         equ     0x2000000
RECORD_SIZE     equ     40
KINDS           equ     9               ; accesses a record has room for

STACK           equ     0x116000        ; grows down
STACK0          equ     0x117000        ; where the processor goes from CPL 3
IDT             equ     0x119000
USER            equ     0x120000        ; code for CPL 3, then its stack
USER_STACK      equ     0x122000
TABLES          equ     0x130000        ; the kernel's own, from the top down
TOP_PAGES       equ     0x150000        ; its page tables
T1              equ     0x160000        ; the tables under test
T2              equ     0x161000
T3              equ     0x162000

SMALL           equ     0x605000        ; the three frames the address may lead to
LARGE           equ     0x805000
HUGE            equ     0xc05000
MARKED          equ     0x90c300b0      ; mov al, mark; ret; nop: the mark goes into bits 15:8
STORED          equ     0x90c355b0

%if FORMAT == 4
  ADDRESS       equ     0x8000c05000
  %define xax rax
  %define xbx rbx
  %define xsi rsi
  %define xdi rdi
  %define xsp rsp
  %define xiret iretq
  E1            equ     T1 + 5 * 8
  E2            equ     T2 + 6 * 8
  E3            equ     T3
  E4            equ     TABLES + 8
%else
  ADDRESS       equ     0x40c05000
  %define xax eax
  %define xbx ebx
  %define xsi esi
  %define xdi edi
  %define xsp esp
  %define xiret iretd
  %if FORMAT == 3
    E1          equ     T1 + 5 * 8
    E2          equ     T2 + 6 * 8
    E3          equ     TABLES + 8
  %else
    E1          equ     T1 + 5 * 4
    E2          equ     TABLES + 259 * 4
  %endif
%endif

        align   4
header: dd      0x1badb002, 0x10003, -(0x1badb002 + 0x10003), header, header, 0, end, start

; ---- the kernel's own tables ---------------------------------------------------------------------------------------

start:  mov     esp, STACK
        cld
        mov     al, 255
        out     0x21, al                ; no interrupts
        out     0xa1, al
%if FORMAT == 2
        mov     edi, TOP_PAGES          ; 48 MiB in pages of 4 KiB, since CR4.PSE comes and goes
        mov     eax, 3
        mov     ecx, 12 * 1024
.page:  mov     [edi], eax
        add     eax, 0x1000
        add     edi, 4
        dec     ecx
        jnz     .page
        mov     edi, TABLES
        mov     eax, TOP_PAGES + 7
        mov     ecx, 12
.table: mov     [edi], eax
        add     eax, 0x1000
        add     edi, 4
        dec     ecx
        jnz     .table
        mov     dword [TOP_PAGES + 0x120 * 4], USER + 7
        mov     dword [TOP_PAGES + 0x121 * 4], USER + 0x1007
%else
        mov     edi, TOP_PAGES          ; 2 MiB in pages of 4 KiB
        mov     eax, 3
        mov     ecx, 512
.page:  mov     [edi], eax
        add     eax, 0x1000
        add     edi, 8
        dec     ecx
        jnz     .page
        mov     dword [TOP_PAGES + 0x120 * 8], USER + 7
        mov     dword [TOP_PAGES + 0x121 * 8], USER + 0x1007
%if FORMAT == 4
        mov     dword [TABLES], TABLES + 0x1007
        mov     dword [TABLES + 0x1000], TABLES + 0x2007
%else
        mov     dword [TABLES], TABLES + 0x2001
%endif
        mov     edi, TABLES + 0x2000    ; and 46 in large ones
        mov     dword [edi], TOP_PAGES + 7
        mov     eax, 0x200083
        mov     ecx, 23
.large: add     edi, 8
        mov     [edi], eax
        add     eax, 0x200000
        dec     ecx
        jnz     .large
        mov     eax, cr4
        or      eax, 0x20
        mov     cr4, eax
%endif
        mov     dword [SMALL], MARKED + 0x1100
        mov     dword [LARGE], MARKED + 0x2200
        mov     dword [HUGE], MARKED + 0x3300
        mov     esi, user_code
        mov     edi, USER
        mov     ecx, user_end - user_code
        rep     movsb
        mov     eax, TABLES
        mov     cr3, eax
%if FORMAT == 4
        mov     ecx, 0xc0000080
        mov     eax, 0x100
        xor     edx, edx
        wrmsr
%endif
        mov     eax, cr0
        or      eax, 0x80000000
        mov     cr0, eax
        lgdt    [gdtr]
        jmp     8:flat

; ---- descriptors ---------------------------------------------------------------------------------------------------

%if FORMAT == 4
        bits    64
%endif
flat:   mov     eax, 0x1b               ; a data segment CPL 3 may keep
        mov     ds, eax
        mov     es, eax
        mov     eax, 0x10
        mov     ss, eax
        mov     eax, task
        mov     [gdt + 0x2a], ax
        shr     eax, 16
        mov     [gdt + 0x2c], al
        mov     eax, 0x28
        ltr     ax
        xor     ecx, ecx
.gate:  mov     ebx, other
        cmp     ecx, 14
        jne     .set
        mov     ebx, paged
.set:   call    set_gate
        inc     ecx
        cmp     ecx, 32
        jne     .gate
        mov     ecx, 0x30
        mov     ebx, landed_user
        call    set_gate
%if FORMAT == 4
        mov     byte [IDT + 0x30 * 16 + 5], 0xee
%else
        mov     byte [IDT + 0x30 * 8 + 5], 0xee
%endif
        lidt    [idtr]
        mov     esi, RECORDS
        mov     edi, RESULTS
        jmp     next_record

set_gate:                               ; vector ECX to EBX
        mov     eax, ecx
%if FORMAT == 4
        shl     eax, 4
%else
        shl     eax, 3
%endif
        mov     [xax + IDT], bx
        mov     word [xax + IDT + 2], 8
        mov     word [xax + IDT + 4], 0x8e00
        shr     ebx, 16
        mov     [xax + IDT + 6], bx
        ret

; ---- records -------------------------------------------------------------------------------------------------------

next_record:
        dec     dword [COUNT]
        js      finished
        mov     eax, [xsi]
        cmp     eax, [mode]
        je      .same
        call    set_mode
.same:  mov     dword [kind], 0

next_kind:
        mov     ecx, [xsi + 4]          ; bit 0: flush by a load of CR3
%macro entry 2                          ; entry, offset in the record: stored if it is not there already
  %if FORMAT == 2
        mov     eax, [xsi + %2]
        cmp     eax, [%1]
        je      %%there
        mov     [%1], eax
%%there:
  %elif FORMAT == 3
        mov     eax, [xsi + %2 + 4]
        cmp     eax, [%1 + 4]
        je      %%high
        mov     [%1 + 4], eax
%%high: mov     eax, [xsi + %2]
        cmp     eax, [%1]
        je      %%there
        mov     [%1], eax
%%there:
  %else
        mov     rax, [xsi + %2]
        cmp     rax, [%1]
        je      %%there
        mov     [%1], rax
%%there:
  %endif
%endmacro
%if FORMAT == 4
        entry   E4, 8
%endif
%if FORMAT >= 3
        entry   E3, 16
%endif
        entry   E2, 24
        entry   E1, 32
        mov     [saved], xsp
        mov     dword [result], 0
        test    ecx, 1
        jnz     .reload
        mov     xbx, ADDRESS
        invlpg  [xbx]
        jmp     .flushed
.reload:
        mov     xax, cr3
        mov     cr3, xax
.flushed:
        mov     ecx, [kind]
        mov     xbx, ADDRESS
        cmp     ecx, 3
        jb      .kernel
        cmp     ecx, 6
        jae     .suspended
        ; at CPL 3
        push    0x1b
        push    USER_STACK
        push    0x02
        push    0x23
        mov     eax, [user_entries + ecx * 4 - 12]
        push    xax
        xiret
.suspended:                             ; at CPL 0 with SMAP suspended
        push    0x40002
%if FORMAT == 4
        popfq
%else
        popfd
%endif
        sub     ecx, 6
.kernel:
        cmp     ecx, 1
        jb      .read
        je      .write
        call    xbx
        shl     eax, 24
        mov     [result], eax
        jmp     landed
.read:  mov     eax, [xbx]
        movzx   eax, ah
        shl     eax, 24
        mov     [result], eax
        jmp     landed
.write: mov     dword [xbx], STORED
        jmp     landed

; ---- where every access ends ---------------------------------------------------------------------------------------

paged:
%if FORMAT == 4
        pop     rax
%else
        pop     eax
%endif
        or      eax, 0x20
        mov     [result], eax
        mov     xbx, ADDRESS
        mov     xax, cr2
        cmp     xax, xbx
        jne     landed
        or      dword [result], 0x40
        jmp     landed
other:  mov     dword [result], 0x80
        jmp     landed
landed_user:                            ; EAX: the mark
        shl     eax, 24
        mov     [result], eax
landed: mov     xsp, [saved]
        push    2
%if FORMAT == 4
        popfq
%else
        popfd
%endif
        mov     ecx, [result]
%macro marks 3                          ; entry, offset in the record, where the two bits go
        mov     eax, [%1]
        mov     ebx, eax
        and     eax, 0x60
        shl     eax, %3 - 5
        or      ecx, eax
        xor     ebx, [xsi + %2]
        test    ebx, 0xffffff9f
        jz      %%low
        or      ecx, 0x80000
%%low:
  %if FORMAT > 2
        mov     eax, [%1 + 4]
        cmp     eax, [xsi + %2 + 4]
        je      %%high
        or      ecx, 0x80000
%%high:
  %endif
%endmacro
        marks   E1, 32, 8
        marks   E2, 24, 10
%if FORMAT >= 3
        marks   E3, 16, 12
%endif
%if FORMAT == 4
        marks   E4, 8, 14
%endif
%macro frame 3                          ; frame, what belongs there, bit
        cmp     dword [%1], %2
        je      %%same
        or      ecx, %3
        mov     dword [%1], %2
%%same:
%endmacro
        frame   SMALL, MARKED + 0x1100, 0x10000
        frame   LARGE, MARKED + 0x2200, 0x20000
        frame   HUGE, MARKED + 0x3300, 0x40000
        mov     ebx, [kind]
        mov     [xdi + xbx * 4], ecx
        inc     ebx
        mov     [kind], ebx
        cmp     ebx, 6
        jb      next_kind
        je      .suspend
        cmp     ebx, KINDS
        jb      next_kind
.done:  add     xsi, RECORD_SIZE
        add     xdi, KINDS * 4
        jmp     next_record
.suspend:
        test    dword [mode], 4         ; without SMAP there is nothing to suspend
        jnz     next_kind
        jmp     .done

finished:
        mov     al, 16
        out     0xf4, al
        hlt

; ---- modes ---------------------------------------------------------------------------------------------------------

set_mode:                               ; EAX: WP, SMEP, SMAP, NXE, PSE from bit 0
        mov     [mode], eax
%if FORMAT == 3
        mov     dword [E3], 0           ; a load of the PDPTEs with reserved bits would fail
        mov     dword [E3 + 4], 0
%endif
        mov     ebx, eax
        and     ebx, 1
        shl     ebx, 16
        mov     xax, cr0
        and     eax, ~0x10000
        or      eax, ebx
        mov     cr0, xax
        mov     ebx, [mode]
        mov     edx, ebx
        and     ebx, 6
        shl     ebx, 19
        and     edx, 0x10
        or      ebx, edx
        mov     xax, cr4
        and     eax, ~0x300010
        or      eax, ebx
        mov     cr4, xax
        mov     ecx, 0xc0000080
        rdmsr
        and     eax, ~0x800
        mov     ebx, [mode]
        and     ebx, 8
        shl     ebx, 8
        or      eax, ebx
        wrmsr
        ret

; ---- at CPL 3; EBX holds the address -------------------------------------------------------------------------------

user_code:
user_read:
        mov     eax, [xbx]
        movzx   eax, ah
        int     0x30
user_write:
        mov     dword [xbx], STORED
        xor     eax, eax
        int     0x30
user_fetch:
        call    xbx
        int     0x30
user_end:

        align   8
user_entries:
        dd      USER, USER + user_write - user_code, USER + user_fetch - user_code
mode:   dd      -1
kind:   dd      0
result: dd      0
        align   8
saved:  dq      0
gdtr:   dw      gdt_end - gdt - 1
        dd      gdt, 0
idtr:   dw      0x30 * 16 + 15
        dd      IDT, 0
        align   8
%if FORMAT == 4
gdt:    dq      0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cff3000000ffff, 0x00affb000000ffff, 0x0000890000000067, 0
gdt_end:
task:   dd      0
        dq      STACK0
        times   92 db 0
%else
gdt:    dq      0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00cff3000000ffff, 0x00cffb000000ffff, 0x0000890000000067, 0
gdt_end:
task:   dd      0, STACK0, 0x10
        times   92 db 0
%endif
end:
