// Makes a real agent meet faults that a healthy machine does not have: a small library, loaded before the C library, that
// fails reads and writes and moves the wall clock as files in a folder tell it. Compiled here, by gcc.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd, type Scope } from "./edge-rig.ts";

const source = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Read early: nginx forgets its environment. */
static char folder[2048];
__attribute__((constructor)) static void begin(void) {
  const char *given = getenv("SHIM_FOLDER");
  if (given != NULL) snprintf(folder, sizeof folder, "%s", given);
}

static int told(const char *name, char *text, int size) {
  char path[4096];
  if (folder[0] == 0) return 0;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
  if (fd < 0) return 0;
  int got = syscall(SYS_read, fd, text, size - 1);
  syscall(SYS_close, fd);
  text[got < 0 ? 0 : got] = 0;
  return got > 0;
}

/* Whether the open file's name holds the text that is told under this name. */
static int meant(const char *name, int fd) {
  char text[1024], link[64], path[4096];
  if (!told(name, text, sizeof text)) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  int got = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  if (got <= 0) return 0;
  path[got] = 0;
  return strstr(path, text) != NULL;
}

#define FAILS(name, code) if (meant(name, fd)) { errno = code; return -1; }
#define REAL(name) static __typeof__(&name) real; if (real == NULL) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t read(int fd, void *to, size_t n) { FAILS("eio", EIO) REAL(read); return real(fd, to, n); }
ssize_t pread(int fd, void *to, size_t n, off_t at) { FAILS("eio", EIO) REAL(pread); return real(fd, to, n, at); }
ssize_t pread64(int fd, void *to, size_t n, off64_t at) { FAILS("eio", EIO) REAL(pread64); return real(fd, to, n, at); }
ssize_t sendfile(int to, int fd, off_t *at, size_t n) { FAILS("eio", EIO) REAL(sendfile); return real(to, fd, at, n); }
ssize_t sendfile64(int to, int fd, off64_t *at, size_t n) { FAILS("eio", EIO) REAL(sendfile64); return real(to, fd, at, n); }
ssize_t write(int fd, const void *from, size_t n) { FAILS("enospc", ENOSPC) REAL(write); return real(fd, from, n); }
ssize_t pwrite(int fd, const void *from, size_t n, off_t at) { FAILS("enospc", ENOSPC) REAL(pwrite); return real(fd, from, n, at); }
ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at) { FAILS("enospc", ENOSPC) REAL(pwrite64); return real(fd, from, n, at); }
ssize_t writev(int fd, const struct iovec *v, int n) { FAILS("enospc", ENOSPC) REAL(writev); return real(fd, v, n); }

static void slowed(int fd) {
  char text[64];
  if (meant("sync-slow-file", fd) && told("sync-slow", text, sizeof text)) usleep(1000 * atoi(text));
}
int fsync(int fd) { FAILS("sync-eio", EIO) slowed(fd); REAL(fsync); return real(fd); }
int fdatasync(int fd) { FAILS("sync-eio", EIO) slowed(fd); REAL(fdatasync); return real(fd); }

/* A process that is told to spin does nothing else any more. */
int epoll_wait(int fd, struct epoll_event *events, int most, int wait) {
  char text[64];
  while (told("spin", text, sizeof text) && atoi(text) == getpid()) for (volatile int i = 0; i >= 0; i = 0);
  REAL(epoll_wait);
  return real(fd, events, most, wait);
}

static long long jump(void) {
  char text[64];
  return told("clock", text, sizeof text) ? atoll(text) : 0;
}
int gettimeofday(struct timeval *tv, void *zone) {
  static int (*real)(struct timeval *, void *);
  if (real == NULL) real = (int (*)(struct timeval *, void *))dlsym(RTLD_NEXT, "gettimeofday");
  int answer = real(tv, zone);
  if (answer == 0 && tv != NULL) tv->tv_sec += jump();
  return answer;
}
int clock_gettime(clockid_t which, struct timespec *ts) {
  REAL(clock_gettime);
  int answer = real(which, ts);
  if (answer == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) ts->tv_sec += jump();
  return answer;
}
`;

export const shimMissing =
  process.platform === "linux" && spawnSync("gcc", ["--version"]).status === 0
    ? false
    : "gcc is not installed, which compiles the faults";

export interface FaultShim {
  readonly environment: Record<string, string>;
  /** Reads of open files whose name holds this text fail with EIO. */
  failReads(text: string): void;
  /** Writes to open files whose name holds this text find no room. */
  fillDisk(text: string): void;
  /** Syncs of open files whose name holds this text fail with EIO. */
  failSyncs(text: string): void;
  /** They take so much longer. */
  slowSyncs(text: string, ms: number): void;
  /** This process of nginx spins from its next event on, and does nothing else. */
  spin(pid: number): void;
  /** Seconds that the wall clock is ahead. */
  setClock(seconds: number): void;
  mend(): void;
}

/** In a folder without a space: those separate libraries. Source: ld.so(8). */
export function openFaultShim(t: Scope): FaultShim {
  const folder = mkdtempSync(join(tmpdir(), "millrace-shim-"));
  atEnd(t, () => rmSync(folder, { recursive: true, force: true }));
  // nginx's workers look into it, whoever they run as.
  chmodSync(folder, 0o755);
  const library = compiled(folder, "shim", source, ["-shared", "-fPIC", "-ldl"]);
  const tell = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  return {
    environment: { LD_PRELOAD: library, SHIM_FOLDER: folder },
    failReads: (text) => tell("eio", text),
    fillDisk: (text) => tell("enospc", text),
    failSyncs: (text) => tell("sync-eio", text),
    slowSyncs: (text, ms) => {
      tell("sync-slow", `${ms}`);
      tell("sync-slow-file", text);
    },
    spin: (pid) => tell("spin", `${pid}`),
    setClock: (seconds) => tell("clock", `${seconds}`),
    mend: () => {
      for (const name of told) rmSync(join(folder, name), { force: true });
    },
  };
}

const told = ["eio", "enospc", "sync-eio", "sync-slow", "sync-slow-file", "spin", "clock"];

function compiled(folder: string, name: string, code: string, flags: readonly string[]): string {
  writeFileSync(join(folder, `${name}.c`), code);
  const made = join(folder, `${name}.made`);
  execFileSync("gcc", ["-w", "-O1", "-o", made, join(folder, `${name}.c`), ...flags]);
  return made;
}

const holder = `
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int pid = atoi(argv[1]);
  if (ptrace(PTRACE_SEIZE, pid, 0, 0) != 0 || ptrace(PTRACE_INTERRUPT, pid, 0, 0) != 0) return 1;
  puts("held");
  fflush(stdout);
  for (;;) pause();
}
`;

/** Holds a process as a debugger does: it neither runs nor is stopped by a signal. False where that is not allowed. */
export async function holdProcess(t: Scope, pid: number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-hold-"));
  atEnd(t, () => rmSync(folder, { recursive: true, force: true }));
  const child = spawn(compiled(folder, "hold", holder, []), [`${pid}`], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  atEnd(t, () => child.kill("SIGKILL"));
  return new Promise((resolve) => {
    child.stdout.once("data", () => resolve(true));
    child.once("exit", () => resolve(false));
  });
}
