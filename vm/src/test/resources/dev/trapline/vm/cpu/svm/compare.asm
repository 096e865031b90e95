; A 32-bit hypervisor for two machines: runs the guests of a table one after the other and writes the first 700h bytes of each VMCB to
; port E9h. Each line of the table: RIP, intercept words 0 to 4, EVENTINJ and its error code, V_INTR, its vector, RFLAGS.
org 0x100000
bits 32
start:
  jmp entry
align 4
header:
  dd 0x1badb002
  dd 0x00010000
  dd 0xe4514ffe
  dd header
  dd 0x100000
  dd 0
  dd 0
  dd entry
entry:
  lgdt [gdtr]
  jmp 8:flat
flat:
  mov ax, 0x10
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov esp, 0x200000
  mov ecx, 0xc0000080
  rdmsr
  or eax, 0x1000
  wrmsr
  mov ecx, 0xc0010117
  mov eax, 0x301000
  xor edx, edx
  wrmsr
  mov esi, tests
next:
  mov eax, [esi]
  test eax, eax
  jz done
  push esi
  ; clear the VMCB, set it up
  mov edi, 0x300000
  mov ecx, 1024
  xor eax, eax
  rep stosd
  mov esi, template
  mov edi, 0x300400
  mov ecx, 64
  rep movsb
  pop esi
  mov ebx, 0x300000
  mov eax, [esi]
  mov [ebx+0x578], eax
  mov eax, [esi+4]
  mov [ebx+0], eax
  mov eax, [esi+8]
  mov [ebx+4], eax
  mov eax, [esi+12]
  mov [ebx+8], eax
  mov eax, [esi+16]
  or eax, 0x81000000
  mov [ebx+12], eax
  mov eax, [esi+20]
  or eax, 1
  mov [ebx+16], eax
  mov eax, [esi+24]
  mov [ebx+0xa8], eax
  mov eax, [esi+28]
  mov [ebx+0xac], eax
  mov eax, [esi+32]
  mov [ebx+0x60], eax
  mov eax, [esi+36]
  mov [ebx+0x64], eax
  mov eax, [esi+40]
  mov [ebx+0x570], eax
  mov dword [ebx+0x58], 1
  mov dword [ebx+0x40], 0x304000
  mov dword [ebx+0x48], 0x308000
  mov dword [ebx+0x460+4], 0x3f
  mov dword [ebx+0x460+8], gdt
  mov dword [ebx+0x480+4], 0x7ff
  mov dword [ebx+0x480+8], 0x310000
  mov dword [ebx+0x4d0], 0x1000
  mov dword [ebx+0x558], 0x31
  mov dword [ebx+0x5d8], 0x1f0000
  mov dword [ebx+0x560], 0x400
  mov dword [ebx+0x568], 0xffff0ff0
  push esi
  ; IDT of the guest: every gate to a handler of its own that halts
  mov edi, 0x310000
  mov eax, 0x320000
  mov ecx, 256
gates:
  mov edx, eax
  and edx, 0xffff
  or edx, 0x80000
  mov [edi], edx
  mov edx, eax
  and edx, 0xffff0000
  or edx, 0xee00
  mov [edi+4], edx
  mov byte [eax], 0xf4
  add edi, 8
  add eax, 4
  dec ecx
  jnz gates
  ; permission maps: all ones but ports 80 and MSR 0x10
  mov edi, 0x304000
  mov ecx, 0x1800
  mov eax, -1
  rep stosd
  mov byte [0x304010], 0
  mov byte [0x308004], 0
  mov dword [0x310000+8*0x31+4], 0x00006e00 ; not present
  mov eax, 0x300000
  xor ebx, ebx
  xor ecx, ecx
  xor edx, edx
  xor esi, esi
  xor edi, edi
  xor ebp, ebp
  vmrun
  mov esi, 0x300000
  mov ecx, 0x700
  mov dx, 0xe9
  rep outsb
  stgi
  pop esi
  add esi, 44
  jmp next
done:
  mov al, 0
  out 0xf4, al
  hlt
align 8
gdt:
  dq 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00cffb000000ffff, 0x00cff3000000ffff, 0, 0, 0
gdtr:
  dw 0x3f
  dd gdt
template:
  dw 0x10, 0xc93
  dd 0xffffffff, 0, 0
  dw 8, 0xc9b
  dd 0xffffffff, 0, 0
  dw 0x10, 0xc93
  dd 0xffffffff, 0, 0
  dw 0x10, 0xc93
  dd 0xffffffff, 0, 0
