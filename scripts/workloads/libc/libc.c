// What servers and tools in C ask of their C library, to see which calls another one makes for it: built with glibc and
// with musl. Says the same in every run. Usage: libc FOLDER PART...; parts: serve, files
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <syslog.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

extern char** environ;
static char work[500];

#define MUST(what)                                                          \
  do {                                                                      \
    if (!(what)) {                                                          \
      printf("line %d: %s: %s\n", __LINE__, #what, strerror(errno));       \
      fflush(stdout);                                                       \
    }                                                                       \
  } while (0)

static char* At(const char* name) {
  static char paths[4][600];
  static int next;
  char* path = paths[next++ % 4];
  snprintf(path, sizeof paths[0], "%s/%s", work, name);
  return path;
}

static volatile sig_atomic_t caught;
static void Catch(int number) { caught = number; }

// --- Threads: locks, conditions, timeouts, cancellation, thread-local memory, large and small allocations.

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int count;

static void* Work(void* unused) {
  (void)unused;
  for (int i = 0; i < 2000; i++) {
    void* block = malloc(i % 7 == 0 ? 300000 : 100 + i);
    memset(block, 1, 100);
    free(block);
    pthread_mutex_lock(&lock);
    count++;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

static void* Sleep(void* unused) {
  for (;;) sleep(10);
  return unused;
}

static void Threads(void) {
  pthread_t threads[8], sleeper;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 1 << 18);
  for (int i = 0; i < 8; i++) MUST(pthread_create(&threads[i], i % 2 ? &attributes : NULL, Work, NULL) == 0);
  MUST(pthread_create(&sleeper, NULL, Sleep, NULL) == 0);
  pthread_mutex_lock(&lock);
  while (count < 4000) pthread_cond_wait(&changed, &lock);
  struct timespec soon;
  clock_gettime(CLOCK_REALTIME, &soon);
  soon.tv_nsec = (soon.tv_nsec + 1000000) % 1000000000;
  pthread_cond_timedwait(&changed, &lock, &soon);
  pthread_mutex_unlock(&lock);
  for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
  pthread_cancel(sleeper);
  pthread_join(sleeper, NULL);
  pthread_kill(pthread_self(), 0);
  cpu_set_t cpus;
  MUST(sched_getaffinity(0, sizeof cpus, &cpus) == 0);
  sem_t semaphore;
  sem_init(&semaphore, 0, 1);
  sem_wait(&semaphore);
  MUST(sem_timedwait(&semaphore, &soon) != 0);
  sched_yield();
  printf("threads %d\n", count);
  count = 0;
}

// --- A server: workers by fork, each kind of waiting, descriptors passed, the rights of another user.

static void Worker(int listener, int kind) {
  int done = 0;
  int poller = kind == 2 ? epoll_create1(EPOLL_CLOEXEC) : -1;
  struct epoll_event event = {.events = EPOLLIN};
  if (poller >= 0) epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
  while (done < 3) {
    struct pollfd one = {listener, POLLIN, 0};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(listener, &set);
    if (kind == 0) poll(&one, 1, 2000);
    if (kind == 1) select(listener + 1, &set, NULL, NULL, &(struct timeval){2, 0});
    if (kind == 2) epoll_wait(poller, &event, 1, 2000);
    if (kind == 3) ppoll(&one, 1, &(struct timespec){2, 0}, NULL);
    int client = kind % 2 ? accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK) : accept(listener, NULL, NULL);
    if (client < 0) {
      if (errno == EAGAIN) continue;
      break;
    }
    fcntl(client, F_SETFL, fcntl(client, F_GETFL) & ~O_NONBLOCK);
    setsockopt(client, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int));
    char text[100];
    ssize_t length = recv(client, text, sizeof text, 0);
    struct iovec parts[2] = {{"answer ", 7}, {text, length > 0 ? (size_t)length : 0}};
    MUST(writev(client, parts, 2) > 0);
    int file = open(At("page"), O_RDONLY);
    sendfile(client, file, &(off_t){0}, 100);
    close(file);
    shutdown(client, SHUT_WR);
    close(client);
    done++;
  }
  _exit(done);
}

static void Ask(int port) {
  char service[10], text[300] = "";
  snprintf(service, sizeof service, "%d", port);
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found = NULL;
  MUST(getaddrinfo("localhost", service, &hints, &found) == 0 && found);
  if (!found) return;
  int client = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  MUST(connect(client, found->ai_addr, found->ai_addrlen) == 0);
  freeaddrinfo(found);
  send(client, "hello", 5, MSG_NOSIGNAL);
  size_t length = 0;
  ssize_t got;
  while ((got = read(client, text + length, sizeof text - 1 - length)) > 0) length += got;
  MUST(strcmp(text, "answer hellocontent") == 0);
  close(client);
}

static void Names(void) {
  struct addrinfo* found = NULL;
  MUST(getaddrinfo("no-such-host.invalid", "80", NULL, &found) != 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  char host[100];
  getnameinfo((struct sockaddr*)&address, sizeof address, host, sizeof host, NULL, 0, 0);
  MUST(getpwnam("nobody-there") == NULL);
  MUST(getgrnam("nobody-there") == NULL);
  gethostname(host, sizeof host);
}

static void Serve(void) {
  int file = open(At("page"), O_CREAT | O_WRONLY | O_TRUNC, 0644);
  MUST(write(file, "content", 7) == 7);
  close(file);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  MUST(bind(listener, (struct sockaddr*)&address, sizeof address) == 0);
  MUST(listen(listener, 50) == 0);
  socklen_t size = sizeof address;
  MUST(getsockname(listener, (struct sockaddr*)&address, &size) == 0);
  ioctl(listener, FIONBIO, &(int){1});
  for (int kind = 0; kind < 4; kind++) {
    pid_t worker = fork();
    if (worker == 0) {
      setgroups(0, NULL);
      MUST(setgid(33) == 0 && setuid(33) == 0);
      Worker(listener, kind);
    }
    for (int i = 0; i < 3; i++) Ask(ntohs(address.sin_port));
    int status = 0;
    MUST(waitpid(worker, &status, 0) == worker && WEXITSTATUS(status) == 3);
  }
  close(listener);
  // Signals: handlers, waiting for them, descriptors, timers, alarms.
  struct sigaction action = {.sa_handler = Catch, .sa_flags = SA_RESTART};
  sigaction(SIGHUP, &action, NULL);
  sigaction(SIGALRM, &action, NULL);
  raise(SIGHUP);
  MUST(caught == SIGHUP);
  alarm(0);
  setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {0, 20000}}, NULL);
  pause();
  MUST(caught == SIGALRM);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  kill(getpid(), SIGUSR1);
  MUST(sigtimedwait(&set, NULL, &(struct timespec){1, 0}) == SIGUSR1);
  int signals = signalfd(-1, &set, SFD_CLOEXEC), timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), counter = eventfd(0, EFD_CLOEXEC);
  timerfd_settime(timer, 0, &(struct itimerspec){.it_value = {0, 1000}}, NULL);
  uint64_t value = 1;
  MUST(read(timer, &value, 8) == 8 && write(counter, &value, 8) == 8);
  close(signals), close(timer), close(counter);
  // A descriptor over a socket pair, as masters hand them to workers.
  int pair[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = {0};
  struct iovec part = {"x", 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  struct cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &pair[0], sizeof(int));
  MUST(sendmsg(pair[0], &message, 0) == 1);
  char byte;
  part.iov_base = &byte;
  MUST(recvmsg(pair[1], &message, 0) == 1);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  setrlimit(RLIMIT_NOFILE, &limit);
  struct utsname about;
  uname(&about);
  sysconf(_SC_NPROCESSORS_ONLN), sysconf(_SC_PHYS_PAGES);
  usleep(1000);
  openlog("libc", LOG_PID, LOG_DAEMON), syslog(LOG_INFO, "nobody listens"), closelog();
  setsid();
  umask(022);
  Names();
  Threads();
  DIR* folder = opendir(work);
  while (readdir(folder)) continue;
  closedir(folder);
  struct stat about_page;
  MUST(stat(At("page"), &about_page) == 0 && lstat(At("page"), &about_page) == 0 && access(At("page"), R_OK) == 0);
  file = open(At("page"), O_RDWR | O_APPEND | O_CLOEXEC);
  MUST(fstat(file, &about_page) == 0 && pread(file, &byte, 1, 0) == 1 && pwrite(file, "C", 1, 0) == 1);
  void* mapped = mmap(NULL, 7, PROT_READ, MAP_SHARED, file, 0);
  madvise(mapped, 7, MADV_WILLNEED), munmap(mapped, 7), close(file);
  rename(At("page"), At("page.old")), unlink(At("page.old"));
  printf("served\n");
}

// --- Files, and children that are other programs.

static int Remove(const char* path, const struct stat* about, int kind, struct FTW* where) {
  (void)about, (void)kind, (void)where;
  return remove(path);
}

// system(), whose name is taken below.
static int Shell(const char* command) { return system(command); }

static void Files(void) {
  MUST(mkdir(At("a"), 0755) == 0 && mkdir(At("a/b"), 0700) == 0);
  FILE* stream = fopen(At("a/text"), "w+");
  for (int i = 0; i < 5000; i++) fprintf(stream, "line %d\n", i);
  fflush(stream);
  MUST(ftruncate(fileno(stream), 20000) == 0 && fsync(fileno(stream)) == 0 && fdatasync(fileno(stream)) == 0);
  rewind(stream);
  char line[100];
  int lines = 0;
  while (fgets(line, sizeof line, stream)) lines++;
  flock(fileno(stream), LOCK_EX);
  struct flock part = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
  MUST(fcntl(fileno(stream), F_SETLK, &part) == 0);
  MUST(posix_fallocate(fileno(stream), 0, 30000) == 0);
  posix_fadvise(fileno(stream), 0, 0, POSIX_FADV_SEQUENTIAL);
  MUST(fchmod(fileno(stream), 0640) == 0 && fchown(fileno(stream), 1, 1) == 0);
  futimens(fileno(stream), (struct timespec[]){{1, 0}, {2, 0}});
  struct iovec parts[2] = {{line, 10}, {line + 10, 10}};
  MUST(preadv(fileno(stream), parts, 2, 0) == 20 && pwritev(fileno(stream), parts, 2, 0) == 20 && readv(fileno(stream), parts, 2) >= 0);
  fclose(stream);
  MUST(chmod(At("a/text"), 0600) == 0 && chown(At("a/text"), 0, 0) == 0 && truncate(At("a/text"), 100) == 0);
  MUST(symlink("text", At("a/soft")) == 0 && link(At("a/text"), At("a/hard")) == 0 && lchown(At("a/soft"), 1, 1) == 0);
  MUST(readlink(At("a/soft"), line, sizeof line) == 4 && rename(At("a/hard"), At("a/moved")) == 0);
  utimes(At("a/text"), NULL), mkfifo(At("a/pipe"), 0600);
  struct statvfs system;
  MUST(statvfs(work, &system) == 0 && chdir(work) == 0 && getcwd(line, sizeof line) != NULL);
  MUST(realpath("a/soft", NULL) != NULL && rmdir(At("a/b")) == 0);
  glob_t matches;
  (void)glob("a/*", 0, NULL, &matches);
  char name[] = "temporary-XXXXXX", folder[] = "folder-XXXXXX";
  int file = mkstemp(name);
  MUST(file >= 0 && mkdtemp(folder) != NULL && rmdir(folder) == 0);
  int copy = dup2(file, 100);
  MUST(copy == 100 && dup(file) >= 0 && lseek(file, 0, SEEK_END) >= 0);
  close(copy), close(file), unlink(name);
  fclose(tmpfile());
  int found = open(work, O_RDONLY | O_DIRECTORY);
  MUST(faccessat(found, "a/text", W_OK, AT_EACCESS) == 0 && unlinkat(found, "a/pipe", 0) == 0);
  fchdir(found), sync(), syncfs(found), close(found);
  // Children, as libraries start them.
  stream = popen("cat; echo popen", "r");
  while (fgets(line, sizeof line, stream)) continue;
  MUST(pclose(stream) == 0);
  printf("%s%d\n", line, WEXITSTATUS(Shell("exit 3")));
  pid_t child;
  char* words[] = {"sh", "-c", "kill -TERM $$", NULL};
  MUST(posix_spawnp(&child, "sh", NULL, NULL, words, environ) == 0);
  int status;
  MUST(waitpid(child, &status, 0) == child && WTERMSIG(status) == SIGTERM);
  int ends[2], both[2];
  MUST(pipe(ends) == 0 && pipe2(both, O_CLOEXEC) == 0);
  if ((child = vfork()) == 0) {
    execlp("true", "true", NULL);
    _exit(9);
  }
  siginfo_t about;
  MUST(waitid(P_PID, child, &about, WEXITED) == 0 && about.si_status == 0);
  setpgid(0, 0), getpgrp(), getsid(0), getppid(), getpriority(PRIO_PROCESS, 0), nice(0), times(NULL);
  isatty(0), clock(), time(NULL);
  struct rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  struct sysinfo numbers;
  sysinfo(&numbers);
  unsigned char random[16];
  MUST(getentropy(random, sizeof random) == 0);
  void* shared = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  shared = mremap(shared, 1 << 20, 1 << 21, MREMAP_MAYMOVE);
  MUST(shared != MAP_FAILED && mlock(shared, 4096) == 0 && msync(shared, 4096, MS_SYNC) == 0 && mprotect(shared, 4096, PROT_READ) == 0);
  munmap(shared, 1 << 21);
  int memory = shm_open("/whittle-libc", O_CREAT | O_RDWR, 0600);
  MUST(memory >= 0 && shm_unlink("/whittle-libc") == 0);
  sem_t* named = sem_open("/whittle-libc", O_CREAT, 0600, 1);
  MUST(named != SEM_FAILED && sem_unlink("/whittle-libc") == 0);
  printf("files %d\n", lines);
}

int main(int count_of, char** words) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  snprintf(work, sizeof work, "%s/work", words[1]);
  for (int i = 2; i < count_of; i++) {
    mkdir(work, 0777);
    chmod(work, 0777);
    if (strcmp(words[i], "serve") == 0) Serve();
    if (strcmp(words[i], "files") == 0) Files();
    nftw(work, Remove, 10, FTW_DEPTH | FTW_PHYS);
  }
  return 0;
}
