/*
 * A direct write of 64 KiB to a slow device, whose buffer is a mapped DAX file: for the 3 s of the write its pages are
 * pinned, short-term. Half a second into it another process truncates the file, and waits for the write to end.
 *
 * 6.1 misses the wake-up: the write ends, its process is gone, nobody holds anything, and truncate sleeps on in
 * xfs_break_dax_layouts. A stop and a continue signal wake it, and it goes through. The late point is in between.
 */
#include "acts.h"

enum { BUFFER_PAGES = 16, TRUNCATES_AFTER_MS = 500, PATIENCE_MS = 10000, POLL_MS = 50 };

static struct subject file;
static const char *slow_device;
static struct turn write_comes;

static void write_slowly(void) {
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  char *address = map_shared(fd, BUFFER_PAGES, PROT_READ | PROT_WRITE);
  int device = must_fd(open(slow_device, O_WRONLY | O_DIRECT | O_CLOEXEC));
  wait_a_beat();
  tell(did("pages-pinned"), about(&file), text("via", "direct-io"), num("pages", BUFFER_PAGES),
       num("bytes", BUFFER_PAGES * PAGE), num("longterm", 0), list("fds", 1, &device));
  give(write_comes);
  long long began = now_ns();
  must(pwrite(device, address, (size_t)BUFFER_PAGES * PAGE, 0));
  tell(did("pages-released"), about(&file), num("pages", BUFFER_PAGES), num("waited_ms", ms_since(began)));
}

static void truncate_it(void) { truncate_and_tell(&file, 0); }

static bool is_gone(pid_t child) {
  siginfo_t info = {0};
  must(waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT));
  return info.si_pid == child;
}

int main(void) {
  begin_story(NULL);
  slow_device = lab_directory("LAB_SLOW");
  file = fresh_file(lab_directory("LAB_DAX"), "direct-io-slow", BUFFER_PAGES);
  write_comes = new_turn();
  pid_t writer = start(write_slowly);
  await(write_comes);
  wait_ms(TRUNCATES_AFTER_MS);
  pid_t truncater = start(truncate_it);
  await_exit(writer);
  for (int waited = 0; waited < PATIENCE_MS && !is_gone(truncater); waited += POLL_MS) wait_ms(POLL_MS);
  if (!is_gone(truncater)) {
    late_point();
    tell(did("woken"), num("who", truncater), text("by", "SIGSTOP and SIGCONT"));
    must(kill(truncater, SIGSTOP));
    must(kill(truncater, SIGCONT));
  } else if (getenv("LAB_GO") != NULL) {
    cannot("the truncate woke by itself: there is nothing to see late");
  }
  await_exit(truncater);
  return 0;
}
