/*
 * An NFS server and its client in one machine, without any of nfs-utils: what rpc.mountd and exportfs tell the kernel
 * is written straight into its caches (net/sunrpc/svcauth_unix.c ip_map_parse, fs/nfsd/export.c svc_export_parse and
 * expkey_parse; each line ends with what the entry means, after the time when it expires).
 */
#ifndef NFS_H
#define NFS_H

#include "acts.h"
#include <dirent.h>
#include <sys/mount.h>

#define NFS_MOUNT "/run/nfs"

/* include/uapi/linux/nfsd/export.h */
enum { EXPORT_INSECURE = 0x2, EXPORT_ASYNC = 0x10, EXPORT_WHOLE = 0x400, EXPORT_ROOT = 0x2000, EXPORT_PNFS = 0x20000 };

/* A write of one line to one of the kernel's files; it may not fail. */
__attribute__((format(printf, 2, 3))) static inline void tell_kernel(const char *path, const char *format, ...) {
  char line[512];
  va_list values;
  va_start(values, format);
  int length = vsnprintf(line, sizeof line, format, values);
  va_end(values);
  int fd = must_fd(open(path, O_WRONLY | O_CLOEXEC));
  if (write(fd, line, (size_t)length) != length) fail(path, errno);
  must(close(fd));
}

static inline void mount_at(const char *what, const char *where, const char *type, const char *options) {
  if (mkdir(where, 0755) == -1 && errno != EEXIST) fail("mkdir", errno);
  if (mount(what, where, type, 0, options) == 0 || errno == EBUSY) return;
  if (errno == ENODEV) cannot("this kernel has no NFS server or no NFS client");
  fail(what, errno);
}

static inline bool has_grace_ended(void) {
  char state = 'N';
  int fd = must_fd(open("/proc/fs/nfsd/v4_end_grace", O_RDONLY | O_CLOEXEC));
  must(read(fd, &state, 1));
  must(close(fd));
  return state == 'Y';
}

/* The server exports `directory` as the root of its name space to this machine; version 4 alone needs no rpcbind. */
static inline void serve_nfs(const char *directory, int flags) {
  if (system("modprobe -q -a nfsd nfsv4") != 0) cannot("modprobe finds no NFS server or no NFS client");
  mount_at("nfsd", "/proc/fs/nfsd", "nfsd", NULL);
  tell_kernel("/proc/net/rpc/auth.unix.ip/channel", "nfsd 127.0.0.1 2147483647 guest\n");
  tell_kernel("/proc/net/rpc/nfsd.export/channel", "guest %s 2147483647 %d 0 0 0\n", directory,
              flags | EXPORT_INSECURE | EXPORT_ASYNC | EXPORT_WHOLE | EXPORT_ROOT);
  tell_kernel("/proc/net/rpc/nfsd.fh/channel", "guest 1 \\x00000000 2147483647 %s\n", directory);
  tell_kernel("/proc/fs/nfsd/versions", "-2 -3 +4 +4.1 +4.2\n");
  // nobody comes back from before, but the server waits for them; shorter than this it does not take
  tell_kernel("/proc/fs/nfsd/nfsv4leasetime", "10\n");
  tell_kernel("/proc/fs/nfsd/nfsv4gracetime", "10\n");
  tell_kernel("/proc/fs/nfsd/portlist", "tcp 2049\n");
  tell_kernel("/proc/fs/nfsd/threads", "1\n");
  while (!has_grace_ended()) wait_ms(100);
}

static inline void mount_nfs(void) {
  mount_at("127.0.0.1:/", NFS_MOUNT, "nfs4", "vers=4.2,addr=127.0.0.1,clientaddr=127.0.0.1,proto=tcp,sec=sys");
  tell(did("mounted"), text("as", "nfs4"));
}

static inline void end_nfs(void) {
  must(umount2(NFS_MOUNT, MNT_DETACH));
  tell_kernel("/proc/fs/nfsd/threads", "0\n");
}

/* The network between server and client, which is lo, takes its time: a recall is then a wait that can be seen. */
static inline void slow_network(void) {
  if (system("tc qdisc add dev lo root netem delay 200ms") != 0) cannot("tc cannot make lo slow");
}

static inline void fast_network(void) { must(system("tc qdisc del dev lo root")); }

/* The pid of the server's one thread. */
static inline pid_t nfsd_pid(void) {
  DIR *all = must_pointer(opendir("/proc"));
  pid_t found = 0;
  for (struct dirent *entry; (entry = readdir(all)) != NULL;) {
    char path[300], comm[32] = "";
    snprintf(path, sizeof path, "/proc/%s/comm", entry->d_name);
    FILE *file = fopen(path, "re");
    if (file == NULL) continue;
    if (fgets(comm, sizeof comm, file) != NULL && strcmp(comm, "nfsd\n") == 0) found = atoi(entry->d_name);
    fclose(file);
  }
  closedir(all);
  if (found == 0) fail("look for nfsd", ESRCH);
  return found;
}

/* Waits until /proc/locks tells of a `class` on the file, and tells what nfsd took: DELEG, or LEASE for a layout. */
static inline void await_kernel_lease(const struct subject *file, const char *class) {
  char wanted[32], line[256];
  snprintf(wanted, sizeof wanted, ":%lld ", file->ino);
  for (int tries = 0; tries < 300; tries++) {
    FILE *locks = must_pointer(fopen("/proc/locks", "re"));
    bool is_there = false;
    while (fgets(line, sizeof line, locks) != NULL)
      if (strstr(line, class) != NULL && strstr(line, wanted) != NULL) {
        is_there = true;
        tell(did("kernel-lease"), about(file), text("class", class), num("nfsd", nfsd_pid()),
             text("type", strstr(line, "WRITE") != NULL ? "write" : "read"));
      }
    fclose(locks);
    if (is_there) return;
    wait_ms(100);
  }
  cannot("nfsd gave no delegation or layout out: /proc/locks shows none");
}

#endif
