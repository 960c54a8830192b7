/* JSON on standard output: one object a line, its fields in the order in which they were added. */
#ifndef NUDGE_CLI_TELL_JSON_H
#define NUDGE_CLI_TELL_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A number, or null where it is not finite. */
json_t *json_figure(double value);
json_t *json_count(uint64_t value);
/* A text, or null. */
json_t *json_text(const char *text);

/* Adds a field; takes over `value`. Where there is no memory (NULL), it is json_line that fails. */
void json_add(json_t *object, const char *name, json_t *value);
/* The same, to an array. */
void json_append(json_t *array, json_t *value);

/* *root = the tree of the text, NULL when it is no JSON; it lives until json_read_end. False: no memory for
 * it. jansson's reader (2.14) does not survive a failed allocation: it is served from one block, the most
 * that it can need. */
bool json_read(const char *text, json_t **root);
void json_read_end(void);

/* Writes the object as a line, real numbers with `digits` significant digits, and frees it. EXIT_FAILED when there was no memory
 * to make it whole, which is told; also by the process's end, for who does not ask. What cannot be written is the stream's. */
int json_line(json_t *object, FILE *stream, int digits);
enum { JSON_DIGITS = 9 };
/* A line of its own on standard output, out at once: who reads the events sees each as it happens. */
void json_event(json_t *object);

#endif
