/*
 * Acts that several stories share, each of which tells what it did: a fresh file, a lease, pages pinned by a pipe,
 * descriptors handed over, a truncate.
 */
#ifndef ACTS_H
#define ACTS_H

#include "story.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

enum { PAGE = 4096, MOST_FDS = 8 };

/* ---- the file that the story is about ---- */

struct subject {
  char path[256];
  char dev[24];
  long long ino;
};

/* The three facts that name it in a row. */
#define about(file) text("file", (file)->path), text("dev", (file)->dev), num("ino", (file)->ino)

/* The directory that the lab names in `variable`. */
static inline const char *lab_directory(const char *variable) {
  const char *directory = getenv(variable);
  if (directory == NULL) {
    char why[96];
    snprintf(why, sizeof why, "%s is not set: play this story in the lab", variable);
    cannot(why);
  }
  return directory;
}

static inline struct subject describe(const char *path) {
  struct stat status;
  must(stat(path, &status));
  struct subject file = {.ino = (long long)status.st_ino};
  snprintf(file.path, sizeof file.path, "%s", path);
  snprintf(file.dev, sizeof file.dev, "%u:%u", major(status.st_dev), minor(status.st_dev));
  return file;
}

/* A new file of `pages` pages, every block of it written, with no open descriptor left. */
static inline struct subject fresh_file(const char *directory, const char *name, int pages) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  if (unlink(path) == -1 && errno != ENOENT) fail("unlink", errno);
  int fd = must_fd(open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  char page[PAGE];
  for (int i = 0; i < pages; i++) {
    memset(page, 'a' + i % 26, sizeof page);
    must(pwrite(fd, page, sizeof page, (off_t)i * PAGE));
  }
  must(fsync(fd));
  must(close(fd));
  struct subject file = describe(path);
  tell(did("file-made"), about(&file), num("pages", pages));
  return file;
}

static inline char *map_shared(int fd, int pages, int protection) {
  return must_pointer(mmap(NULL, (size_t)pages * PAGE, protection, MAP_SHARED, fd, 0));
}

static inline void unmap(const struct subject *file, char *address, int pages) {
  must(munmap(address, (size_t)pages * PAGE));
  tell(did("unmapped"), about(file), num("pages", pages));
}

/* Keeps one page of the file mapped, and touched, with no descriptor of it open. */
static inline void map_one_page(const struct subject *file) {
  int fd = must_fd(open(file->path, O_RDONLY | O_CLOEXEC));
  volatile char *page = map_shared(fd, 1, PROT_READ);
  (void)page[0];
  tell(did("mapped"), about(file), num("pages", 1));
  must(close(fd));
}

static inline void close_file(const struct subject *file, int fd) {
  must(close(fd));
  tell(did("file-closed"), about(file), num("fd", fd));
}

/* ---- leases ---- */

/* F_SETLEASE with F_RDLCK or F_WRLCK; the break signal must be blocked or handled before. */
static inline void take_lease(const struct subject *file, int fd, int type) {
  must(fcntl(fd, F_SETLEASE, type));
  tell(did("lease-taken"), about(file), num("fd", fd), text("type", type == F_WRLCK ? "write" : "read"));
}

static inline void release_lease(const struct subject *file, int fd) {
  must(fcntl(fd, F_SETLEASE, F_UNLCK));
  tell(did("lease-released"), about(file), num("fd", fd));
}

/* SIGIO kills a process that neither blocks nor handles it (signal(7)); blocked, it can be waited for. */
static inline void block_sigio(void) {
  sigset_t sigio;
  sigemptyset(&sigio);
  sigaddset(&sigio, SIGIO);
  must(sigprocmask(SIG_BLOCK, &sigio, NULL));
}

/* Waits for the break signal, at most `ms`; tells and returns whether it came. */
static inline bool await_sigio(long ms) {
  sigset_t sigio;
  sigemptyset(&sigio);
  sigaddset(&sigio, SIGIO);
  struct timespec limit = {ms / 1000, ms % 1000 * 1000000};
  siginfo_t info;
  if (sigtimedwait(&sigio, &info, &limit) == -1) {
    if (errno != EAGAIN) fail("sigtimedwait", errno);
    return false;
  }
  tell(did("signalled"), num("signal", info.si_signo));
  return true;
}

/* open(2), told before and after; returns the descriptor, or a negative errno. */
static inline int open_and_tell(const struct subject *file, int flags) {
  const char *mode = (flags & O_ACCMODE) == O_RDONLY ? "read" : "write";
  tell(did("open-began"), about(file), text("mode", mode));
  long long began = now_ns();
  int result = (int)kernel_result(open(file->path, flags | O_CLOEXEC));
  tell(did("open-ended"), about(file), text("mode", mode), num("result", result), num("waited_ms", ms_since(began)));
  return result;
}

/* Opens the file for as long as a beat; it may have to wait, but must get in. */
static inline void visit(const struct subject *file, int flags) {
  int fd = open_and_tell(file, flags);
  if (fd < 0) fail("open", -fd);
  wait_a_beat();
  close_file(file, fd);
}

/* ---- pins ---- */

/* Fills the pipe with references to mapped pages: vmsplice(2) pins each of them until it is read. */
static inline void pin_by_pipe(const struct subject *file, const int pipe_fds[2], char *address, int pages) {
  struct iovec range = {address, (size_t)pages * PAGE};
  long taken = must(vmsplice(pipe_fds[1], &range, 1, 0));
  if (taken != (long)range.iov_len) fail("vmsplice: the pipe took a part", EAGAIN);
  tell(did("pages-pinned"), about(file), text("via", "vmsplice"), num("pages", pages), num("bytes", taken),
       num("longterm", 0), list("fds", 2, pipe_fds));
}

/* Reads the pipe empty: each page read is a page let go. */
static inline void drain_pipe(const struct subject *file, const int pipe_fds[2], int pages) {
  char page[PAGE];
  for (int i = 0; i < pages; i++) must(read(pipe_fds[0], page, sizeof page));
  tell(did("pages-released"), about(file), num("pages", pages), list("fds", 2, pipe_fds));
}

/* ---- hand-overs ---- */

/* A pair of connected sockets: [0] for the sender, [1] for the receiver. Made first, it has the lowest numbers. */
struct channel {
  int fds[2];
};

static inline struct channel new_channel(void) {
  struct channel channel;
  must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel.fds));
  return channel;
}

/* Sends descriptors over SCM_RIGHTS (unix(7)), and its own pid with them, for the receiver to tell; `to` is only told. */
static inline void send_fds(struct channel channel, const int *fds, int count, pid_t to) {
  pid_t sender = getpid();
  struct iovec data = {&sender, sizeof sender};
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * MOST_FDS)] = {0};
  struct msghdr message = {.msg_iov = &data,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count)};
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
  memcpy(CMSG_DATA(rights), fds, sizeof(int) * (size_t)count);
  must(sendmsg(channel.fds[0], &message, 0));
  tell(did("fds-sent"), list("fds", count, fds), num("to", to));
}

/* Receives exactly `count` descriptors into `fds`. The sender's end goes first: its number is the one received. */
static inline void receive_fds(struct channel channel, int *fds, int count) {
  must(close(channel.fds[0]));
  pid_t sender = 0;
  struct iovec data = {&sender, sizeof sender};
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * MOST_FDS)] = {0};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  must(recvmsg(channel.fds[1], &message, MSG_CMSG_CLOEXEC));
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  if (rights == NULL || rights->cmsg_len != CMSG_LEN(sizeof(int) * (size_t)count)) fail("recvmsg", EPROTO);
  memcpy(fds, CMSG_DATA(rights), sizeof(int) * (size_t)count);
  tell(did("fds-received"), list("fds", count, fds), num("from", sender), text("how", "scm_rights"));
}

/* Tells that what was sent lies in the queue of `keeper`'s socket `fd`, and in no process's table. */
static inline void tell_in_flight(pid_t keeper, int fd) {
  tell(did("in-flight"), num("keeper", keeper), list("fds", 1, &fd));
}

/* Takes descriptors out of a process (pidfd_getfd(2)). */
static inline void steal_fds(pid_t holder, const int *theirs, int *ours, int count) {
  int pidfd = must_fd(syscall(SYS_pidfd_open, holder, 0));
  for (int i = 0; i < count; i++) ours[i] = must_fd(syscall(SYS_pidfd_getfd, pidfd, theirs[i], 0));
  must(close(pidfd));
  tell(did("fds-received"), list("fds", count, ours), num("from", holder), text("how", "pidfd_getfd"));
}

/* ---- operations ---- */

/* truncate(2), told before and after; returns 0 or a negative errno. */
static inline int truncate_and_tell(const struct subject *file, off_t size) {
  tell(did("truncate-began"), about(file), num("to", size));
  long long began = now_ns();
  int result = (int)kernel_result(truncate(file->path, size));
  tell(did("truncate-ended"), about(file), num("to", size), num("result", result),
       num("waited_ms", ms_since(began)));
  return result;
}

#endif
