/*
 * What the C programs of the mining bench share: THREADS threads that each try nonces for MS milliseconds.
 * Says on stdout: tries of all threads, seconds by the clock, seconds of processor time of all threads.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

/* Tries so many nonces from `start` on, none of which hits. */
static void try_nonces(uint64_t start, uint64_t count);

enum { BATCH = 1 << 12 };
static double limit;

static double seconds(clockid_t of) {
  struct timespec now;
  clock_gettime(of, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *run(void *share) {
  uint64_t tries = 0, start = (uint64_t)(uintptr_t)share << 32;
  /* As our own mining threads do where they can. */
  setpriority(PRIO_PROCESS, 0, 10);
  for (double end = seconds(CLOCK_MONOTONIC) + limit; seconds(CLOCK_MONOTONIC) < end; tries += BATCH) try_nonces(start + tries, BATCH);
  return (void *)(uintptr_t)tries;
}

int main(int argc, char **argv) {
  pthread_t thread[256];
  int threads = argc > 1 ? atoi(argv[1]) : 1;
  uint64_t tries = 0;
  limit = (argc > 2 ? atof(argv[2]) : 1000) / 1000;
  double from = seconds(CLOCK_MONOTONIC), worked = seconds(CLOCK_PROCESS_CPUTIME_ID);
  for (int i = 0; i < threads; i++) {
    if (pthread_create(&thread[i], NULL, run, (void *)(uintptr_t)i) != 0) return 1;
  }
  for (int i = 0; i < threads; i++) {
    void *count;
    pthread_join(thread[i], &count);
    tries += (uint64_t)(uintptr_t)count;
  }
  printf("%llu %.6f %.6f\n", (unsigned long long)tries, seconds(CLOCK_MONOTONIC) - from, seconds(CLOCK_PROCESS_CPUTIME_ID) - worked);
  return 0;
}
