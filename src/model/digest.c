/* See digest.h. Invariant: a digest depends on the values of the parameters alone, never on how they are laid
 * out. */
#include "model/digest.h"

#include "model/tensors.h"

void digest_hex(struct sha256_ctx *hash, char hex[DIGEST_DIGITS + 1]) {
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(hash, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    hex[DIGEST_DIGITS] = 0;
}

void nudge_net_digest(const nudge_net *net, char hex[65]) {
    struct tensors tensors = tensors_of_net(net);
    struct sha256_ctx hash;
    sha256_init(&hash);
    tensors_hash(&tensors, &hash);
    digest_hex(&hash, hex);
}
