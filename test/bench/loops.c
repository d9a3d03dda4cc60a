/*
 * What tracing is measured by. `loops MODE COUNT FILE` does one thing COUNT times and prints how long that took:
 *
 *   direct   an O_DIRECT write of 64 KiB to FILE    open-close   open(2) and close(2) of FILE
 *   fork     fork, exit and wait                    nothing      nothing, to see what the process itself costs
 *
 * `loops programs` prints each loaded BPF program, one JSON object a line: id, name, and with kernel.bpf_stats_enabled
 * how often and how long it ran (bpf(2), struct bpf_prog_info of include/uapi/linux/bpf.h).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 65536 };

static long must(long result, const char *call) {
  if (result != -1) return result;
  fprintf(stderr, "%s: %s\n", call, strerror(errno));
  exit(1);
}

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void write_directly(const char *path, long count) {
  int fd = (int)must(open(path, O_WRONLY | O_CREAT | O_DIRECT, 0644), "open");
  void *block;
  if (posix_memalign(&block, BLOCK, BLOCK) != 0) exit(1);
  memset(block, 'x', BLOCK);
  for (long i = 0; i < count; i++) must(pwrite(fd, block, BLOCK, i % 16 * BLOCK), "pwrite");
  close(fd);
}

static void open_and_close(const char *path, long count) {
  for (long i = 0; i < count; i++) must(close((int)must(open(path, O_RDONLY | O_CREAT, 0644), "open")), "close");
}

static void fork_and_wait(long count) {
  for (long i = 0; i < count; i++) {
    long child = must(fork(), "fork");
    if (child == 0) _exit(0);
    must(waitpid((pid_t)child, NULL, 0), "waitpid");
  }
}

static void list_programs(void) {
  union bpf_attr attr = {0};
  for (uint32_t id = 0;;) {
    memset(&attr, 0, sizeof attr);
    attr.start_id = id;
    if (syscall(SYS_bpf, BPF_PROG_GET_NEXT_ID, &attr, sizeof attr) == -1) return;
    id = attr.next_id;
    memset(&attr, 0, sizeof attr);
    attr.prog_id = id;
    int fd = (int)syscall(SYS_bpf, BPF_PROG_GET_FD_BY_ID, &attr, sizeof attr);
    if (fd == -1) continue;
    struct bpf_prog_info info = {0};
    memset(&attr, 0, sizeof attr);
    attr.info.bpf_fd = (uint32_t)fd;
    attr.info.info_len = sizeof info;
    attr.info.info = (uint64_t)(uintptr_t)&info;
    if (syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof attr) == 0)
      printf("{\"id\":%u,\"name\":\"%s\",\"runs\":%llu,\"ns\":%llu}\n", id, info.name,
             (unsigned long long)info.run_cnt, (unsigned long long)info.run_time_ns);
    close(fd);
  }
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "programs") == 0) {
    list_programs();
    return 0;
  }
  if (argc != 4) return 2;
  long count = atol(argv[2]);
  long long began = now_ns();
  if (strcmp(argv[1], "direct") == 0) write_directly(argv[3], count);
  else if (strcmp(argv[1], "open-close") == 0) open_and_close(argv[3], count);
  else if (strcmp(argv[1], "fork") == 0) fork_and_wait(count);
  else if (strcmp(argv[1], "nothing") != 0) return 2;
  printf("{\"ns\":%lld}\n", now_ns() - began);
  return 0;
}
