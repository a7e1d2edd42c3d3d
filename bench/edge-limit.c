/* The limit here: one file by sendfile to whoever sends an empty line, and nothing else. No paths, no log, no checks.
 *
 *   edge-limit FILE PORT     listens on 127.0.0.1, ends with the process that started it */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { most = 1024, chunk = 2 << 20 };
static struct { int owed, last; off_t at; } peers[most];
static int file, headBytes;
static off_t size;
static char head[128];

/* Corked, what sendfile passes on page by page leaves in whole bursts. */
static void cork(int fd, int is) { setsockopt(fd, IPPROTO_TCP, TCP_CORK, &is, sizeof is); }

/* Sends until the socket is full or nothing is owed; 0 when the connection is over. */
static int send_on(int fd) {
  while (peers[fd].owed > 0) {
    cork(fd, 1);
    if (peers[fd].at == 0 && send(fd, head, headBytes, MSG_NOSIGNAL) != headBytes) return 0;
    while (peers[fd].at < size) {
      size_t left = size - peers[fd].at;
      if (sendfile(fd, file, &peers[fd].at, left < chunk ? left : chunk) <= 0) return 1;
    }
    cork(fd, 0);
    peers[fd].at = 0;
    peers[fd].owed--;
  }
  return !peers[fd].last;
}

static int hear(int fd) {
  char text[8192];
  ssize_t n = recv(fd, text, sizeof text - 1, 0);
  if (n <= 0) return 0;
  text[n] = 0;
  for (char *p = text; (p = strstr(p, "\r\n\r\n")); p += 4) peers[fd].owed++;
  if (strstr(text, "Connection: close")) peers[fd].last = 1;
  return send_on(fd);
}

int main(int argc, char **argv) {
  if (argc != 3 || (file = open(argv[1], O_RDONLY)) < 0) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct stat found;
  fstat(file, &found);
  size = found.st_size;
  headBytes = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %lld\r\n\r\n", (long long)size);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2])), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int ear = socket(AF_INET, SOCK_STREAM, 0), one = 1, poll = epoll_create1(0);
  setsockopt(ear, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(ear, (struct sockaddr *)&at, sizeof at) || listen(ear, 64)) return 3;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = ear}, ready[64];
  epoll_ctl(poll, EPOLL_CTL_ADD, ear, &event);
  for (;;) {
    int n = epoll_wait(poll, ready, 64, -1);
    for (int i = 0; i < n; i++) {
      int fd = ready[i].data.fd;
      if (fd == ear) {
        int next = accept4(ear, 0, 0, SOCK_NONBLOCK);
        if (next < 0 || next >= most) return 4;
        memset(&peers[next], 0, sizeof peers[next]);
        setsockopt(next, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        event = (struct epoll_event){.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.fd = next};
        epoll_ctl(poll, EPOLL_CTL_ADD, next, &event);
      } else if (!((ready[i].events & EPOLLIN) ? hear(fd) : send_on(fd))) {
        close(fd);
      }
    }
  }
}
