/*
 * Runs instructions on the processor at hand and records what they do.
 *
 *   vectors PLAN RESULTS
 *
 * PLAN is written by VectorPlan (Java): a sequence of forms, each an instruction's bytes with a description of its inputs; the format
 * is in VectorForm.java and below in read_form(). RESULTS repeats each form's description, followed by one record for each case.
 * Inputs are not stored: they follow from the form's bytes and the case number by the generator below, which VectorInputs.java repeats.
 *
 * How a case runs: the instruction stands at INSN in a page of INT3s. A signal handler puts the inputs into the signal frame (and an
 * FXRSTOR in front of the instruction if it needs x87 or SSE state); returning from the handler is the jump into the instruction; the
 * INT3 after it, or the exception it raises, is the next signal, whose frame holds the outputs. So no register is lost to the harness,
 * branches may go anywhere in the page, and vector and error code come from the kernel's frame.
 *
 * Built twice (vectors.sh): as a 64-bit program for the forms of 64-bit mode, with -m32 for those of 32-bit mode. Linux only.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

enum {
  CODE = 0x100000, CODE_BYTES = 0x2000, INSN = 0x100800,
  STUB = 0x102000,
  DATA = 0x110000, DATA_BYTES = 0x2000,
  LOW = 0x8000, LOW_BYTES = 0x2000,
  STATE = 0x120000,
  SIGNAL_STACK = 0x70000000, SIGNAL_STACK_BYTES = 0x100000
};
#ifdef __x86_64__
enum { MODE = 64, REGS = 16 };
#else
enum { MODE = 32, REGS = 8 };
#endif

/* What the inputs of a form are; the numbers are part of the file format. */
enum { USES_VECTOR = 1, USES_X87 = 2, USES_MMX = 4, USES_DF = 8 };
enum { K_INT, K_F32, K_F64, K_F80, K_BCD, K_MIXED };
/* Changes to the inputs after they are drawn. */
enum { FIX_SET, FIX_AND, FIX_SEXT, FIX_ADD_RANDOM, FIX_MEM_SET, FIX_MEM_AND, FIX_PICK_SELECTOR, FIX_MEM_SELECTOR, FIX_OR, FIX_MEM_OR };

struct fix { u8 kind, reg; u16 at; u64 value; };
struct form {
  u8 mode, length, bytes[15], uses, vector_kind, memory_kind;
  u16 count;
  u32 window;
  u16 window_bytes;
  u8 fixes;
  struct fix fix[24];
  u8 raw[1024];
  int raw_length;
};
struct state {
  u64 r[16], flags, rip;
  u64 xmm[32];
  u32 mxcsr;
  u16 cw, sw;
  u8 valid;
  u64 sig[8];
  u16 se[8];
  u8 memory[1024];
};

/* ---- the input generator, the same as VectorInputs.java */

static u64 seed;

static u64 next(void) {
  u64 z = seed += 0x9e3779b97f4a7c15ull;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return z ^ z >> 31;
}

static const u64 EDGE[32] = {
  0, 1, ~0ull, 2, ~1ull, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
  0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000001, ~0x7full, ~0xffull, ~0x7fffull, ~0x7fffffffull,
  0x5555555555555555, 0xaaaaaaaaaaaaaaaa, 0x0123456789abcdef, 0xfedcba9876543210, 0x0f0f0f0f0f0f0f0f, 0x99, 0x1234, 0x8080808080808080};
static const u32 EDGE32[32] = {
  0, 0x80000000, 0x3f800000, 0xbf800000, 0x40000000, 0x3f000000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7f800001, 0xffa00000,
  0x7fffffff, 0x00800000, 0x80800000, 0x007fffff, 0x00000001, 0x80000001, 0x7f7fffff, 0xff7fffff, 0x4f000000, 0xcf000000, 0x4effffff,
  0x5f000000, 0xdf000000, 0x3fc00000, 0x40200000, 0xc0200000, 0x4b000001, 0x3effffff, 0x34000000, 0x33800000};
static const u64 EDGE64[32] = {
  0, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, 0x4000000000000000, 0x3fe0000000000000, 0x7ff0000000000000,
  0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000000000, 0x7ff0000000000001, 0xfff4000000000000, 0x7fffffffffffffff,
  0x0010000000000000, 0x8010000000000000, 0x000fffffffffffff, 1, 0x8000000000000001, 0x7fefffffffffffff, 0xffefffffffffffff,
  0x41e0000000000000, 0xc1e0000000000000, 0x41dfffffffc00000, 0x41dfffffffe00000, 0x43e0000000000000, 0xc3e0000000000000,
  0x3ff8000000000000, 0x4004000000000000, 0xc004000000000000, 0x3fdfffffffffffff, 0x3810000000000000, 0x47efffffe0000000};
static const u16 EDGE16[16] = {
  0, 1, 0xffff, 0x7fff, 0x8000, 0x8001, 0x00ff, 0xff00, 0x0080, 0x007f, 0xff80, 0xff7f, 0x0100, 0x5555, 0xaaaa, 0x4000};
static const u8 EDGE8[8] = {0, 1, 0xff, 0x7f, 0x80, 0x81, 0x0f, 0x40};

static u64 pick_int(void) {
  u64 n = next();
  switch (n & 7) {
    case 0: case 1: case 2: return EDGE[n >> 8 & 31];
    case 3: return n >> 8 & 63;
    case 4: return (u64) ((int64_t) n >> 32);
    case 5: return n >> 32;
    case 6: return EDGE[n >> 8 & 31] ^ 1ull << (n >> 16 & 63);
    default: return next();
  }
}

static u32 pick_f32(void) {
  u64 n = next();
  u32 sign = (u32) (n >> 7 & 1) << 31;
  u32 fraction = (u32) (n >> 32) & 0x7fffff;
  switch (n & 3) {
    case 0: return EDGE32[n >> 8 & 31];
    case 1: return (u32) (n >> 32);
    case 2: return sign | (111 + (u32) (n >> 8 & 31)) << 23 | fraction;
    default: return sign | (120 + (u32) (n >> 8 & 15)) << 23 | (fraction & 0x780000);
  }
}

static u64 pick_f64(void) {
  u64 n = next();
  u64 sign = (n >> 7 & 1) << 63;
  u64 fraction = next() & 0xfffffffffffffull;
  switch (n & 3) {
    case 0: return EDGE64[n >> 8 & 31];
    case 1: return sign | (n >> 8 & 0x7ff) << 52 | fraction;
    case 2: return sign | (1007 + (n >> 8 & 31)) << 52 | fraction;
    default: return sign | (1016 + (n >> 8 & 15)) << 52 | (fraction & 0xf000000000000ull);
  }
}

static u64 pick_bytes(void) {
  u64 n = next(), v = 0;
  int i;
  switch (n & 3) {
    case 0: return next();
    case 1: return EDGE[n >> 8 & 31];
    case 2:
      for (i = 0; i < 4; i++) v |= (u64) EDGE16[n >> (8 + 4 * i) & 15] << 16 * i;
      return v;
    default:
      for (i = 0; i < 8; i++) v |= (u64) EDGE8[n >> (8 + 4 * i) & 7] << 8 * i;
      return v;
  }
}

static u64 pick_vector(int kind) {
  u64 v = 0;
  int i;
  if (kind == K_MIXED) kind = (int) (next() % 3);
  switch (kind) {
    case K_F32: v = pick_f32(); return v | (u64) pick_f32() << 32;
    case K_F64: return pick_f64();
    case K_BCD:
      v = next();
      for (i = 0; i < 64; i += 4) if ((v >> i & 15) > 9) v ^= 8ull << i;
      return v;
    default: return pick_bytes();
  }
}

/* An 80-bit value into sig and se; valid numbers mostly, every special class, unsupported encodings now and then. */
static void pick_f80(u64 *sig, u16 *se) {
  u64 n = next();
  u16 sign = (u16) (n >> 7 & 1) << 15;
  u64 fraction = next();
  int few = (n >> 8 & 3) == 0;
  u64 integer = 1ull << 63;
  if (few) fraction &= 0xf000000000000000ull;
  switch (n & 15) {
    case 0: *se = sign; *sig = 0; return;
    case 1: *se = sign | 0x7fff; *sig = integer; return;
    case 2: *se = sign | 0x7fff; *sig = integer | fraction | 1ull << 62; return;
    case 3: *se = sign | 0x7fff; *sig = (integer | fraction | 1) & ~(1ull << 62); return;
    case 4: *se = sign; *sig = fraction & ~integer; return;
    case 5: *se = sign | 0x3fff; *sig = integer; return;
    case 6: *se = sign | (u16) (n >> 16 & 0x7fff); *sig = (n >> 40 & 7) == 0 ? fraction : fraction | integer; return;
    case 7: *se = sign | (u16) (16320 + (n >> 16 & 127)); *sig = fraction | integer; return;
    case 8: *se = sign | (u16) (n >> 16 & 7); *sig = fraction | integer; return;
    case 9: *se = sign | (u16) (0x7ffe - (n >> 16 & 3)); *sig = fraction | integer; return;
    default: *se = sign | (u16) (16371 + (n >> 16 & 31)); *sig = fraction | integer; return;
  }
}

static u16 pick_control(void) {
  u64 n = next();
  u16 rounding = (u16) (n >> 16 & 3) << 10;
  static const u16 PRECISION[4] = {0x000, 0x200, 0x300, 0x300};
  u16 precision = PRECISION[n >> 20 & 3];
  switch (n & 7) {
    case 4: return 0x37f | rounding;
    case 5: return 0x07f | rounding | precision;
    case 6: return 0x27f;
    case 7: return (u16) (0x040 | (n >> 24 & 0x3f) | rounding | precision);
    default: return 0x37f;
  }
}

static u32 pick_mxcsr(void) {
  u64 n = next();
  u32 rounding = (u32) (n >> 16 & 3) << 13;
  switch (n & 7) {
    case 4: return 0x1f80 | rounding;
    case 5: return 0x1f80 | rounding | (u32) (n >> 20 & 1) << 15 | (u32) (n >> 21 & 1) << 6;
    case 6: return 0x1f80 | (u32) (n >> 24 & 0x3f);
    case 7: return (u32) (n >> 24 & 0x1f80) | rounding;
    default: return 0x1f80;
  }
}

static void pick_x87(struct state *s, int mmx, int kind) {
  u64 n = next();
  int i, top = (int) (n & 7);
  u16 flags = (n >> 8 & 7) == 0 ? (u16) (n >> 16 & 0x3f) : 0;
  s->cw = pick_control();
  if ((n >> 50 & 7) != 0) flags &= s->cw;
  s->sw = (u16) (top << 11) | (u16) (n >> 24 & 0x4700) | flags;
  if (flags & ~s->cw & 0x3f) s->sw |= 0x8080;
  s->valid = (n >> 4 & 3) == 0 ? 0xff : (n >> 4 & 3) == 1 ? (u8) (n >> 40) : (u8) ~(1 << ((top + 7) & 7));
  for (i = 0; i < 8; i++) {
    if (mmx) {
      s->sig[i] = pick_vector(kind);
      s->se[i] = (u16) next();
    } else {
      pick_f80(&s->sig[i], &s->se[i]);
    }
  }
}

static const u16 SELECTORS[4] = {0x33, 0x2b, 0x23, 0};

static u64 memory_get(struct state *s, int at) {
  u64 v;
  memcpy(&v, s->memory + at, 8);
  return v;
}

static void memory_put(struct state *s, int at, u64 v) {
  memcpy(s->memory + at, &v, 8);
}

static void apply(struct state *s, const struct fix *f) {
  u64 *r = &s->r[f->reg];
  int sh = 64 - (int) f->value;
  switch (f->kind) {
    case FIX_SET: *r = f->value; break;
    case FIX_AND: *r &= f->value; break;
    case FIX_OR: *r |= f->value; break;
    case FIX_SEXT: *r = (u64) ((int64_t) (*r << sh) >> sh); break;
    case FIX_ADD_RANDOM: *r += next() & f->value; break;
    case FIX_MEM_SET: memory_put(s, f->at, f->value); break;
    case FIX_MEM_AND: memory_put(s, f->at, memory_get(s, f->at) & f->value); break;
    case FIX_MEM_OR: memory_put(s, f->at, memory_get(s, f->at) | f->value); break;
    case FIX_PICK_SELECTOR: *r = (*r & ~0xffffull) | SELECTORS[next() & f->value]; break;
    case FIX_MEM_SELECTOR: memory_put(s, f->at, (memory_get(s, f->at) & ~0xffffull) | SELECTORS[next() & f->value]); break;
    default: fprintf(stderr, "unknown fix %d\n", f->kind); exit(2);
  }
}

static u64 hash(const u8 *p, int n) {
  u64 h = 0xcbf29ce484222325ull;
  while (n-- > 0) h = (h ^ *p++) * 0x100000001b3ull;
  return h;
}

static void draw(struct state *s, const struct form *f, int k) {
  int i;
  memset(s, 0, sizeof *s);
  seed = hash(f->raw, f->raw_length) ^ (u64) (k + 1) * 0xd1342543de82ef95ull;
  for (i = 0; i < 16; i++) s->r[i] = pick_int();
  s->flags = 2 | (next() & 0x8d5);
  if (f->uses & USES_DF) s->flags |= next() & 0x400;
  s->mxcsr = 0x1f80;
  if (f->uses & USES_VECTOR) {
    for (i = 0; i < 32; i++) s->xmm[i] = pick_vector(f->vector_kind);
    s->mxcsr = pick_mxcsr();
  }
  s->cw = 0x37f;
  if (f->uses & (USES_X87 | USES_MMX)) pick_x87(s, f->uses & USES_MMX, f->vector_kind);
  for (i = 0; i < f->window_bytes; i += 8) {
    if (f->memory_kind == K_F80 && (i & 15) == 0) {
      u16 se;
      u64 sig;
      pick_f80(&sig, &se);
      memory_put(s, i, sig);
      memory_put(s, i + 8, se);
    } else if (f->memory_kind != K_F80) {
      memory_put(s, i, pick_vector(f->memory_kind));
    }
  }
  for (i = 0; i < f->fixes; i++) apply(s, &f->fix[i]);
  if (MODE == 32) {
    for (i = 0; i < 16; i++) s->r[i] = i < 8 ? (u32) s->r[i] : 0;
    /* Not into the signal stack: the kernel would take the handler for running. */
    if (s->r[4] >> 20 == SIGNAL_STACK >> 20) s->r[4] ^= 0x80000000;
  }
  s->rip = INSN;
}

/* ---- running */

static FILE *out;
static struct form *forms;
static int form_count, at_form, at_case = -1;
static struct state in;
static u8 *buffer;
static size_t used;
static long cases;
#ifdef __x86_64__
static u64 fs_base;
#else
static u32 gs_selector;
#endif

static void put(const void *p, int n) {
  memcpy(buffer + used, p, n);
  used += n;
}

static int slot(int i) {
#ifdef __x86_64__
  static const int SLOTS[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI, REG_R8, REG_R9, REG_R10,
    REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
#else
  static const int SLOTS[8] = {REG_EAX, REG_ECX, REG_EDX, REG_EBX, REG_ESP, REG_EBP, REG_ESI, REG_EDI};
#endif
  return SLOTS[i];
}

/* The FXSAVE image of the signal frame. */
static u8 *image(ucontext_t *u) {
#ifdef __x86_64__
  return (u8 *) u->uc_mcontext.fpregs;
#else
  return (u8 *) u->uc_mcontext.fpregs + 112;
#endif
}

static void load(ucontext_t *u) {
  struct form *f = &forms[at_form];
  int i;
  greg_t *g = u->uc_mcontext.gregs;
  for (i = 0; i < REGS; i++) g[slot(i)] = (greg_t) in.r[i];
  g[REG_EFL] = (greg_t) (in.flags | 0x200);
#ifdef __x86_64__
  g[REG_RIP] = f->uses & 7 ? STUB : INSN;
  u16 *segments = (u16 *) &g[REG_CSGSFS];
  segments[0] = 0x33;
  segments[3] = 0x2b;
#else
  g[REG_EIP] = f->uses & 7 ? STUB : INSN;
  g[REG_CS] = 0x23;
  g[REG_DS] = g[REG_ES] = g[REG_SS] = 0x2b;
  g[REG_FS] = 0;
  g[REG_GS] = gs_selector;
#endif
  if (f->uses & 7) {
    u8 *x = (u8 *) STATE;
    int top = in.sw >> 11 & 7;
    memset(x, 0, 512);
    memcpy(x, &in.cw, 2);
    memcpy(x + 2, &in.sw, 2);
    x[4] = in.valid;
    memcpy(x + 24, &in.mxcsr, 4);
    for (i = 0; i < 8; i++) {
      memcpy(x + 32 + 16 * i, &in.sig[(i + top) & 7], 8);
      memcpy(x + 40 + 16 * i, &in.se[(i + top) & 7], 2);
    }
    memcpy(x + 160, in.xmm, REGS * 16);
  }
  if (f->window_bytes) memcpy((u8 *) (uintptr_t) f->window, in.memory, f->window_bytes);
}

static int next_case(void) {
  at_case++;
  while (at_form < form_count && at_case >= forms[at_form].count) {
    fwrite(buffer, 1, used, out);
    used = 0;
    at_form++;
    at_case = 0;
  }
  if (at_form >= form_count) return 0;
  struct form *f = &forms[at_form];
  if (at_case == 0) {
    memset((u8 *) CODE, 0xcc, CODE_BYTES);
    memcpy((u8 *) INSN, f->bytes, f->length);
    memset((u8 *) DATA, 0, DATA_BYTES);
    memset((u8 *) LOW, 0, LOW_BYTES);
    put(f->raw, f->raw_length);
  }
  draw(&in, f, at_case);
  cases++;
  return 1;
}

/* A case's record: a byte that says which parts follow, then the parts; see VectorFile.java. */
static void record(ucontext_t *u, int signal, u64 fault_address) {
  struct form *f = &forms[at_form];
  greg_t *g = u->uc_mcontext.gregs;
  size_t start = used++;
  u8 parts = 0;
  int i, n;
#ifdef __x86_64__
  u64 rip = g[REG_RIP], cs = (u16) g[REG_CSGSFS];
#else
  u64 rip = (u32) g[REG_EIP], cs = (u16) g[REG_CS];
#endif
  int vector = (int) g[REG_TRAPNO];
  u16 error = (u16) g[REG_ERR];
  int done = 0;
  if (vector == 3 && (f->bytes[0] != 0xcc || rip != INSN + 1)) {
    done = 1;
    rip--;
  }
  if (vector == 14 && rip != INSN && fault_address == rip) done = 1;
  if (signal == SIGTRAP && vector != 3 && vector != 1) {
    fprintf(stderr, "form %d case %d: signal %d vector %d rip %llx\n", at_form, at_case, signal, vector, (unsigned long long) rip);
  }
  if (!done) {
    parts |= 1;
    u8 v = (u8) vector;
    put(&v, 1);
    put(&error, 2);
  }
  u64 expected = done ? (u64) INSN + f->length : INSN;
  if (rip != expected || cs != (MODE == 64 ? 0x33 : 0x23)) {
    parts |= 0x80;
    u64 where = (rip & 0xffffffffffffull) | cs << 48;
    put(&where, 8);
  }
  u32 flags = (u32) g[REG_EFL] & 0x244dd5;
  if (flags != ((u32) in.flags & 0x244dd5)) {
    parts |= 2;
    put(&flags, 4);
  }
  u16 mask = 0;
  for (i = 0; i < REGS; i++) if ((MODE == 64 ? (u64) g[slot(i)] : (u32) g[slot(i)]) != in.r[i]) mask |= 1 << i;
  if (mask) {
    parts |= 4;
    put(&mask, 2);
    for (i = 0; i < REGS; i++) {
      u64 v = MODE == 64 ? (u64) g[slot(i)] : (u32) g[slot(i)];
      if (mask >> i & 1) put(&v, 8);
    }
  }
  if (f->uses & 7) {
    u8 *x = image(u);
    u32 mxcsr;
    mask = 0;
    for (i = 0; i < REGS; i++) if (memcmp(x + 160 + 16 * i, &in.xmm[2 * i], 16)) mask |= 1 << i;
    if (mask) {
      parts |= 8;
      put(&mask, 2);
      for (i = 0; i < REGS; i++) if (mask >> i & 1) put(x + 160 + 16 * i, 16);
    }
    memcpy(&mxcsr, x + 24, 4);
    if (mxcsr != in.mxcsr) {
      parts |= 0x10;
      put(&mxcsr, 4);
    }
    u16 cw, sw;
    memcpy(&cw, x, 2);
    memcpy(&sw, x + 2, 2);
    int top = sw >> 11 & 7;
    u8 changed = 0;
    for (i = 0; i < 8; i++) {
      int p = (i + top) & 7;
      if (memcmp(x + 32 + 16 * i, &in.sig[p], 8) || memcmp(x + 40 + 16 * i, &in.se[p], 2)) changed |= 1 << p;
    }
    if (changed || cw != in.cw || sw != in.sw || x[4] != in.valid) {
      parts |= 0x20;
      put(&cw, 2);
      put(&sw, 2);
      put(&x[4], 1);
      put(&changed, 1);
      for (i = 0; i < 8; i++) if (changed >> i & 1) put(x + 32 + 16 * ((i - top) & 7), 10);
    }
  }
  u8 *w = (u8 *) (uintptr_t) f->window;
  for (n = 0, i = 0; i < f->window_bytes; i += 8) n += memcmp(w + i, in.memory + i, 8) != 0;
  if (n) {
    parts |= 0x40;
    put(&n, 1);
    for (i = 0; i < f->window_bytes; i += 8) {
      if (memcmp(w + i, in.memory + i, 8)) {
        u8 at = (u8) (i / 8);
        put(&at, 1);
        put(w + i, 8);
      }
    }
  }
  buffer[start] = parts;
}

static void handle(int signal, siginfo_t *info, void *context) {
  /* A POPF form may have set AC, NT and ID: Linux leaves them set for the handler, and sigreturn keeps the handler's NT and ID. */
#ifdef __x86_64__
  __builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() & ~0x244000ull);
#else
  __builtin_ia32_writeeflags_u32(__builtin_ia32_readeflags_u32() & ~0x244000u);
#endif
#ifdef __x86_64__
  /* A form may have loaded segments; without the C library's FS base (GS in 32-bit mode) nothing below would work. */
  __asm__ volatile("mov %0, %%ds\n\tmov %0, %%es\n\tmov %0, %%fs\n\tmov %0, %%gs\n\twrfsbase %1" ::"r"(0), "r"(fs_base));
#else
  __asm__ volatile("mov %0, %%gs" ::"r"(gs_selector));
#endif
  if (at_case >= 0) record(context, signal, (u64) (uintptr_t) info->si_addr);
  if (next_case()) {
    load(context);
    return;
  }
  fclose(out);
  fprintf(stderr, "%d-bit: %d forms, %ld cases\n", MODE, form_count, cases);
  _exit(0);
}

/* ---- reading the plan */

static u64 get(u8 **p, int n) {
  u64 v = 0;
  memcpy(&v, *p, n);
  *p += n;
  return v;
}

static u8 *read_form(u8 *p, struct form *f) {
  u8 *start = p;
  int i;
  f->mode = (u8) get(&p, 1);
  f->length = (u8) get(&p, 1);
  memcpy(f->bytes, p, f->length);
  p += f->length;
  f->uses = (u8) get(&p, 1);
  f->vector_kind = (u8) get(&p, 1);
  f->memory_kind = (u8) get(&p, 1);
  f->count = (u16) get(&p, 2);
  f->window = (u32) get(&p, 4);
  f->window_bytes = (u16) get(&p, 2);
  f->fixes = (u8) get(&p, 1);
  for (i = 0; i < f->fixes; i++) {
    f->fix[i].kind = (u8) get(&p, 1);
    f->fix[i].reg = (u8) get(&p, 1);
    f->fix[i].at = (u16) get(&p, 2);
    f->fix[i].value = get(&p, 8);
  }
  f->raw_length = (int) (p - start);
  memcpy(f->raw, start, f->raw_length);
  return p;
}

static void map(uintptr_t at, size_t bytes, int rights) {
  if (mmap((void *) at, bytes, rights, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) {
    perror("mmap");
    exit(2);
  }
}

static void stub(void) {
  u8 *p = (u8 *) STUB;
#ifdef __x86_64__
  static const u8 RESTORE[] = {0x48, 0x0f, 0xae, 0x0c, 0x25};
#else
  static const u8 RESTORE[] = {0x0f, 0xae, 0x0d};
#endif
  u32 state = STATE;
  memcpy(p, RESTORE, sizeof RESTORE);
  p += sizeof RESTORE;
  memcpy(p, &state, 4);
  p += 4;
  u32 distance = (u32) (INSN - ((uintptr_t) p + 5));
  *p++ = 0xe9;
  memcpy(p, &distance, 4);
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: vectors PLAN RESULTS\n");
    return 2;
  }
  FILE *plan = fopen(argv[1], "rb");
  out = fopen(argv[2], "wb");
  if (!plan || !out) {
    perror(plan ? argv[2] : argv[1]);
    return 2;
  }
  static u8 text[16 << 20];
  size_t size = fread(text, 1, sizeof text, plan);
  forms = calloc(20000, sizeof *forms);
  for (u8 *p = text; p < text + size;) {
    struct form f;
    memset(&f, 0, sizeof f);
    p = read_form(p, &f);
    if (f.mode == MODE) forms[form_count++] = f;
  }
  buffer = malloc(64 << 20);
  map(CODE, CODE_BYTES + 0x1000, PROT_READ | PROT_WRITE | PROT_EXEC);
  map(DATA, DATA_BYTES, PROT_READ | PROT_WRITE);
  map(LOW, LOW_BYTES, PROT_READ | PROT_WRITE);
  map(STATE, 0x1000, PROT_READ | PROT_WRITE);
  stub();
#ifdef __x86_64__
  __asm__ volatile("rdfsbase %0" : "=r"(fs_base));
#else
  __asm__ volatile("mov %%gs, %0" : "=r"(gs_selector));
#endif
  map(SIGNAL_STACK, SIGNAL_STACK_BYTES, PROT_READ | PROT_WRITE);
  stack_t alternate = {.ss_sp = (void *) (uintptr_t) SIGNAL_STACK, .ss_size = SIGNAL_STACK_BYTES};
  sigaltstack(&alternate, NULL);
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  int signals[] = {SIGTRAP, SIGSEGV, SIGILL, SIGFPE, SIGBUS};
  for (int i = 0; i < 5; i++) sigaction(signals[i], &action, NULL);
  raise(SIGTRAP);
  return 1;
}
