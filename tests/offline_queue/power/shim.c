/* Between a process and its disk (LD_PRELOAD): logs what is done to the files below one folder, in order and with the data, and
 * makes the k-th matching call fail, fall short, or be the last thing that the process does.
 *
 * Nothing happens before power_begin(). A log record is, in native byte order and without padding:
 *     u8 what; i32 fd; i64 number (offset, size or open flags); u32 length; that many bytes (data, or a path, or two with \0)
 * Of the calls that failed only syncs are logged. What maps a file into memory and writes there is not seen: SQLite does so with its -shm
 * file only, which it rebuilds after a crash.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum what { BEGIN = 1, OPEN, CLOSE, WRITE, RESIZE, SYNC, UNLINK, RENAME, MKDIR, READ, CUT, FAILED_SYNC };
enum action { NONE, FAIL, KILL, TEAR, SHORT };

#define FDS 4096

static char root[4096];
static size_t root_length;
static unsigned char watched[FDS];
static int log_fd = -1;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static long countdown, matched, hits;
static int action, failure, for_ever;
static unsigned matching;
static const char *spared = "";

#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

static void write_all(const void *data, size_t length)
{
    static ssize_t (*real)(int, const void *, size_t);
    if (!real)
        real = REAL(write);
    while (length) {
        ssize_t done = real(log_fd, data, length);
        if (done <= 0)
            _exit(99);
        data = (const char *)data + done;
        length -= (size_t)done;
    }
}

static void record(int what, int fd, int64_t number, const void *data, size_t length)
{
    unsigned char head[17];
    int32_t fd32 = fd;
    uint32_t length32 = (uint32_t)length;
    if (log_fd < 0)
        return;
    head[0] = (unsigned char)what;
    memcpy(head + 1, &fd32, 4);
    memcpy(head + 5, &number, 8);
    memcpy(head + 13, &length32, 4);
    write_all(head, sizeof head);
    write_all(data, length);
}

/* Watches the files below `folder` from now on; logs to the file `log` (none when empty). The k-th call (from 1) whose `what` is
 * in the bits of `mask` gets `what_then`: FAIL with errno `error`, and so do all later ones when `always`. k 0: none does.
 * Calls on the file named `spare` are never counted. */
__attribute__((visibility("default")))
void power_begin(const char *folder, const char *log, long k, unsigned mask, int what_then, int error, int always, const char *spare)
{
    strncpy(root, folder, sizeof root - 1);
    root_length = strlen(root);
    spared = strdup(spare);
    countdown = k;
    matched = hits = 0;
    matching = mask;
    action = what_then;
    failure = error;
    for_ever = always;
    if (*log) {
        log_fd = REAL(open)(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        if (log_fd < 0)
            _exit(98);
        record(BEGIN, -1, 0, "", 0);
    }
}

/* How many calls have matched. */
__attribute__((visibility("default")))
long power_matched(void)
{
    return matched;
}

/* How many of them the fault has been at. */
__attribute__((visibility("default")))
long power_hits(void)
{
    return hits;
}

static int below(const char *path)
{
    return root_length && !strncmp(path, root, root_length) && (path[root_length] == '/' || !path[root_length]);
}

static int is_spared(const char *path)
{
    const char *name = strrchr(path, '/');
    return *spared && name && !strcmp(name + 1, spared);
}

/* 1: watched; 2: watched and spared from faults. */
static unsigned char kind_of(const char *path)
{
    return below(path) ? (is_spared(path) ? 2 : 1) : 0;
}

static unsigned char kind_of_fd(int fd)
{
    return fd >= 0 && fd < FDS ? watched[fd] : 0;
}

/* What shall happen to this call: NONE, or the action armed. FAIL has set errno. */
static int fate(int what, unsigned char kind)
{
    int hit;
    if (kind != 1 || !(matching >> what & 1))
        return NONE;
    matched++;
    if (action == NONE)
        return NONE;
    hit = for_ever ? (countdown && matched >= countdown) : matched == countdown;
    if (!hit)
        return NONE;
    hits++;
    if (action == KILL)
        kill(getpid(), SIGKILL);
    if (action == FAIL)
        errno = failure;
    return action;
}

static void lock(void) { pthread_mutex_lock(&turn); }

static void unlock(void)
{
    int kept = errno;
    pthread_mutex_unlock(&turn);
    errno = kept;
}

/* Runs `call` (an expression of value `result`) unless the fault armed says otherwise; then `log` when it succeeded. */
#define GUARDED(type, what, kind, call, log)          \
    type result = -1;                                 \
    lock();                                           \
    if (fate(what, kind) != FAIL) {                   \
        result = call;                                \
        if (result >= 0 && (kind)) {                  \
            int kept = errno;                         \
            log;                                      \
            errno = kept;                             \
        }                                             \
    }                                                 \
    unlock();                                         \
    return result

static int opened(int (*real)(int, const char *, int, ...), int at, const char *path, int flags, mode_t mode)
{
    unsigned char kind = kind_of(path);
    GUARDED(int, OPEN, kind, real(at, path, flags, mode), {
        if (result >= FDS)
            _exit(97);
        watched[result] = kind;
        record(OPEN, result, flags, path, strlen(path));
    });
}

#define MODE_OF(flags, last)                                  \
    mode_t mode = 0;                                          \
    if ((flags) & (O_CREAT | __O_TMPFILE)) {                  \
        va_list list;                                         \
        va_start(list, last);                                 \
        mode = va_arg(list, mode_t);                          \
        va_end(list);                                         \
    }

int open(const char *path, int flags, ...) { MODE_OF(flags, flags) return opened(REAL(openat), AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE_OF(flags, flags) return opened(REAL(openat64), AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE_OF(flags, flags) return opened(REAL(openat), at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE_OF(flags, flags) return opened(REAL(openat64), at, path, flags, mode); }

int close(int fd)
{
    unsigned char kind = kind_of_fd(fd);
    int result;
    if (!kind)
        return REAL(close)(fd);
    lock();
    watched[fd] = 0;
    record(CLOSE, fd, 0, "", 0);
    result = REAL(close)(fd);
    unlock();
    return result;
}

/* Writes at `offset`; where the file stands when it is negative. */
static ssize_t written(int fd, const void *data, size_t length, off_t offset)
{
    unsigned char kind = kind_of_fd(fd);
    ssize_t result = -1;
    int then;
    if (!kind)
        return offset < 0 ? REAL(write)(fd, data, length) : REAL(pwrite)(fd, data, length, offset);
    lock();
    then = fate(WRITE, kind);
    if (then != FAIL) {
        off_t at = offset < 0 ? REAL(lseek)(fd, 0, SEEK_CUR) : offset;
        if ((then == TEAR || then == SHORT) && length > 1)
            length /= 2;
        result = offset < 0 ? REAL(write)(fd, data, length) : REAL(pwrite)(fd, data, length, offset);
        if (then == TEAR)
            kill(getpid(), SIGKILL);
        if (result >= 0) {
            int kept = errno;
            record(WRITE, fd, at, data, (size_t)result);
            errno = kept;
        }
    }
    unlock();
    return result;
}

ssize_t write(int fd, const void *data, size_t length) { return written(fd, data, length, -1); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return written(fd, data, length, at); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) { return written(fd, data, length, at); }

ssize_t read(int fd, void *data, size_t length)
{
    unsigned char kind = kind_of_fd(fd);
    if (!kind)
        return REAL(read)(fd, data, length);
    GUARDED(ssize_t, READ, kind, REAL(read)(fd, data, length), ;);
}

ssize_t pread64(int fd, void *data, size_t length, off64_t at)
{
    unsigned char kind = kind_of_fd(fd);
    if (!kind)
        return REAL(pread64)(fd, data, length, at);
    GUARDED(ssize_t, READ, kind, REAL(pread64)(fd, data, length, at), ;);
}

static int resized(int (*real)(int, off64_t), int fd, off64_t size)
{
    unsigned char kind = kind_of_fd(fd);
    GUARDED(int, RESIZE, kind, real(fd, size), record(RESIZE, fd, size, "", 0));
}

int ftruncate(int fd, off_t size) { return resized(REAL(ftruncate64), fd, size); }
int ftruncate64(int fd, off64_t size) { return resized(REAL(ftruncate64), fd, size); }

static int cut(int (*real)(const char *, off64_t), const char *path, off64_t size)
{
    unsigned char kind = kind_of(path);
    GUARDED(int, CUT, kind, real(path, size), record(CUT, -1, size, path, strlen(path)));
}

int truncate(const char *path, off_t size) { return cut(REAL(truncate64), path, size); }
int truncate64(const char *path, off64_t size) { return cut(REAL(truncate64), path, size); }

/* Allocation is logged as the size that the file has afterwards: its blocks read as zeros. */
static int allocated(int fd, off64_t offset, off64_t length)
{
    unsigned char kind = kind_of_fd(fd);
    struct stat64 now;
    int error;
    GUARDED(int, RESIZE, kind, ((error = REAL(posix_fallocate64)(fd, offset, length)) ? (errno = error, -1) : 0), {
        if (fstat64(fd, &now) != 0)
            _exit(96);
        record(RESIZE, fd, now.st_size, "", 0);
    });
}

int posix_fallocate(int fd, off_t offset, off_t length) { return allocated(fd, offset, length) ? errno : 0; }
int posix_fallocate64(int fd, off64_t offset, off64_t length) { return allocated(fd, offset, length) ? errno : 0; }

static int synced(int (*real)(int), int fd)
{
    unsigned char kind = kind_of_fd(fd);
    int result = -1, kept;
    if (!kind)
        return real(fd);
    lock();
    if (fate(SYNC, kind) != FAIL)
        result = real(fd);
    kept = errno;
    record(result ? FAILED_SYNC : SYNC, fd, 0, "", 0);
    errno = kept;
    unlock();
    return result;
}

int fsync(int fd) { return synced(REAL(fsync), fd); }
int fdatasync(int fd) { return synced(REAL(fdatasync), fd); }

/* A disk that has no room for a write says so when it is asked. */
int statvfs64(const char *path, struct statvfs64 *room)
{
    int result = REAL(statvfs64)(path, room);
    if (result == 0 && below(path) && hits && for_ever && failure == ENOSPC)
        room->f_bfree = room->f_bavail = 0;
    return result;
}

int statvfs(const char *path, struct statvfs *room)
{
    int result = REAL(statvfs)(path, room);
    if (result == 0 && below(path) && hits && for_ever && failure == ENOSPC)
        room->f_bfree = room->f_bavail = 0;
    return result;
}

int unlink(const char *path)
{
    unsigned char kind = kind_of(path);
    GUARDED(int, UNLINK, kind, REAL(unlink)(path), record(UNLINK, -1, 0, path, strlen(path)));
}

int rename(const char *from, const char *to)
{
    unsigned char kind = kind_of(from);
    char both[8192];
    size_t first = strlen(from) + 1, second = strlen(to);
    if (first + second >= sizeof both)
        _exit(95);
    memcpy(both, from, first);
    memcpy(both + first, to, second + 1);
    GUARDED(int, RENAME, kind, REAL(rename)(from, to), record(RENAME, -1, 0, both, first + second));
}

int mkdir(const char *path, mode_t mode)
{
    unsigned char kind = kind_of(path);
    GUARDED(int, MKDIR, kind, REAL(mkdir)(path, mode), record(MKDIR, -1, 0, path, strlen(path)));
}
