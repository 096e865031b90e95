; Scenario: a kernel that does what it is told, step by step, and writes down what came of each step.
;
; FORMAT chooses the page tables, as for torture.asm. A step at RECORDS is 24 bytes: what to do (dword, an index into steps, 0 for the
; end), a dword of nothing, an address and a value (quadwords). Of each step a quadword goes to RESULTS: what was loaded in the low half; in
; the high half, of a page fault its error code, 20h, and 40h if CR2 was the address; of another exception 80h.
;
;   assembled by ShadowScenarioTest with -DFORMAT=2, 3 and 4

%include "torture/machine.inc"

STEP_SIZE       equ     24

begin:  mov     xax, cr4
        or      eax, 0x600              ; SSE
        mov     cr4, xax
        mov     esi, RECORDS
        mov     edi, RESULTS

next:   mov     ecx, [xsi]
        mov     xbx, [xsi + 8]
        mov     edx, [xsi + 16]
        mov     dword [result], 0
        mov     dword [result + 4], 0
        mov     [saved], xsp
        mov     eax, [steps + ecx * 4]
        jmp     xax

load:   mov     eax, [xbx]
        mov     [result], eax
        jmp     landed
store4: mov     [xbx], edx
        jmp     landed
store8: movq    xmm0, [xsi + 16]
        movq    [xbx], xmm0
        jmp     landed
store16:                                ; the value, and the one after it
        movq    xmm0, [xsi + 16]
        pcmpeqd xmm1, xmm1
        psrlq   xmm1, 63
        psllq   xmm1, 12                ; a page further
        paddq   xmm1, xmm0
        punpcklqdq xmm0, xmm1
        movups  [xbx], xmm0
        jmp     landed
exchange:                               ; 8 or 16 bytes at once: what is there, whatever it is, becomes the value and the one after it
%if FORMAT == 4
        mov     rax, [rbx]
        mov     rdx, [rbx + 8]
        push    rbx
        mov     r8, rbx
        mov     rbx, [rsi + 16]
        lea     rcx, [rbx + 0x1000]
        cmpxchg16b [r8]
        pop     rbx
%else
        mov     ebp, ebx
        mov     eax, [ebp]
        mov     edx, [ebp + 4]
        mov     ebx, [esi + 16]
        mov     ecx, [esi + 20]
        cmpxchg8b [ebp]
        mov     ebx, ebp
%endif
        jmp     landed
drop:   invlpg  [xbx]
        jmp     landed
tables: mov     cr3, xbx
        jmp     landed
modes:  mov     eax, ebx
        call    set_mode
        jmp     landed
fill:                                   ; EDX entries from the address on: a page further each, the first one as the address before says
        mov     ecx, edx
        mov     xdx, [xsi - STEP_SIZE + 16]
.next:
%if FORMAT == 2
        mov     [ebx], edx
        add     ebx, 4
%else
        mov     [xbx], edx
        mov     dword [xbx + 4], 0
        add     xbx, 8
%endif
        add     edx, [xsi + 20]
        dec     ecx
        jnz     .next
        jmp     landed
touch:                                  ; EDX pages from the address on, the sum of what is there
        xor     eax, eax
.next:  add     eax, [xbx]
        add     xbx, 0x1000
        dec     edx
        jnz     .next
        mov     [result], eax
        jmp     landed
gates:  mov     xax, xbx                ; an IDT elsewhere
        mov     [elsewhere + 2], xax
        lidt    [elsewhere]
        jmp     landed
implicit:                               ; the address: the first MiB's image is there for the user; its GDT, with EFLAGS.AC set
        lea     xax, [xbx + gdt - 0x100000]
        mov     [elsewhere + 2], xax
        lgdt    [elsewhere]
        push    0x40002
%if FORMAT == 4
        popfq
%else
        popfd
%endif
        mov     eax, 0x1b
        mov     es, eax
        mov     dword [result], 0x600d
        jmp     landed
by_user:
        push    0x1b
        push    USER_STACK
        push    0x02
        push    0x23
        mov     eax, [user_entries + ecx * 4 - FIRST_USER * 4]
        push    xax
        xiret

paged:  pop     xax
        or      eax, 0x20
        mov     [result + 4], eax
        mov     xax, cr2
        cmp     xax, [xsi + 8]
        jne     landed
        or      dword [result + 4], 0x40
        jmp     landed
other:  mov     dword [result + 4], 0x80
        jmp     landed
landed_user:
        mov     [result], eax
landed: mov     xsp, [saved]
        push    2
%if FORMAT == 4
        popfq
%else
        popfd
%endif
        lgdt    [gdtr]
        mov     eax, [result]
        mov     [xdi], eax
        mov     eax, [result + 4]
        mov     [xdi + 4], eax
        add     xsi, STEP_SIZE
        add     xdi, 8
        jmp     next

user_code:
user_load:
        mov     eax, [xbx]
        int     0x30
user_store:
        mov     [xbx], edx
        xor     eax, eax
        int     0x30
user_end:

        align   8
steps:  dd      finished, load, store4, store8, store16, exchange, drop, tables, modes, fill, touch, gates, implicit, by_user, by_user
FIRST_USER      equ     13
user_entries:
        dd      USER, USER + user_store - user_code
result: dq      0
elsewhere:
        dw      4095
        dq      0

%include "torture/modes.inc"
