; The language, compared with NASM byte for byte: features.bin is what nasm -f bin -o features.bin features.asm makes of it (NASM 2.16.01).
bits 32
org 0x1000
%define twice(x) ((x)*2)
%define NAME hello
%xdefine LATER NAME
%define NAME other
%assign n 3
%assign n n*n+1
%idefine MixedCase 77
start:
  mov eax, twice(n+1)
  mov ebx, mixedcase
hello equ 5
other equ 6
  db LATER, NAME
  dd 0x1f, 1fh, $1f, 0b101, 101b, 0o17, 17q, 0d99, 99d, 1_000, 0h1f, 0xffff_ffff, 0b1111_0000
  dd 'abcd', 'ab', "x"
  dw 'a', 'abc'
  db 'hello', 13, 10, `a\n\t\x41\0`, "it's", 'say "x"'
  dd 1.5, -2.25, 1e10, 0.1, 1.0e-45, 3.4e38, 0x1.8p3, 1e-40
  dq 1.5, 3.141592653589793, 1e308, 4.9e-324, -0.0, 0.1, 2.2250738585072011e-308
  dt 1.0, 3.14159265358979323846, 1e4000, 0.1, -1e-4940
  dw 1.5, 65504.0
  dq __Infinity__, __NaN__
  dq start, $, $$, $-$$
  db 5 dup (1,2), 3
  times 5 db 1
  times 3 dd $
  times 3 jmp $
 times 2 call start
  align 16
  alignb 8
x: dd x-start, (x-start)<<2, ~5, !0, !7, -3, +3, 7/2, -7//2, 7 % 3, -7 %% 3, 1<<4|1, 5&6^3, 1 ? 2 : 3
  dd 3 == 3, 3 != 3, 3 < 4, 3 <= 2, 5 > 4, 5 >= 6, 1 && 0, 1 || 0, 1 ^^ 1, x == start, x > start
.local: jmp .local
  jmp .fwd
  jz near .fwd
  jmp short .fwd
.fwd:
second:
.local: jmp .local
  jmp second.local
  jmp x.local
%macro twoargs 2
  mov %1, %2
  %%loop: dec %1
  jnz %%loop
%endmacro
  twoargs eax, 5
  twoargs ecx, [eax + 4]
%macro greedy 1+
  db %1
%endmacro
  greedy 1,2,3,"abc"
%macro defs 1-3 7, 8
  db %0, %1, %2, %3
%endmacro
  defs 1
  defs 1,2
  defs 1,2,3
%macro many 1-*
  %rep %0
    db %1
    %rotate 1
  %endrep
%endmacro
  many 9,8,7,6
%macro over 1
  db 1, %1
%endmacro
%macro over 2
  db 2, %1, %2
%endmacro
  over 5
  over 5,6
%macro retz 1
  j%-1 %%skip
  ret
%%skip:
  set%+1 al
%endmacro
  retz z
  retz ae
%macro cat 2
  %1_%2: db 1
  prefix%1: db 2
  dd %1_%2
%endmacro
  cat foo, bar
  dd prefixfoo
%macro braces 2
  db %1
  db %2
%endmacro
  braces {1,2}, {3,4}
%macro outer 1
  %macro inner 1
    db %1
  %endmacro
  inner %1
%endmacro
%define paste(a,b) a %+ b
  dd paste(sta,rt)
%assign i 0
%rep 5
  db i
  %if i == 3
    %exitrep
  %endif
  %assign i i+1
%endrep
%ifdef NAME
  db 1
  %ifndef NAME
    db 2
  %elif n > 5
    db 3
  %else
    db 4
  %endif
%else
  %if 1
  db 5
  %endif
  db 6
%endif
%ifidn abc, abc
  db 7
%endif
%ifidni ABC, abc
  db 8
%endif
%ifnidn abc, abd
  db 9
%endif
%ifnum 5
 db 10
%endif
%ifid foo
 db 11
%endif
%ifstr "x"
 db 12
%endif
%ifmacro greedy
 db 13
%endif
%undef NAME
%ifdef NAME
 db 14
%endif
%strlen slen 'hello'
 db slen
%substr sub 'hello' 2,3
 db sub
%strcat both 'ab','cd'
 db both
%push ctx
%$lab: jmp %$lab
%pop
struc point
 .x: resd 1
 .y: resd 1
 .name: resb 8
endstruc
 mov eax, [ebx + point.y]
 dd point_size, point.name
p1: istruc point
 at point.x, dd 1
 at point.y, dd 2
 at point.name, db 'abc'
iend
 db 0xee
  mov eax, [fs:0]
  mov ax, [es:bx+si]
  a16 rep movsb
  rep stosd
  repne scasb
  o16 push 5
  push word 5
  push dword 5
  push byte 5
  push start
  add eax, start
  add eax, start - second
  add dword [ebx + second - start], 5
  mov al, [start]
  mov [start], eax
  mov dword [start + 4*ecx], start
  call start
  call dword [start]
  call near [eax]
  jmp far [eax]
  jmp 8:start
  jmp word 8:0x1234
  call 0x10:start
  loop $
  jecxz $
  loop $, cx
  imul eax, 5
  imul eax, [ebx], 500
  imul eax, ebx, byte 5
  fadd
  fadd st1
  fadd to st1
  fadd st0, st2
  fadd st2, st0
  faddp
  faddp st1
  faddp st1, st0
  fxch
  fxch st2
  fstp st0
  fld tword [eax]
  fld qword [eax]
  fild word [eax]
  fcomi st0, st1
  fcomi st1
  fucomip st1
  fcmovb st1
  fstsw ax
  fnstsw [eax]
  fstcw [eax]
  finit
  fsave [eax]
  fcom
  fdivr st3
  fsubrp st3
  ffree st2
  cmpeqps xmm0, xmm1
  cmpnltsd xmm0, [eax]
  movsd
  movsd xmm0, [eax]
  cmpsd
  cmpsd xmm0, xmm1, 2
  pushad
  popaw
  pushfd
  popfw
  iretd
  iretw
  retn 4
  retf
  retf 8
  cbw
  cwde
  cwd
  cdq
  sal eax, 3
  setc al
  cmovnae eax, ebx
  jnge start
  xlatb
  xlat
  int3
  int 3
  int 0x80
  aam
  aad 16
  wait
  bswap eax
  lea eax, [eax*4 + ebx + 5]
  lea eax, [eax*9]
  lea eax, [ebx + eax]
  lea eax, [esp + eax*2]
  lea eax, [eax + esp]
  mov eax, cr0
  mov cr3, ebx
  mov dr7, eax
  mov ds, ax
  mov eax, ds
  mov [eax], ds
  mov es, [eax]
  in al, dx
  in eax, 0x60
  out dx, ax
  out 0x20, al
  lgdt [start]
  sidt [eax]
  lldt ax
  smsw eax
  lmsw [ebx]
  invlpg [eax]
  lds eax, [ebx]
  les bx, [eax]
  bound eax, [ebx]
  enter 8, 0
  leave
  xchg eax, ebx
  xchg [eax], ebx
  test [eax], ebx
  test eax, [ebx]
  test al, 5
  cmpxchg8b [eax]
  lock cmpxchg [eax], ebx
  lock inc dword [eax]
  movzx eax, byte [ebx]
  movsx eax, word [ebx]
  movzx eax, al
  shl dword [eax], 1
  shl eax, cl
  shld eax, ebx, 5
  shrd [eax], ebx, cl
  bt dword [eax], 5
  bts [eax], ebx
  nop
  pause
  hlt
  rdtsc
  cpuid
  sysenter
  ud2
  bits 16
  mov ax, 5
  mov eax, [bx]
  mov eax, [ebx]
  jmp dword 8:start
  push dword 5
  lgdt [x16]
  o32 lgdt [x16]
  call far [x16]
  jz toofar
  jmp short $+2
  jmp $
  loop $
  times 200 nop
toofar:
  mov ax, toofar
x16: dw 0
  use64
  default rel
  mov rax, [start]
  mov rax, [abs start]
  mov rax, [fs:start]
  mov rax, 5
  mov rax, -5
  mov rax, 0x123456789
  mov rax, start
  mov eax, start
  mov qword [start], 5
  lea rsi, [rel start]
  mov r8, [r9 + r10*8 - 128]
  mov r15b, sil
  mov ah, bl
  movsxd rax, ebx
  movsx rax, bx
  push rax
  push 5
  push 500
  pop r12
  call start
  jmp [rax]
  call [start]
  syscall
  o64 sysret
  iretq
  pushfq
  swapgs
  cdqe
  cqo
  movsq
  rep stosq
  cmpxchg16b [rax]
  xchg r8, rax
  inc eax
  default abs
  mov rax, [start]
  mov al, [qword 0x123456789abcdef0]
  mov cr8, rax
  movq xmm0, rax
  movd xmm1, r9d
  cvtsi2sd xmm0, rax
  jrcxz $
  section .data align=16
d1: dd 5
  dd d1, b1, b2, start
  section .bss
b1: resb 5
b2: resd 2
  section .text
  dd d1, b1
  jmp d1
