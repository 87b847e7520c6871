/* The least a program can do: no libc, no loader, so that an exec of it costs as little as the kernel allows. */
void _start(void) {
#if defined(__x86_64__)
  __asm__ volatile("xor %edi, %edi\n\tmov $231, %eax\n\tsyscall");
#elif defined(__aarch64__)
  __asm__ volatile("mov x0, #0\n\tmov x8, #94\n\tsvc #0");
#else
#error "no exit_group for this processor yet"
#endif
  __builtin_unreachable();
}
