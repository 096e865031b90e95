// The four kinds of virtual devices, and balloons, with two Linux guests. Needs scripts/fetch-guests.
//   shell/trapline boot --machine scripts/machines/devices.groovy
//   shell/trapline --machine scripts/machines/devices.groovy        in the shell: info virtual, balloon left 32M, attach left
def image = File.createTempFile('trapline', '.img')
image.deleteOnExit()
new RandomAccessFile(image, 'rw').withCloseable { it.setLength(32 << 20) }

// Writes a file system and a file, pings the other guest, and the host's gateway by way of the host's card.
def work = { int mine, int other ->
  "disks 1; ifconfig eth0 10.1.0.$mine; until ping -c 1 -W 1 10.1.0.$other >/dev/null; do true; done; ping -c 3 10.1.0.$other; " +
      'ifconfig eth1 up; udhcpc -i eth1 -n -q >/dev/null 2>&1; ping -c 2 10.0.2.2; sleep 5'
}

machine {
  memory '448M'
  reserve '16M'                              // less is free: who has a balloon is asked for some
  guest('left') {
    kernel "$cache/debian-cloud-amd64/linux"
    initrd "$cache/debian-cloud-amd64/initrd.gz"
    append "console=ttyS0 cryptomgr.notests tl.run=\"${work(1, 2)}\""
    memory '160M'
    paging 'nested'
    dedicated 'uart0'                        // dedicated: the host's serial port; its instructions reach it without an exit
    disk "$image,if=virtio,slice=0+16M,write"    // partitioned: the first half of one image is this guest's whole disk
    nic 'lan0'                               // nonexistent: a network between guests
    nic 'host'                               // shared: the host's network card, by address
    virtio_console()                         // nonexistent: a console without a port
    balloon()
  }
  guest('right') {
    kernel "$cache/debian-cloud-amd64/linux"
    initrd "$cache/debian-cloud-amd64/initrd.gz"
    append "console=ttyS0 cryptomgr.notests tl.run=\"${work(2, 1)}\""
    memory '160M'
    paging 'nested'
    disk "$image,if=virtio,slice=16M+16M,write"
    nic 'lan0'
    nic 'host'
    balloon()
  }
}
