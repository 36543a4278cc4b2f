// An i386 program that is refused mkdir() by a filter of its own, asked for by three functions, and then ends
// well. No libc and no headers: those of 32 bits need not be there.
struct instruction {
  unsigned short code;
  unsigned char jump_true, jump_false;
  unsigned value;
};
struct program {
  unsigned short length;
  struct instruction* code;
};

enum { kLoadWord = 0x20, kJumpIfEqual = 0x15, kReturn = 0x06 };
enum { kPrctl = 172, kMkdir = 39, kExit = 1 };
enum { kSetSeccomp = 22, kFilter = 2, kSetNoNewPrivs = 38 };

static long call(long number, long a, long b, long c, long d, long e) {
  long result;
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "0"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                   : "memory");
  return result;
}

static volatile int depth;
__attribute__((noinline)) void ask_inner(void) {
  call(kMkdir, (long)"/proc/nowhere", 0755, 0, 0, 0);
  depth++;
}
__attribute__((noinline)) void ask_middle(void) {
  ask_inner();
  depth++;
}
__attribute__((noinline)) void ask_outer(void) {
  ask_middle();
  depth++;
}

__attribute__((force_align_arg_pointer)) void _start(void) {
  struct instruction code[] = {{kLoadWord, 0, 0, 0},
                               {kJumpIfEqual, 0, 1, kMkdir},
                               {kReturn, 0, 0, 0x00050000 | 25},  // ERRNO(25)
                               {kReturn, 0, 0, 0x7fff0000}};      // ALLOW
  struct program program = {sizeof(code) / sizeof(code[0]), code};
  call(kPrctl, kSetNoNewPrivs, 1, 0, 0, 0);
  long failed = call(kPrctl, kSetSeccomp, kFilter, (long)&program, 0, 0);
  ask_outer();
  call(kExit, failed != 0, 0, 0, 0, 0);
}
