/*
 * What every workload needs: to tell what it did, system calls that may not fail, and processes that take turns.
 *
 * The truth is one JSON object per line on stdout, written by one write(2) each, so that the lines of several
 * processes never mix (pipe(7): writes of up to PIPE_BUF bytes are atomic). Times are CLOCK_MONOTONIC, which equals
 * the CLOCK_BOOTTIME of whopins' rows in a guest that was never suspended (clock_gettime(2)).
 *
 * A workload that fails says so in a row and exits 1; one that its kernel or its machine cannot play exits 77.
 */
#ifndef STORY_H
#define STORY_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Played late, a story waits for three walks under software emulation. */
enum { EXIT_CANNOT = 77, LONGEST_STORY_S = 1500 };

/* ---- the truth ---- */

/* One member of a row. */
struct fact {
  const char *name;
  enum { FACT_END, FACT_NUMBER, FACT_TEXT, FACT_LIST } kind;
  long long number;
  const char *text;
  const int *list;
  int count;
};

static inline struct fact num(const char *name, long long number) {
  return (struct fact){.name = name, .kind = FACT_NUMBER, .number = number};
}

static inline struct fact text(const char *name, const char *value) {
  return (struct fact){.name = name, .kind = FACT_TEXT, .text = value};
}

static inline struct fact list(const char *name, int count, const int *numbers) {
  return (struct fact){.name = name, .kind = FACT_LIST, .list = numbers, .count = count};
}

/* What happened; always the first fact of a row. */
static inline struct fact did(const char *what) { return text("did", what); }

static inline long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

struct line {
  char bytes[PIPE_BUF];
  size_t used;
};

__attribute__((format(printf, 2, 3))) static inline void line_add(struct line *line, const char *format, ...) {
  size_t room = sizeof line->bytes - line->used;
  va_list values;
  va_start(values, format);
  int wanted = vsnprintf(line->bytes + line->used, room, format, values);
  va_end(values);
  if (wanted < 0 || (size_t)wanted >= room) abort();
  line->used += (size_t)wanted;
}

static inline void line_add_text(struct line *line, const char *value) {
  line_add(line, "\"");
  for (; *value != '\0'; value++) {
    if (*value == '"' || *value == '\\') line_add(line, "\\%c", *value);
    else if ((unsigned char)*value < ' ') line_add(line, "\\u%04x", (unsigned char)*value);
    else line_add(line, "%c", *value);
  }
  line_add(line, "\"");
}

static inline void line_add_fact(struct line *line, const struct fact *fact) {
  line_add(line, ",\"%s\":", fact->name);
  if (fact->kind == FACT_NUMBER) line_add(line, "%lld", fact->number);
  if (fact->kind == FACT_TEXT) line_add_text(line, fact->text);
  if (fact->kind == FACT_LIST) {
    for (int i = 0; i < fact->count; i++) line_add(line, "%c%d", i == 0 ? '[' : ',', fact->list[i]);
    line_add(line, "%s]", fact->count == 0 ? "[" : "");
  }
}

static inline void tell_facts(const struct fact *facts) {
  char comm[16] = "";
  prctl(PR_GET_NAME, comm);
  struct line line = {.used = 0};
  line_add(&line, "{\"t_ns\":%lld,\"pid\":%d,\"comm\":", now_ns(), (int)getpid());
  line_add_text(&line, comm);
  for (; facts->kind != FACT_END; facts++) line_add_fact(&line, facts);
  line_add(&line, "}\n");
  if (write(STDOUT_FILENO, line.bytes, line.used) != (ssize_t)line.used) _exit(1);
}

/* Tells one row: tell(did("unmapped"), num("pages", 16)). */
#define tell(...) tell_facts((const struct fact[]){__VA_ARGS__, {.kind = FACT_END}})

/* ---- endings ---- */

static pid_t story_main;

/* Ends the story from any of its processes: the main one exits with `code`, the kernel then kills the others. */
static inline _Noreturn void end_story(int code) {
  if (getpid() != story_main) {
    sigqueue(story_main, SIGUSR1, (union sigval){.sival_int = code});
    pause();
  }
  exit(code);
}

static inline _Noreturn void fail(const char *call, int error) {
  tell(did("failed"), text("call", call), num("errno", error), text("why", strerror(error)));
  end_story(1);
}

/* This kernel or this machine cannot play the story: not a failure of anybody. */
static inline _Noreturn void cannot(const char *why) {
  tell(did("cannot"), text("why", why));
  end_story(EXIT_CANNOT);
}

static inline long must_not_fail(long result, const char *call) {
  if (result == -1) fail(call, errno);
  return result;
}

/* The value of a call that returns -1 on failure; it may not fail. */
#define must(call) must_not_fail((long)(call), #call)
#define must_fd(call) ((int)must(call))

static inline void *must_not_be_null(void *result, const char *call) {
  if (result == NULL || result == (void *)-1) fail(call, errno);
  return result;
}

/* The same for calls that return a pointer: NULL or MAP_FAILED on failure. */
#define must_pointer(call) must_not_be_null((call), #call)

/* What a call returned, the way the kernel says it: 0 or more, or a negative errno. */
static inline long kernel_result(long result) { return result == -1 ? -errno : result; }

/* ---- processes that take turns ---- */

static inline void on_end(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)context;
  _exit(info->si_value.sival_int);
}

static inline void on_too_long(int signal) {
  (void)signal;
  tell(did("failed"), text("call", "the whole story"), num("errno", ETIMEDOUT), text("why", "took too long"));
  _exit(1);
}

/* Comes first in main(). `comm` names all processes of the story; NULL leaves the program's name. */
static inline void begin_story(const char *comm) {
  story_main = getpid();
  if (comm != NULL) prctl(PR_SET_NAME, comm);
  struct sigaction end = {.sa_sigaction = on_end, .sa_flags = SA_SIGINFO};
  must(sigaction(SIGUSR1, &end, NULL));
  struct sigaction too_long = {.sa_handler = on_too_long};
  must(sigaction(SIGALRM, &too_long, NULL));
  alarm(LONGEST_STORY_S);
  // a process whose parent has exited is awaited by the main one
  must(prctl(PR_SET_CHILD_SUBREAPER, 1));
}

/* Starts a process that does `act` and exits with 0. It does not outlive the story, but may outlive its parent. */
static inline pid_t start(void (*act)(void)) {
  pid_t child = (pid_t)must(fork());
  if (child != 0) return child;
  alarm(LONGEST_STORY_S);
  if (getppid() == story_main) must(prctl(PR_SET_PDEATHSIG, SIGKILL));
  act();
  _exit(0);
}

/* Waits until a child of this process is gone, and tells. */
static inline void await_exit(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) == -1)
    if (errno != EINTR) fail("waitpid", errno);
  tell(did("exited"), num("who", child), num("status", WEXITSTATUS(status)),
       num("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0));
}

/* A turn given by one process to another: an eventfd, so that nothing but the turn is passed. */
struct turn {
  int fd;
};

static inline struct turn new_turn(void) {
  return (struct turn){must_fd(eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE))};
}

static inline void give(struct turn turn) { must(eventfd_write(turn.fd, 1)); }

static inline void await(struct turn turn) {
  eventfd_t value;
  while (eventfd_read(turn.fd, &value) == -1)
    if (errno != EINTR) fail("eventfd_read", errno);
}

static inline void wait_ms(long ms) {
  struct timespec left = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&left, &left) == -1 && errno == EINTR) continue;
}

/* Acts are a second apart, so that a timeline can be read. */
static inline void wait_a_beat(void) { wait_ms(1000); }

/*
 * The pinning process is gone. Where the lab set LAB_GO, whopins is asked only now, and starts to record; when it does,
 * the lab makes the file of that name. Nothing of the story may move until then.
 */
static inline void late_point(void) {
  const char *go = getenv("LAB_GO");
  if (go == NULL) return;
  tell(did("late-point"));
  struct stat status;
  while (stat(go, &status) == -1) wait_ms(100);
  tell(did("gone-on"));
}

static inline long long ms_since(long long began_ns) { return (now_ns() - began_ns + 500000) / 1000000; }

#endif
