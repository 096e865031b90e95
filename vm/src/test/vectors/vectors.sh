#!/bin/sh
# Makes the silicon vectors anew: vm/src/test/vectors/vectors.sh PLAN, where PLAN was written by VectorPlan's main. Needs gcc, gcc-multilib
# and Linux on an x86-64 processor with SSE4.2; writes vm/src/test/resources/vectors/{64,32}.vec.gz.
set -e
plan=$1
here=$(cd "$(dirname "$0")" && pwd)
to=$here/../resources/vectors
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$to"
for bits in 64 32; do
  gcc -m$bits -O1 -Wall -fno-stack-protector -mfsgsbase -o "$tmp/vectors$bits" "$here/vectors.c" 2>/dev/null ||
    gcc -m$bits -O1 -Wall -fno-stack-protector -o "$tmp/vectors$bits" "$here/vectors.c"
  "$tmp/vectors$bits" "$plan" "$tmp/$bits.vec"
  gzip -9 -n -c "$tmp/$bits.vec" > "$to/$bits.vec.gz"
done
ls -l "$to"
