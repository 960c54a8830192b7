/* See digest.h. Invariant: a digest depends on the values of the parameters alone, never on how they are laid
 * out. */
#include "model/digest.h"

#include "model/parameters.h"

void digest_hex(struct sha256_ctx *hash, char hex[DIGEST_DIGITS + 1]) {
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(hash, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    hex[DIGEST_DIGITS] = 0;
}

void digest_parameters(struct sha256_ctx *hash, const nudge_net *net) {
    unsigned char bytes[PARAMETERS_PORTION * PARAMETER_SIZE];
    struct parameters_place place = PARAMETERS_START;
    size_t count;
    while ((count = parameters_get(net, &place, bytes)) > 0)
        sha256_update(hash, count * PARAMETER_SIZE, bytes);
}

void nudge_net_digest(const nudge_net *net, char hex[65]) {
    struct sha256_ctx hash;
    sha256_init(&hash);
    digest_parameters(&hash, net);
    digest_hex(&hash, hex);
}
