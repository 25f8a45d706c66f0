/*
 * flush.c -- in a build for coverage, a process that dies of a signal or leaves by _exit says first what it took.
 *
 * Linked into every unit test of such a build, with the linker's --wrap for both calls; see CMakeLists.txt.
 */
#include <signal.h>
#include <unistd.h>

void __gcov_dump(void);
int __real_raise(int number);
_Noreturn void __real__exit(int code);
int __wrap_raise(int number);
_Noreturn void __wrap__exit(int code);

int __wrap_raise(int number)
{
	__gcov_dump();
	return __real_raise(number);
}

_Noreturn void __wrap__exit(int code)
{
	__gcov_dump();
	__real__exit(code);
}
