#include "verify.h"

#ifdef CHEESE_SECP256K1
#include <secp256k1.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_schnorrsig.h>

const char *const VERIFIER = "libsecp256k1 " CHEESE_SECP256K1;

/* The static context holds no secrets and is never written, so that all threads can use it at once. */
bool verify_job(const uint8_t job[JOB_BYTES]) {
  secp256k1_xonly_pubkey key;
  if (!secp256k1_xonly_pubkey_parse(secp256k1_context_static, &key, job)) return false;
  return secp256k1_schnorrsig_verify(secp256k1_context_static, job + 64, job + 32, 32, &key) == 1;
}

#ifdef CHEESE_WRAP_STDERR
#include <stdio.h>
/*
 * Some systems' static library is not compiled as position-independent code. It names one variable that is not its own,
 * stderr, in the message before it aborts on a call with null pointers, which `verify_job` never makes. The linker
 * (--wrap=stderr) gives it this variable, which lies near enough.
 */
extern FILE *__wrap_stderr;
__attribute__((visibility("hidden"))) FILE *__wrap_stderr = NULL;
#endif

#else

const char *const VERIFIER = NULL;

bool verify_job(const uint8_t job[JOB_BYTES]) {
  (void)job;
  return false;
}

#endif
