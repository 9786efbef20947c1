/* What the locks of Rust's standard library order, told to the thread sanitizer.
 *
 * The fast paths of a lock are inlined into our code and seen there. The slow paths are functions of the library, which
 * is compiled without the sanitizer: a lock that had to be waited for would seem never to have been taken. The linker
 * puts these functions around them (--wrap); LOCK, WAIT and ONCE are their names in the library. They are not extern "C",
 * but pointers and bools are passed in the same way.
 */

#include <stdbool.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define JOINED(a, b) a##b
#define NAMED(a, b) JOINED(a, b)
#define REAL(name) NAMED(__real_, name)
#define WRAP(name) NAMED(__wrap_, name)

void REAL(LOCK)(void *mutex);
void REAL(WAIT)(void *condvar, void *mutex);
void REAL(ONCE)(void *once, bool ignore_poison, void *run, void *table, void *caller);

/* Mutex::lock where the mutex is taken. */
void WRAP(LOCK)(void *mutex) {
    REAL(LOCK)(mutex);
    __tsan_acquire(mutex);
}

/* Condvar::wait, which lets go of the mutex and takes it again. */
void WRAP(WAIT)(void *condvar, void *mutex) {
    __tsan_release(mutex);
    REAL(WAIT)(condvar, mutex);
    __tsan_acquire(mutex);
}

/* Once::call, below OnceLock and LazyLock where they are not made yet. */
void WRAP(ONCE)(void *once, bool ignore_poison, void *run, void *table, void *caller) {
    REAL(ONCE)(once, ignore_poison, run, table, caller);
    __tsan_acquire(once);
    __tsan_release(once);
}
