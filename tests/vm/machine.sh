# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The machines that can be emulated. To be sourced, then `machine ARCH` (as `uname -m` says it) sets

# debian   Debian's name of the architecture
# qemu     its emulator, and with what processor and board
# console  the kernel's console: the first serial port
# wires    the second serial port, for what the command prints, as the emulator makes it
# port     and as the machine calls it
machine() {
	case $1 in
	x86_64)
		debian=amd64 console=ttyS0 port=ttyS1
		qemu=(qemu-system-x86_64 -machine pc -cpu max,-erms,-fsrm)
		wires=(-serial chardev:output)
		;;
	aarch64)
		# its one serial port of the board is a PL011; a computed pauth costs half of an emulated machine's time
		debian=arm64 console=ttyAMA0 port=ttyS0
		qemu=(qemu-system-aarch64 -machine virt -cpu "max,pauth-impdef=on")
		wires=(-device pci-serial,chardev=output)
		;;
	*)
		echo "no emulated machine for the architecture $1: x86_64 or aarch64" >&2
		return 1
		;;
	esac
}

# tests/vm, and where what is downloaded stays
vm=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${vm%/tests/vm}/build/vm
