/* Sets the date and time of day of every program back by BACK seconds. Preloaded in a container of its own; whatever else a
   program asks the kernel for it gets as it is. Back rather than ahead: who waits until a time of day must not wait for a year. */
#include <sys/syscall.h>

struct moment {
    long seconds, rest;
};

long syscall(long number, ...);

int clock_gettime(int clock, struct moment *now) {
    long failed = syscall(SYS_clock_gettime, clock, now);
    /* CLOCK_REALTIME and CLOCK_REALTIME_COARSE. */
    if (!failed && (clock == 0 || clock == 5)) now->seconds -= BACK;
    return (int)failed;
}

int gettimeofday(struct moment *now, void *zone) {
    long failed = syscall(SYS_gettimeofday, now, zone);
    if (!failed && now) now->seconds -= BACK;
    return (int)failed;
}

long time(long *at) {
    long now = syscall(SYS_time, 0) - BACK;
    if (at) *at = now;
    return now;
}
