// Do a guest's page tables keep code from being written and data from being executed, and its kernel from the user's pages?
//
// Reads the tables in use at one moment, after --after instructions or when the guest has printed --from: pages that may be written and
// executed (W^X), user pages the kernel may execute or read by accident (SMEP and SMAP off while there are any), and pages of the kernel
// that ring 3 may write. Looking changes nothing in the guest.
//
// Usage: shell/trapline run [--kernel ...] scripts/wx-audit.groovy [--after N | --from TEXT] [--top N]
//   --after N    instructions to run first (5000000)
//   --from TEXT  or the text the guest is to have printed
//   --top N      mappings shown of each kind (8)
//
// Prints the findings with the mappings behind them; exits with 1 if there is any, which is usual for small and old systems:
//
//   paging: prot32, NX off, SMEP off, SMAP off, WP on
//   4202496 bytes are both writable and executable
//   FAILED  no page can be both written and executed
def o = options(after: 5_000_000L, from: '', top: 8)
o.from ? expect(o.from) : machine.run(o.after)
long cr0 = cpu['cr0'], cr4 = cpu['cr4'], efer = cpu['efer']
def on = { String name, boolean set -> "$name ${set ? 'on' : 'off'}" }
boolean nx = (efer & 1 << 11) != 0, smep = (cr4 & 1 << 20) != 0, smap = (cr4 & 1 << 21) != 0
boolean paging = (cr0 & 1L << 31) != 0
println "paging ${paging ? 'on' : 'off'}: $cpu.mode, ${on('NX', nx)}, ${on('SMEP', smep)}, ${on('SMAP', smap)}, ${on('WP', (cr0 & 1 << 16) != 0)}"
def all = paging ? cmd('pt ls') : []
def hex = { long n -> '0x' + Long.toHexString(n) }
def list = { String what, found ->
  if (found) {
    println "\n${found*.bytes.sum()} bytes $what"
    table found.take(o.top).collect { [from: hex(it.linear), to: hex(it.linear + it.bytes - 1), physical: hex(it.physical), rights: it.rights] }
    if (found.size() > o.top) {
      println "${found.size() - o.top} more"
    }
  }
}
def may = { m, String letters -> letters.every { m.rights.toString().contains(it) } }
def wx = all.findAll { may(it, 'wx') }
def userWritable = all.findAll { may(it, 'wu') }
def userExecutable = all.findAll { may(it, 'xu') }
list 'are both writable and executable', wx
list 'can be executed by user and kernel alike', smep ? [] : userExecutable
list 'of the user can be touched by the kernel unawares', smap ? [] : userWritable
println()
check('paging is on') { paging }
check('no page can be both written and executed') { wx.isEmpty() }
check('the kernel cannot execute pages of the user (SMEP)') { smep || userExecutable.isEmpty() }
check('the kernel cannot touch pages of the user unawares (SMAP)') { smap || userWritable.isEmpty() }
