/* SHA-256 as the model file uses it. */
#ifndef NUDGE_MODEL_DIGEST_H
#define NUDGE_MODEL_DIGEST_H

#include <nettle/sha2.h>
#include <nudge.h>

enum { DIGEST_DIGITS = 2 * SHA256_DIGEST_SIZE };

/* The digest of what the hash has taken in, in lower-case hexadecimal with a NUL. */
void digest_hex(struct sha256_ctx *hash, char hex[DIGEST_DIGITS + 1]);

#endif
