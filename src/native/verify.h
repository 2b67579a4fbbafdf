/* BIP 340 signatures by Bitcoin Core's libsecp256k1, where the addon was built with it. */
#ifndef CHEESE_VERIFY_H
#define CHEESE_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* public key 32, message 32, signature 64 */
#define JOB_BYTES 128

/* What verifies, or null when nothing does. */
extern const char *const VERIFIER;

bool verify_job(const uint8_t job[JOB_BYTES]);

#endif
