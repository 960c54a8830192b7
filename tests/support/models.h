/* Nets and model files for tests: made, compared, and held against the rules of their format. Every function
 * fails the running test when something is not as it should be. */
#ifndef NUDGE_TESTS_SUPPORT_MODELS_H
#define NUDGE_TESTS_SUPPORT_MODELS_H

#include <jansson.h>
#include <nudge.h>

/* -- nets -- */

float float_of(uint32_t bits);
nudge_net *net_of(nudge_context *context, size_t inputs, const char *text);
/* 3 -> 2 sigmoid -> 2 softmax, with the numbers that are easily lost and everything else that a net carries.
 */
nudge_net *small_net(nudge_context *context);
void save_net(const nudge_net *net, const char *path);
nudge_net *load_net(nudge_context *context, const char *path);
void expect_same_nets(const nudge_net *a, const nudge_net *b);
void expect_same_files(const char *a, const char *b);

/* -- model files -- */

uint64_t header_length(const unsigned char *bytes);
/* The SHA-256 of the bytes. */
void hex_of(char hex[65], const unsigned char *bytes, size_t count);
/* The header's tree, once the file is held against the rules of safetensors: an object that begins at byte 8;
 * __metadata__ maps text to text; each tensor has dtype, shape and data_offsets of its size; in the order of
 * their offsets they cover the rest of the file without holes. (Readers sort by offset; here the tensors must
 * stand in that order already.) */
json_t *check_safetensors(const unsigned char *bytes, size_t count);
const char *metadata_text(const json_t *root, const char *key);

#endif
