// Our small system twice, side by side, one under shadow tables, one under nested ones.
//   shell/trapline boot --machine scripts/machines/two-guests.groovy --stats
machine {
  memory '160M'
  scheduler 'credit'
  guest('shadow') {
    memory '32M'
    technique 'hvm'
    paging 'shadow'
    weight 512
  }
  guest('nested') {
    memory '32M'
    technique 'hvm'
    paging 'nested'
  }
}
