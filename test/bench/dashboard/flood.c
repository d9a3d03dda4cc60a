/*
 * A stand-in for bpftrace on a very busy host: prints rows as probes do, at a steady rate, until SIGINT.
 *
 *   FLOOD_RATE=100000 FLOOD_FILES=10000 FLOOD_PROCESSES=2000 flood [bpftrace's options, unread]
 *
 * Each file goes through the same life over and over: opened, leased, pinned, handed to another process, let go. One in
 * fifty is truncated under its pin and makes the truncate wait. Rows of all files are mixed.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEV ((254 << 20) | 16)
#define STEPS 14
#define FIRST_PID 1000

enum kind { HELLO, BEAT, BYE, FORKED, NAMED, INSTALLED, CLOSED, SENT, FINAL, ADDED, RELEASED, TAKEN, DROPPED, TBEGAN, TENDED, WBEGAN, WENDED, KINDS };
static const char *const names[KINDS] = {
	"hello", "beat", "bye", "task.forked", "inode.named", "fd.installed", "fd.closed", "fd.sent", "file.finalClosed",
	"lease.added", "lease.released", "pin.taken", "pin.dropped", "truncate.began", "truncate.ended", "wait.began", "wait.ended",
};
static long fired[KINDS];
static char buffer[1 << 20];
static size_t used;
static volatile sig_atomic_t stopping;

static void on_sigint(int signal) { (void)signal; stopping = 1; }

static long long now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void flush(void)
{
	for (size_t at = 0; at < used;) {
		ssize_t n = write(1, buffer + at, used - at);
		if (n < 0) exit(141);
		at += n;
	}
	used = 0;
}

#define ROW(kind, ts, pid, columns, ...) ({ \
	fired[kind]++; \
	used += snprintf(buffer + used, 512, "{\"type\": \"value\", \"data\": [\"%s\",%lld,%d,%d,%d,\"worker-%d\"" columns "]}\n", \
		names[kind], ts, (pid) & 1, pid, pid, (pid) % 100, ##__VA_ARGS__); \
	if (used > sizeof buffer - 1024) flush(); \
})

static void counters(void)
{
	used += sprintf(buffer + used, "{\"type\": \"map\", \"data\": {\"@fired\": {");
	for (int kind = 0, first = 1; kind < KINDS; kind++) {
		if (fired[kind] == 0) continue;
		used += sprintf(buffer + used, "%s\"%s\": %ld", first ? "" : ", ", names[kind], fired[kind]);
		first = 0;
	}
	used += sprintf(buffer + used, "}}}\n");
	flush();
}

/* One step in the life of a file; `turn` makes the pointers of each life new ones. */
static void live(long long ts, int file, int step, long turn, int processes)
{
	int ino = 1000 + file, owner = FIRST_PID + file % processes, other = FIRST_PID + (file + 7) % processes;
	int third = FIRST_PID + (file + 13) % processes, truncated = file % 50 == 0;
	long id = turn * 1000000L + file, ptr = id * 64 + 8, object = ptr + 16, page = ptr + 32;
	switch (step) {
	case 0: ROW(INSTALLED, ts, owner, ",5,%ld,%d,%d,3,%ld,0", ptr, DEV, ino, object); break;
	case 1: ROW(ADDED, ts, owner, ",%ld,%ld,%d,%d,32,1,5", ptr, ptr, DEV, ino); break;
	case 2: ROW(TAKEN, ts, owner, ",%ld,%ld,%d,%d,%ld,0,256,1048576,0,1,1,\"io_uring-buffer\",\"\"", object, object, DEV, ino, page); break;
	case 3: ROW(SENT, ts, owner, ",%ld,%d,%d,3,%ld,0,1", ptr, DEV, ino, object); break;
	case 4: ROW(INSTALLED, ts, other, ",9,%ld,%d,%d,3,%ld,1", ptr, DEV, ino, object); break;
	case 5: truncated ? ROW(TBEGAN, ts, third, ",%d,%d,1048576,0,2,\"data\"", DEV, ino)
		: ROW(INSTALLED, ts, other, ",10,%ld,%d,%d,3,%ld,0", ptr, DEV, ino, object); break;
	case 6: truncated ? ROW(WBEGAN, ts, third, ",%d,%d,%ld,\"dax-page\"", DEV, ino, page)
		: ROW(CLOSED, ts, other, ",10,%ld,%d,%d,3,%ld", ptr, DEV, ino, object); break;
	case 7: if (!truncated) ROW(INSTALLED, ts, owner, ",6,%ld,%d,%d,3,%ld,0", ptr, DEV, ino, object); break;
	case 8: if (!truncated) ROW(CLOSED, ts, owner, ",6,%ld,%d,%d,3,%ld", ptr, DEV, ino, object); break;
	case 9: ROW(DROPPED, ts, owner, ",%ld,%ld,256,0,\"io_uring-buffer\"", object, page); break;
	case 10: if (truncated) { ROW(WENDED, ts, third, ",%d,%d", DEV, ino); ROW(TENDED, ts, third, ",%d,%d,0", DEV, ino); }
		ROW(RELEASED, ts, owner, ",%ld,%ld,%ld,%d,%d,32,1,1,%d", ptr, ptr, ptr, DEV, ino, owner); break;
	case 11: ROW(CLOSED, ts, owner, ",5,%ld,%d,%d,3,%ld", ptr, DEV, ino, object); break;
	case 12: ROW(CLOSED, ts, other, ",9,%ld,%d,%d,3,%ld", ptr, DEV, ino, object); break;
	case 13: ROW(FINAL, ts, other, ",%ld,%d,%d,3,%ld,0,\"__fput\"", ptr, DEV, ino, object); break;
	}
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[argc - 1], "--version") == 0) return puts("bpftrace v0.27.0") < 0;
	/* bpftrace's own options come after ours */
	long rate = atol(getenv("FLOOD_RATE") ? getenv("FLOOD_RATE") : "100000");
	int files = atoi(getenv("FLOOD_FILES") ? getenv("FLOOD_FILES") : "10000");
	int processes = atoi(getenv("FLOOD_PROCESSES") ? getenv("FLOOD_PROCESSES") : "2000");
	signal(SIGINT, on_sigint);
	signal(SIGPIPE, SIG_DFL);
	long long start = now_ns(), beat = start + 1000000000LL;
	ROW(HELLO, start, 1, ",1");
	for (int i = 0; i < processes; i++) ROW(FORKED, start + i, 1, ",%d,0", FIRST_PID + i);
	for (int i = 0; i < files; i++) {
		ROW(NAMED, start + processes + i, FIRST_PID, ",%d,%d,%d,0,\"file-%05d\",\"xfs\"", 1000 + i, DEV, 1000 + i, i);
		ROW(NAMED, start + processes + i, FIRST_PID, ",%d,%d,%d,1,\"/\",\"xfs\"", 1000 + i, DEV, 1000 + i);
	}
	for (long n = 0; !stopping;) {
		long long now = now_ns();
		long due = (long)((now - start) / 1e9 * rate);
		for (; n < due; n++) {
			long long ts = start + 50000000LL + (long long)(n * (1e9 / rate));
			int file = n % files;
			/* Files are at different steps of their lives. */
			long life = n / files + (file * 5) % STEPS;
			live(ts, file, life % STEPS, life / STEPS, processes);
			if (ts >= beat) {
				ROW(BEAT, ts, 1, "");
				counters();
				beat += 1000000000LL;
			}
		}
		flush();
		usleep(2000);
	}
	ROW(BYE, now_ns() + 100000000LL, 1, "");
	counters();
	return 0;
}
