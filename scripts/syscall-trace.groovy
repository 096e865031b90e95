// Which system calls does a guest make, from where, and with what arguments?
//
// Watches INT 80h, SYSENTER and SYSCALL as they are about to be executed; names the calls of Linux by their numbers (those in common use;
// others keep theirs) and of any other system by number only. Nothing in the guest is changed and nothing of it can notice.
//
// Usage: shell/trapline run [--kernel ...] scripts/syscall-trace.groovy [--limit N] [--show N] [--from TEXT]
//   --limit N    instructions of virtual time to run (60000000)
//   --show N     calls shown one by one (20)
//   --from TEXT  begin when the guest has printed this
//
// Prints the first calls, then a table of all by number; exits with 1 if the guest made none:
//
//   #count    process   call     number  arguments                 from
//   2117442   0x112000  int 80h  2       0x480f9c 0x2f ...         0x400062
def o = options(limit: 60_000_000L, show: 20, from: '')
def linux32 = [1: 'exit', 2: 'fork', 3: 'read', 4: 'write', 5: 'open', 6: 'close', 11: 'execve', 20: 'getpid', 45: 'brk', 54: 'ioctl',
    90: 'mmap', 91: 'munmap', 114: 'wait4', 120: 'clone', 122: 'uname', 125: 'mprotect', 146: 'writev', 174: 'rt_sigaction', 192: 'mmap2',
    195: 'stat64', 221: 'fcntl64', 243: 'set_thread_area', 252: 'exit_group', 295: 'openat']
def linux64 = [0: 'read', 1: 'write', 2: 'open', 3: 'close', 4: 'stat', 5: 'fstat', 8: 'lseek', 9: 'mmap', 10: 'mprotect', 11: 'munmap',
    12: 'brk', 13: 'rt_sigaction', 14: 'rt_sigprocmask', 16: 'ioctl', 20: 'writev', 21: 'access', 22: 'pipe', 33: 'dup2', 39: 'getpid', 56: 'clone',
    57: 'fork', 59: 'execve', 60: 'exit', 61: 'wait4', 62: 'kill', 63: 'uname', 72: 'fcntl', 79: 'getcwd', 110: 'getppid', 158: 'arch_prctl',
    186: 'gettid', 217: 'getdents64', 231: 'exit_group', 257: 'openat', 262: 'newfstatat', 293: 'pipe2']
def isLinux = machine.cmd('info image').toString().toLowerCase().contains('linux')
if (o.from) {
  expect o.from
}

def hex = { long n -> '0x' + Long.toHexString(n) }
def shown = []
def totals = [:].withDefault { 0 }
def record = { e, String how, boolean wide ->
  long number = (wide ? e.rax : e.eax) & 0xffffffffL
  def name = !isLinux ? '' : (wide ? linux64 : linux32)[number as int] ?: ''
  totals[[how, number, name]]++
  if (shown.size() < o.show) {
    def arguments = wide ? [e.rdi, e.rsi, e.rdx] : [e.ebx, e.ecx, e.edx]
    shown << ['#count': e.count, process: hex(e.cr3), call: how, number: number, name: name, arguments: arguments.collect(hex).join(' '),
        from: e.symbol ?: hex(e.rip)]
  }
}
on('int 0x80', pre: true) { e -> record(e, 'int 80h', false) }
on('insn syscall') { e -> record(e, 'syscall', e.mode == 'long64') }
on('insn sysenter') { e -> record(e, 'sysenter', false) }
machine.run o.limit
table shown
println()
table totals.sort { -it.value }.collect { k, n -> [call: k[0], number: k[1], name: k[2], times: n] }
check('the guest makes system calls') { totals.size() > 0 }
