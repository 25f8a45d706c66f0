/*
 * crash.h -- named moments at which a test may end the process as a power cut would: SIGKILL, nothing is cleaned up.
 *
 * Only in a build with -DFAULTS=ON; otherwise a point is nothing. The file that TRIBUTARY_CRASH names says which process and which
 * point, for instance "orders committed"; it is removed by whoever dies of it, so that it happens once.
 */
#ifndef TRIBUTARY_BASE_CRASH_H
#define TRIBUTARY_BASE_CRASH_H

#if defined(CRASH_POINTS)
void crash_point(const char *name);
#define CRASH_POINT(name) crash_point(name)
#else
#define CRASH_POINT(name) ((void)0)
#endif

#endif
