// Four unmodified systems at once: two Linux kernels, memtest86+ (which never ends: it is switched off after its tests 0 to 9), and our
// small system. Needs scripts/fetch-guests.
//   shell/trapline boot --machine scripts/machines/four-guests.groovy --stats
machine {
  memory '640M'
  scheduler 'credit'
  guest('amd64') {
    kernel "$cache/debian-cloud-amd64/linux"
    initrd "$cache/busybox-amd64.cpio.gz"
    append 'console=ttyS0 cryptomgr.notests'
    memory '192M'
    paging 'shadow'
    weight 512
  }
  guest('i386') {
    kernel "$cache/debian-686/linux"
    initrd "$cache/busybox-i386.cpio.gz"
    append 'console=ttyS0 cryptomgr.notests'
    memory '192M'
    paging 'nested'
    weight 512
  }
  guest('memtest') {
    kernel "$cache/memtest86+/x64.bin"
    append 'console=ttyS0,115200'
    memory '32M'
    paging 'nested'
    until '#10 [Bit fade test'
  }
  guest('mini') {
    memory '32M'
    paging 'shadow'
  }
}
