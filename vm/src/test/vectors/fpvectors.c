/*
 * Records what the processor this runs on computes: the reference of SseSiliconTest and X87SiliconTest.
 *
 *   gcc -O1 -o fpvectors fpvectors.c
 *   ./fpvectors sse 6000 1 | gzip -9n > ../resources/vectors/fp-sse.gz
 *   ./fpvectors x87 6000 1 | gzip -9n > ../resources/vectors/fp-x87.gz
 *
 * Larger counts and other seeds go to a file named by -Dtrapline.fp.sse=FILE or -Dtrapline.fp.x87=FILE of the tests.
 * Operands are half edge cases (zeros, infinities, NaNs of both kinds, denormals, unsupported encodings, powers, limits), half random.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

typedef uint64_t u64;
typedef uint32_t u32;
typedef unsigned char u8;

static u64 state = 88172645463325252ULL;

static u64 rnd(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state * 0x2545F4914F6CDD1DULL;
}

static u64 bits_of_double(double d) {
  u64 v;
  memcpy(&v, &d, 8);
  return v;
}

static u64 edge64(void) {
  u64 sign = (rnd() & 1) << 63;
  u64 fraction = rnd() >> 12;
  switch (rnd() % 16) {
    case 0: return sign;
    case 1: return sign | 0x7ffULL << 52;
    case 2: return sign | 0xfffULL << 51 | fraction >> 1;
    case 3: return sign | 0x7ffULL << 52 | fraction >> 1 | 1;
    case 4: return sign | fraction >> rnd() % 52;
    case 5: return sign | 0x3ffULL << 52;
    case 6: return sign | 0x7feULL << 52 | fraction;
    case 7: return sign | 1ULL << 52 | fraction >> rnd() % 30;
    case 8: return sign ^ bits_of_double((double) (int64_t) (rnd() >> rnd() % 60));
    case 9: return sign ^ bits_of_double((double) (int64_t) (rnd() >> rnd() % 64) / 8);
    case 10: return (sign | 0x41dfffffffc00000ULL) + (rnd() & 0xffffff) - 0x800000;
    case 11: return sign | (0x3c3 + rnd() % 130) << 52 | (fraction & ~0ULL << rnd() % 52);
    case 12: return sign | (1 + rnd() % 60) << 52 | fraction;
    case 13: return sign | (2046 - rnd() % 60) << 52 | fraction;
    case 14: return sign | (873 + rnd() % 40) << 52 | fraction;
    default: return rnd();
  }
}

static u32 edge32(void) {
  u32 sign = (u32) (rnd() & 1) << 31;
  u32 fraction = rnd() >> 41;
  float f;
  u32 v;
  switch (rnd() % 12) {
    case 0: return sign;
    case 1: return sign | 0xffu << 23;
    case 2: return sign | 0x1ffu << 22 | fraction >> 1;
    case 3: return sign | 0xffu << 23 | fraction >> 1 | 1;
    case 4: return sign | fraction >> rnd() % 23;
    case 5: return sign | 127u << 23;
    case 6: return sign | 1u << 23 | fraction >> rnd() % 23;
    case 7:
      f = (float) (int64_t) (rnd() >> rnd() % 60) / (rnd() & 1 ? 1 : 8);
      memcpy(&v, &f, 4);
      return v ^ sign;
    case 8: return sign | (u32) (97 + rnd() % 70) << 23 | (fraction & ~0u << rnd() % 23);
    case 9: return sign | (u32) (1 + rnd() % 30) << 23 | fraction;
    case 10: return sign | (u32) (254 - rnd() % 30) << 23 | fraction;
    default: return rnd();
  }
}

/* ---- SSE: op, MXCSR before, MXCSR after, trapped, a, b, result; 40 bytes */

static sigjmp_buf trap;
static volatile u32 trapped_mxcsr;

static void on_fpe(int signal, siginfo_t *info, void *context) {
  trapped_mxcsr = ((ucontext_t *) context)->uc_mcontext.fpregs->mxcsr;
  siglongjmp(trap, 1);
}

#define BINARY(n, ins) case n: asm volatile("ldmxcsr %3\n movq %1,%%xmm0\n movq %2,%%xmm1\n " ins " %%xmm1,%%xmm0\n" \
    " movq %%xmm0,%0\n stmxcsr %4" : "=r"(r) : "r"(a), "r"(b), "m"(before), "m"(after) : "xmm0", "xmm1", "memory"); break;
#define COMPARE(n, ins) case n: asm volatile("ldmxcsr %3\n movq %1,%%xmm0\n movq %2,%%xmm1\n " ins " %%xmm1,%%xmm0\n pushf\n pop %0\n" \
    " and $0x45,%0\n stmxcsr %4" : "=r"(r) : "r"(a), "r"(b), "m"(before), "m"(after) : "xmm0", "xmm1", "memory"); break;
#define TO_INT(n, ins, w) case n: asm volatile("ldmxcsr %2\n movq %1,%%xmm1\n xor %0,%0\n " ins " %%xmm1,%" w "0\n stmxcsr %3" \
    : "=&r"(r) : "r"(b), "m"(before), "m"(after) : "xmm1", "memory"); break;
#define FROM_INT(n, ins, w) case n: asm volatile("ldmxcsr %2\n pxor %%xmm0,%%xmm0\n mov %1,%%rax\n " ins " %%" w ",%%xmm0\n" \
    " movq %%xmm0,%0\n stmxcsr %3" : "=&r"(r) : "r"(b), "m"(before), "m"(after) : "xmm0", "rax", "memory"); break;

static u64 sse(int op, u64 a, u64 b, u32 before, u32 *out) {
  u64 r = 0;
  u32 after = 0;
  switch (op) {
    BINARY(0, "addsd") BINARY(1, "subsd") BINARY(2, "mulsd") BINARY(3, "divsd") BINARY(4, "sqrtsd") BINARY(5, "minsd")
    BINARY(6, "maxsd") COMPARE(7, "comisd") COMPARE(8, "ucomisd") BINARY(9, "cvtsd2ss")
    BINARY(10, "addss") BINARY(11, "subss") BINARY(12, "mulss") BINARY(13, "divss") BINARY(14, "sqrtss") BINARY(15, "minss")
    BINARY(16, "maxss") COMPARE(17, "comiss") COMPARE(18, "ucomiss") BINARY(19, "cvtss2sd")
    TO_INT(20, "cvtsd2si", "k") TO_INT(21, "cvtsd2si", "q") TO_INT(22, "cvttsd2si", "k") TO_INT(23, "cvttsd2si", "q")
    TO_INT(24, "cvtss2si", "k") TO_INT(25, "cvtss2si", "q") TO_INT(26, "cvttss2si", "k") TO_INT(27, "cvttss2si", "q")
    FROM_INT(28, "cvtsi2ssl", "eax") FROM_INT(29, "cvtsi2ssq", "rax") FROM_INT(30, "cvtsi2sdl", "eax") FROM_INT(31, "cvtsi2sdq", "rax")
    BINARY(32, "roundsd $4,") BINARY(33, "roundsd $3,") BINARY(34, "roundsd $12,")
    BINARY(35, "roundss $4,") BINARY(36, "roundss $2,") BINARY(37, "roundss $9,")
  }
  *out = after;
  return r;
}

static u32 random_mxcsr(void) {
  u32 v = 0x1f80 | (rnd() & 3) << 13;
  switch (rnd() % 8) {
    case 0: return v | 0x8000;
    case 1: return v | 0x40;
    case 2: return rnd() & 0xffc0;
    case 3: return v | (rnd() & 0x3f);
    case 4: return 0x1fa0;
    case 5: return 0x1f80;
    default: return v;
  }
}

static int takes_single(int op) {
  return (op >= 10 && op < 20) || (op >= 24 && op < 28) || op >= 35;
}

static void sse_vectors(long n) {
  struct sigaction action = {0};
  action.sa_sigaction = on_fpe;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGFPE, &action, 0);
  const u32 normal = 0x1f80;
  for (long i = 0; i < n; i++) {
    volatile struct { u32 op, before, after, trapped; u64 a, b, r; } v = {0};
    v.op = rnd() % 38;
    v.a = takes_single(v.op) ? edge32() : edge64();
    v.b = rnd() % 8 ? takes_single(v.op) ? edge32() : edge64() : v.a;
    if (v.op >= 28 && v.op < 32) {
      v.b = rnd() & 1 ? rnd() >> rnd() % 64 : -(rnd() >> rnd() % 64);
    }
    v.before = random_mxcsr();
    u32 after = 0;
    if (sigsetjmp(trap, 0) == 0) {
      v.r = sse(v.op, v.a, v.b, v.before, &after);
      v.after = after;
    } else {
      v.trapped = 1;
      v.after = trapped_mxcsr;
    }
    asm volatile("ldmxcsr %0" : : "m"(normal));
    fwrite((const void *) &v, sizeof v, 1, stdout);
  }
}

/* ---- x87: instruction, flags before and after, memory before and after, FRSTOR image, FNSAVE image, RAX; 264 bytes */

static void edge80(u8 *to, int narrow) {
  const u64 msb = 1ULL << 63;
  u64 sig = rnd();
  u32 exp = rnd() & 0x7fff;
  switch (rnd() % 22) {
    case 0: exp = 0, sig = 0; break;
    case 1: exp = 0x7fff, sig = msb; break;
    case 2: exp = 0x7fff, sig = msb | 1ULL << 62 | sig >> 2; break;
    case 3: exp = 0x7fff, sig = msb | sig >> 2 | 1; break;
    case 4: exp = 0, sig = sig >> (1 + rnd() % 62); break;
    case 5: exp = 0, sig |= msb; break;
    case 6: sig &= ~msb; break;
    case 7: exp = 0x7fff, sig &= ~msb; break;
    case 8: exp = 0x3fff, sig = msb; break;
    case 9: exp = 1 + rnd() % 70, sig |= msb; break;
    case 10: exp = 0x7ffe - (u32) (rnd() % 70), sig |= msb; break;
    case 11: exp = 0x3fff - 1023 - rnd() % 60, sig |= msb; break;
    case 12: exp = 0x3fff + 1020 + rnd() % 8, sig |= msb; break;
    case 13: exp = 0x3fff - 120 - rnd() % 40, sig |= msb; break;
    case 14: exp = 0x3fff + 124 + rnd() % 8, sig |= msb; break;
    case 15: exp = 0x3fff + rnd() % 66, sig = msb | sig << rnd() % 64; break;
    case 16: exp = 0x3fff + rnd() % 64, sig = msb | ~((1ULL << rnd() % 63) - 1); break;
    default: exp = 0x3fff - 70 + rnd() % 140, sig |= msb;
  }
  if (narrow && rnd() % 8) {
    exp = 0x3fff - narrow + rnd() % (narrow + 8);
    sig = msb | rnd();
  }
  exp |= (rnd() & 1) << 15;
  memcpy(to, &sig, 8);
  memcpy(to + 8, &exp, 2);
}

struct x87 {
  u8 op[2];
  u8 kind;
  u8 pad;
  u32 flags_before, flags_after;
  u8 mem_before[16], mem_after[16];
  u8 before[108], after[108];
  u32 rax;
};

static struct { u8 a, b, kind; } ops[1024];
static int op_count;

static void op(int a, int b, int kind) {
  ops[op_count].a = a;
  ops[op_count].b = b;
  ops[op_count++].kind = kind;
}

/*
 * Memory operands are [rdi]. Kinds: f d t single, double, extended; w i q integers; b decimal; c control word; s store; r none;
 * T transcendental.
 */
static void list_ops(void) {
  static const int special[] = {0xe0, 0xe1, 0xe4, 0xe5, 0xf4, 0xf5, 0xf8, 0xfa, 0xfc, 0xfd, 0xd0, 0xf6, 0xf7, 0xe8, 0xe9, 0xea, 0xeb, 0xec,
    0xed, 0xee};
  static const int transcendental[] = {0xf0, 0xf1, 0xf2, 0xf3, 0xf9, 0xfb, 0xfe, 0xff};
  static const int stores[] = {0xd917, 0xd91f, 0xdd17, 0xdd1f, 0xdb3f, 0xdf17, 0xdf1f, 0xdb17, 0xdb1f, 0xdf3f, 0xdf0f, 0xdb0f, 0xdd0f,
    0xdf37, 0xd93f, 0xdd3f};
  static const int registers[] = {0xd9c0, 0xd9c8, 0xddc0, 0xddd0, 0xddd8, 0xdde0, 0xdde8, 0xddc8, 0xdfc0, 0xdfc8, 0xdfd0, 0xdfd8, 0xd9d8,
    0xdac0, 0xdac8, 0xdad0, 0xdad8, 0xdbc0, 0xdbc8, 0xdbd0, 0xdbd8, 0xdbe8, 0xdbf0, 0xdfe8, 0xdff0};
  for (int digit = 0; digit < 8; digit++) {
    op(0xd8, digit << 3 | 7, 'f'), op(0xdc, digit << 3 | 7, 'd'), op(0xda, digit << 3 | 7, 'i'), op(0xde, digit << 3 | 7, 'w');
    op(0xd8, 0xc1 | digit << 3, 'r'), op(0xdc, 0xc1 | digit << 3, 'r');
    if (digit != 3) {
      op(0xde, 0xc1 | digit << 3, 'r');
    }
  }
  for (u32 i = 0; i < sizeof special / sizeof *special; i++) {
    op(0xd9, special[i], 'r'), op(0xd9, special[i], 'r');
  }
  for (u32 i = 0; i < sizeof transcendental / sizeof *transcendental; i++) {
    op(0xd9, transcendental[i], 'T'), op(0xd9, transcendental[i], 'T');
  }
  for (u32 i = 0; i < sizeof stores / sizeof *stores; i++) {
    op(stores[i] >> 8, stores[i] & 255, 's');
  }
  for (u32 i = 0; i < sizeof registers / sizeof *registers; i++) {
    op(registers[i] >> 8, (registers[i] & 255) | 1, 'r');
  }
  op(0xd9, 7, 'f'), op(0xdd, 7, 'd'), op(0xdb, 0x2f, 't'), op(0xdf, 7, 'w'), op(0xdb, 7, 'i'), op(0xdf, 0x2f, 'q'), op(0xdf, 0x27, 'b');
  op(0xde, 0xd9, 'r'), op(0xda, 0xe9, 'r'), op(0xdb, 0xe2, 'r'), op(0xdb, 0xe3, 'r'), op(0xdf, 0xe0, 'r'), op(0x9b, 0x90, 'r');
  op(0xd9, 0x2f, 'c');
}

static u32 random_control(int transcendental) {
  u32 any = 0x40 | (rnd() & 0xf3f);
  if (transcendental) {
    return rnd() % 8 ? 0x37f : any;
  }
  switch (rnd() % 8) {
    case 0: case 1: case 2: return any | 0x7f;
    case 3: return any;
    case 4: return 0x340 | (any & 0xc3f);
    default: return 0x37f;
  }
}

static u32 random_tags(u32 status) {
  u32 top = status >> 11 & 7;
  u32 tags = 0;
  if (rnd() % 4 == 0) {
    for (int i = 0; i < 8; i++) {
      tags |= rnd() % 4 ? 0 : 3 << 2 * i;
    }
  } else if (rnd() % 8) {
    for (u32 i = 2; i < 8; i++) {
      tags |= 3 << 2 * ((top + i) & 7);
    }
  }
  return tags;
}

static void random_memory(u8 *to, int kind) {
  u64 v[2] = {rnd(), rnd()};
  switch (kind) {
    case 'f': v[0] = edge32(); break;
    case 'd': v[0] = edge64(); break;
    case 't': edge80((u8 *) v, 0); break;
    case 'c': v[0] &= 0xffff; break;
    case 'b':
      for (int i = 0; i < 9; i++) {
        ((u8 *) v)[i] = rnd() % 10 << 4 | rnd() % 10;
      }
      break;
    case 's': v[0] = v[1] = 0x5555555555555555ULL; break;
    default: v[0] = (u64) ((int64_t) v[0] >> rnd() % 64);
  }
  memcpy(to, v, 16);
}

static void random_state(struct x87 *v) {
  u32 *image = (u32 *) v->before;
  int transcendental = v->kind == 'T';
  image[0] = random_control(transcendental);
  image[1] = rnd() & (rnd() % 3 ? 0x3800 : 0x7f7f) & ~(0x3f & ~image[0]);
  image[2] = random_tags(image[1]);
  int narrow = transcendental ? rnd() & 1 ? 70 : 8 : 0;
  for (int i = 0; i < 8; i++) {
    u64 filler[2] = {1ULL << 63, 0x4000 + i};
    memcpy(v->before + 28 + 10 * i, filler, 10);
  }
  edge80(v->before + 28, narrow);
  edge80(v->before + 38, narrow);
  if (rnd() % 6 == 0) {
    memcpy(v->before + 38, v->before + 28, 10);
    v->before[47] ^= rnd() & 0x80;
  }
  if (transcendental && (v->op[1] == 0xf9 || v->op[1] == 0xf0)) { /* F2XM1 and FYL2XP1 are defined for small arguments only */
    v->before[36] = 0xfd - rnd() % 60;
    v->before[37] = 0x3f | (rnd() & 0x80);
  }
}

static void x87_vectors(long n) {
  u8 *code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  list_ops();
  for (long i = 0; i < n; i++) {
    struct x87 v;
    memset(&v, 0, sizeof v);
    int k = rnd() % op_count;
    v.op[0] = ops[k].a, v.op[1] = ops[k].b, v.kind = ops[k].kind;
    random_state(&v);
    random_memory(v.mem_before, v.kind);
    memcpy(v.mem_after, v.mem_before, 16);
    v.flags_before = 0x202 | (rnd() & 0x8d5);
    /* frstor [rsi]; push rcx; popf; the instruction; pushf; pop rcx; fnsave [rdx]; ret */
    u8 text[] = {0xdd, 0x26, 0x51, 0x9d, v.op[0], v.op[1], 0x9c, 0x59, 0xdd, 0x32, 0xc3};
    memcpy(code, text, sizeof text);
    u64 rax = 0x12345678, rcx = v.flags_before;
    asm volatile("sub $256,%%rsp\n call *%5\n add $256,%%rsp\n fninit"
        : "+a"(rax), "+c"(rcx) : "S"(v.before), "D"(v.mem_after), "d"(v.after), "r"(code) : "memory", "cc");
    v.flags_after = rcx & 0x8d5;
    v.rax = rax;
    memset(v.after + 12, 0, 16); /* pointers depend on addresses and, on AMD, on context switches */
    fwrite(&v, sizeof v, 1, stdout);
  }
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: fpvectors sse|x87 COUNT SEED\n");
    return 2;
  }
  state ^= strtoull(argv[3], 0, 10) * 0x9E3779B97F4A7C15ULL;
  (argv[1][0] == 's' ? sse_vectors : x87_vectors)(atol(argv[2]));
  return 0;
}
