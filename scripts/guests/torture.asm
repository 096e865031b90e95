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

%include "torture/machine.inc"

RECORD_SIZE     equ     40
KINDS           equ     9               ; accesses a record has room for

SMALL           equ     0x605000        ; the three frames the address may lead to
LARGE           equ     0x805000
HUGE            equ     0xc05000
MARKED          equ     0x90c300b0      ; mov al, mark; ret; nop: the mark goes into bits 15:8
STORED          equ     0x90c355b0

%if FORMAT == 4
  ADDRESS       equ     0x8000c05000
%else
  ADDRESS       equ     0x40c05000
%endif

begin:
        mov     dword [SMALL], MARKED + 0x1100
        mov     dword [LARGE], MARKED + 0x2200
        mov     dword [HUGE], MARKED + 0x3300
        mov     esi, RECORDS
        mov     edi, RESULTS
        jmp     next_record

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
kind:   dd      0
result: dd      0

%include "torture/modes.inc"
